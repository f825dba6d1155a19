import { parseArgs } from 'node:util';
import { AUGMENTATIONS } from '../explain/augmentation.ts';
import { METHODS, type MethodName } from '../explain/methods/index.ts';
import { UNCERTAINTIES } from '../explain/uncertainty.ts';
import { asFault, Fault } from '../shared/fault.ts';

type Uncertainty = keyof typeof UNCERTAINTIES;
/** What `--method` may be: an attribution, a nearby input, or a map of how sure a segmentation is. */
export type Asked = MethodName | 'counterfactual' | 'disagreement' | Uncertainty;

export interface ExplainOptions {
  readonly model: string;
  readonly method: Asked;
  /** A place of the output; a class where the output is a segmentation. */
  readonly target: number;
  readonly out: string;
  readonly layer: string;
  /** The first is explained with; where there are more, their maps are compared. */
  readonly baselines: readonly string[];
  readonly threads: number;
  readonly augment: readonly (keyof typeof AUGMENTATIONS)[];
  readonly output?: string;
  readonly size?: readonly number[];
  /** A mask as .npy: the places whose values of the class are added up. */
  readonly region?: string;
  readonly goal?: number;
  /** Edge of the boxes in places. */
  readonly tile?: number | 'auto';
  readonly halo?: number;
  readonly frames?: 'each' | 'time';
  /** Measures of faithfulness are printed too. */
  readonly measure: boolean;
  /** A mask as .npy of what is there in truth, for the measures. */
  readonly truth?: string;
}

/** What holds where nothing is said: a package has answers of its own. */
export interface Usual {
  readonly method: Asked;
  readonly layer: string;
  readonly baseline: string;
}
export const USUAL: Usual = { method: 'gradCam', layer: 'auto', baseline: 'blur' };

/** The model that is meant, if any is. Throws REQUEST_INVALID for options that do not exist or lack their value. */
export const modelSaid = (args: readonly string[]): string | undefined => read(args, USUAL).values.model;

/** Throws REQUEST_INVALID for options that do not exist, lack their value or make no sense together. */
export function parseOptions(
  args: readonly string[],
  usual: Usual,
): {
  readonly options: ExplainOptions;
  readonly files: readonly string[];
  /** Was the target said? A package has one of its own otherwise. */
  readonly isTargetSaid: boolean;
} {
  const { values, positionals } = read(args, usual);
  const { model, out, method, frames } = values;
  if (positionals.length === 0 || !model || !out)
    throw new Fault('REQUEST_INVALID', 'say an image, --model and --out');
  if (!isAsked(method))
    throw new Fault('REQUEST_INVALID', `no method ${method}; there are ${ASKED.join(', ')}`);
  if (frames !== undefined && frames !== 'each' && frames !== 'time')
    throw new Fault('REQUEST_INVALID', `--frames is each or time, not ${frames}`);
  if (frames === 'time' && method !== 'occlusion')
    throw new Fault('REQUEST_INVALID', `--frames time hides frames: say --method occlusion, not ${method}`);
  const baselines = values.baseline.split(',');
  if (baselines.length > 1 && !READ_BASELINE.has(method))
    throw new Fault('REQUEST_INVALID', `${method} reads no baseline, so there is nothing to compare`);
  if (values.truth && !values.measure)
    throw new Fault('REQUEST_INVALID', '--truth is what measures are held against: say --measure');
  if (values.measure && (!isMethod(method) || frames || values.tile))
    throw new Fault('REQUEST_INVALID', '--measure is for a map by attribution of one input as a whole');
  const whole = (name: 'target' | 'threads' | 'tile' | 'halo', least: number): number => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number >= least) return number;
    throw new Fault('REQUEST_INVALID', `${name} ${values[name]} is no whole number from ${least}`);
  };
  return {
    files: positionals,
    isTargetSaid: values.target !== undefined,
    options: {
      model,
      out,
      method,
      target: values.target === undefined ? 0 : whole('target', 0),
      layer: values.layer,
      baselines,
      threads: whole('threads', 1),
      augment: values.augment.split(',').map(augmentation),
      ...(values.output ? { output: values.output } : {}),
      ...(values.size ? { size: values.size.split('x').map(Number) } : {}),
      ...(values.region ? { region: values.region } : {}),
      ...(values.goal ? { goal: finite('goal', values.goal) } : {}),
      ...(values.tile ? { tile: values.tile === 'auto' ? 'auto' : whole('tile', 1) } : {}),
      ...(values.halo ? { halo: whole('halo', 0) } : {}),
      ...(frames ? { frames } : {}),
      measure: values.measure,
      ...(values.truth ? { truth: values.truth } : {}),
    },
  };
}

function read(args: readonly string[], usual: Usual) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        model: { type: 'string' },
        method: { type: 'string', default: usual.method },
        target: { type: 'string' },
        out: { type: 'string' },
        output: { type: 'string' },
        layer: { type: 'string', default: usual.layer },
        baseline: { type: 'string', default: usual.baseline },
        size: { type: 'string' },
        threads: { type: 'string', default: '2' },
        region: { type: 'string' },
        goal: { type: 'string' },
        tile: { type: 'string' },
        halo: { type: 'string' },
        augment: { type: 'string', default: Object.keys(AUGMENTATIONS).join(',') },
        frames: { type: 'string' },
        measure: { type: 'boolean', default: false },
        truth: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', asFault(cause).detail, { cause });
  }
}

const ASKED: readonly string[] = [
  ...Object.keys(METHODS),
  'counterfactual',
  'disagreement',
  ...Object.keys(UNCERTAINTIES),
];
const isAsked = (name: string): name is Asked => ASKED.includes(name);

const READ_BASELINE: ReadonlySet<Asked> = new Set<Asked>([
  'scoreCam',
  'integratedGradients',
  'occlusion',
  'occlusionCoarseToFine',
  'rise',
  'kernelShap',
  'lime',
]);

export const isMethod = (name: Asked): name is MethodName => Object.hasOwn(METHODS, name);
export const isUncertainty = (name: Asked): name is Uncertainty => Object.hasOwn(UNCERTAINTIES, name);

function augmentation(name: string): keyof typeof AUGMENTATIONS {
  if (Object.hasOwn(AUGMENTATIONS, name)) return name as keyof typeof AUGMENTATIONS;
  throw new Fault(
    'REQUEST_INVALID',
    `no augmentation ${name}; there are ${Object.keys(AUGMENTATIONS).join(', ')}`,
  );
}

function finite(name: string, text: string): number {
  if (Number.isFinite(Number(text))) return Number(text);
  throw new Fault('REQUEST_INVALID', `${name} ${text} is no number`);
}
