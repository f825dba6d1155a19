import type { Value } from '../graph/emitter.ts';
import { range } from '../graph/ops.ts';
import type { Context, Rule, Rules } from './rule.ts';
import { awayFromZero, between, bools, constant, distinct, scalar } from './samples.ts';

/** Of operands that broadcast: the compiler sums each adjoint back to its operand's dims. */

const wide = awayFromZero([2, 3, 4]);
const narrow = awayFromZero([3, 1]);

export const ARITHMETIC: Rules = {
  Add: { gradient: ({ g }) => g, samples: [{ x: [wide, narrow], opsets: [7, 13, 22] }] },
  Sum: { gradient: ({ g }) => g, samples: [{ x: [wide, narrow, awayFromZero([4])], opsets: [8, 17] }] },
  Mean: {
    gradient: ({ e, g, inputs }) => e.mul(g, 1 / inputs),
    samples: [{ x: [wide, narrow], float32: true }],
  },
  Sub: {
    gradient: ({ e, g }, input) => (input === 0 ? g : e.unary('Neg', g)),
    samples: [{ x: [wide, narrow], opsets: [7, 17] }],
  },
  Mul: {
    gradient: ({ e, g, x }, input) => e.mul(g, x(1 - input)),
    samples: [{ x: [wide, narrow], opsets: [7, 17] }],
  },
  /** ∂/∂a = g/b, ∂/∂b = −g y/b. */
  Div: {
    gradient: ({ e, g, x, y }, input) => {
      const share = e.div(g, x(1));
      return input === 0 ? share : e.unary('Neg', e.mul(share, y));
    },
    samples: [{ x: [wide, narrow], opsets: [7, 17] }],
  },
  /** ∂/∂a = g b a^(b − 1), ∂/∂b = g y ln a. */
  Pow: {
    gradient: ({ e, g, x, y }, input) => {
      if (input === 1) return e.mul(g, e.mul(y, e.unary('Log', x(0))));
      const exponent = e.cast(x(1), g.type);
      return e.mul(g, e.mul(exponent, e.pow(x(0), e.sub(exponent, 1))));
    },
    samples: [
      { x: [between(0.3, 2, [2, 3]), between(0.5, 2.5, [3])] },
      { x: [awayFromZero([2, 3]), scalar(2)], opsets: [7, 12, 17] },
      { x: [awayFromZero([2, 3]), scalar(3)] },
    ],
  },
  /** Ties share the gradient equally, as PyTorch does. */
  Max: extreme(),
  Min: extreme(),
  Where: {
    differentiable: [1, 2],
    gradient: ({ e, g, x }, input) => e.keepWhere(input === 1 ? x(0) : e.not(x(0)), g),
    samples: [{ x: [bools([2, 3, 4]), wide, narrow] }, { x: [bools([3, 1]), narrow, wide], opsets: [9] }],
  },
  /** y = x − b ⌊x/b⌋: 1 almost everywhere. Only for a constant divisor. */
  Mod: {
    differentiable: [0],
    gradient: ({ g }) => g,
    samples: [{ x: [between(0.3, 0.9, [2, 3]), scalar(1)], a: { fmod: 1 } }],
  },
  /** A running sum; its adjoint runs the other way. */
  CumSum: {
    differentiable: [0],
    gradient: ({ e, a, g, x }) =>
      e.op('CumSum', [g, x(1)], {
        dims: g.dims,
        attributes: { exclusive: a.int('exclusive', 0), reverse: 1 - a.int('reverse', 0) },
      }),
    samples: [
      { x: [wide, { dims: [], values: [1], kind: 'int64' }], opsets: [11, 17] },
      { x: [wide, { dims: [], values: [2], kind: 'int64' }], a: { exclusive: 1, reverse: 1 } },
    ],
  },
};

/** The operand that was chosen takes the gradient. */
function extreme(): Rule {
  return {
    gradient: ({ e, g, x, y, inputs }, input) => {
      const chosen = (i: number): Value => e.cast(equal(e, x(i), y), g.type);
      const count = range(0, inputs)
        .map(chosen)
        .reduce((p, q) => e.add(p, q));
      return e.div(e.mul(g, chosen(input)), count);
    },
    samples: [
      { x: [distinct([2, 3, 4]), awayFromZero([3, 1])], opsets: [8, 13, 17] },
      { x: [distinct([2, 3]), constant(between(-0.3, 0.3, [3])), awayFromZero([1])] },
    ],
  };
}

/** Equal takes no floats before op set 11. */
const equal = (e: Context['e'], a: Value, b: Value): Value => e.and(e.atLeast(a, b), e.atMost(a, b));
