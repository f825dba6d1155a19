import { seededRandom } from '../../shared/random.ts';
import type { SampleInput } from './rule.ts';

/** Inputs for the samples of rules: the same on every machine. */

const size = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Within [low, high). */
export const between = (low: number, high: number, dims: readonly number[]): SampleInput => {
  const random = seededRandom(size(dims) + 7 * dims.length + Math.round(1000 * low));
  return { dims, values: Array.from({ length: size(dims) }, () => low + (high - low) * random()) };
};

/** Within ±2 and at least 0.2 from 0, where many functions have their kink. */
export const awayFromZero = (dims: readonly number[]): SampleInput => {
  const { values } = between(-1.8, 1.8, dims);
  return { dims, values: values.map((v) => v + 0.2 * Math.sign(v)) };
};

/** All different, at least 0.1 apart, in no order: no ties for maxima. */
export const distinct = (dims: readonly number[]): SampleInput => {
  const n = size(dims);
  const order = between(0, 1, dims).values.map((v, i) => ({ v, i }));
  const rank = new Array<number>(n).fill(0);
  for (const [r, { i }] of order.toSorted((p, q) => p.v - q.v).entries()) rank[i] = r;
  return { dims, values: rank.map((r) => 0.1 * (r - n / 2) + 0.05) };
};

export const int64 = (...values: number[]): SampleInput => ({ dims: [values.length], values, kind: 'int64' });
export const int64s = (dims: readonly number[], values: readonly number[]): SampleInput => ({
  dims,
  values,
  kind: 'int64',
});
export const constant = (input: SampleInput): SampleInput => ({ ...input, kind: 'constant' });
export const scalar = (value: number): SampleInput => ({ dims: [], values: [value], kind: 'constant' });
export const bools = (dims: readonly number[]): SampleInput => ({
  dims,
  values: between(0, 1, dims).values.map((v) => (v < 0.5 ? 0 : 1)),
  kind: 'bool',
});
