import { Fault } from '../shared/fault.ts';

/** What came of a check: the figure with its unit, in words. */
export interface Outcome {
  readonly passed: boolean;
  readonly measured: string;
}

/** A check of models/acceptance.ts, and in words what it must come to. A check that throws has failed. */
export interface Planned {
  readonly name: string;
  readonly wanted: string;
  readonly measure: () => Promise<Outcome>;
}

/** The checks that one kind of model needs, and how to give back what they hold. */
export interface Special {
  readonly checks: readonly Planned[];
  close(): Promise<void>;
}

/** Throws REQUEST_INVALID without any. */
export function need<T>(samples: readonly T[]): readonly T[] {
  if (samples.length === 0) throw new Fault('REQUEST_INVALID', 'no samples were given: say --samples');
  return samples;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** The upper one of two. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
