import { ARITHMETIC } from './arithmetic.ts';
import { CONV } from './conv.ts';
import { CROP } from './crop.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { GATHER } from './gather.ts';
import { MATMUL } from './matmul.ts';
import { NORM } from './norm.ts';
import { POOL } from './pool.ts';
import { QUANTIZE } from './quantize.ts';
import { REDUCE } from './reduce.ts';
import { RESIZE } from './resize.ts';
import type { Rules } from './rule.ts';
import { SHAPE } from './shape.ts';

/** How a gradient passes back through each operator. A new operator is a new line in one of these tables. */
export const RULES: Rules = {
  ...ELEMENTWISE,
  ...ARITHMETIC,
  ...MATMUL,
  ...CONV,
  ...POOL,
  ...NORM,
  ...REDUCE,
  ...moving({ ...SHAPE, ...CROP, ...GATHER }),
  ...RESIZE,
  ...QUANTIZE,
};

/** Constant by nature: integers, truth values, and functions that are flat almost everywhere. */
export const NOT_DIFFERENTIABLE: ReadonlySet<string> = new Set([
  'And',
  'ArgMax',
  'ArgMin',
  'BitShift',
  'Ceil',
  'Constant',
  'ConstantOfShape',
  'Equal',
  'EyeLike',
  'Floor',
  'Greater',
  'GreaterOrEqual',
  'Hardmax',
  'IsInf',
  'IsNaN',
  'Less',
  'LessOrEqual',
  'NonZero',
  'Not',
  'Or',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Range',
  'Round',
  'Shape',
  'Sign',
  'Size',
  'Xor',
]);

/** They move values without computing with them, so that quantised ones may pass. */
function moving(rules: Rules): Rules {
  return Object.fromEntries(
    Object.entries(rules).map(([op, rule]) => [op, { ...rule, moves: true as const }]),
  );
}
