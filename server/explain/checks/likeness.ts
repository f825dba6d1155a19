import type { Space } from '../../models/reference.ts';
import { Fault } from '../../shared/fault.ts';
import { size } from '../subject.ts';

/** How like an image is to those that a model knows: vectors of it, and their distance from where known ones lie. */

/**
 * Root mean square of the vector's deviation in standard deviations: along each direction its own, in all others the rest's.
 * About 1 for a vector like those the space was fitted on. Throws MODEL_INPUT_MISMATCH for a vector of another length.
 */
export function distanceFrom(space: Space, vector: ArrayLike<number>): number {
  const off = deviation(space, vector);
  const along = coordinates(space, off);
  const total = off.reduce((sum, d) => sum + d * d, 0);
  const explained = along.reduce((sum, a) => sum + a * a, 0);
  const inDirections = along.reduce((sum, a, k) => sum + (a * a) / (space.variances[k] as number), 0);
  return Math.sqrt((inDirections + Math.max(0, total - explained) / space.rest) / off.length);
}

/** The vector along the directions, each in its standard deviations. */
export const whitened = (space: Space, vector: ArrayLike<number>): readonly number[] =>
  coordinates(space, deviation(space, vector)).map((a, k) => a / Math.sqrt(space.variances[k] as number));

function deviation({ mean }: Space, vector: ArrayLike<number>): readonly number[] {
  if (vector.length === mean.length) return mean.map((m, i) => (vector[i] as number) - m);
  throw new Fault(
    'MODEL_INPUT_MISMATCH',
    `reference/statistics.json is of ${mean.length} values, the model gives ${vector.length}`,
  );
}

const coordinates = ({ directions }: Space, off: readonly number[]): readonly number[] =>
  directions.map((u) => u.reduce((sum, v, i) => sum + v * (off[i] as number), 0));

/** Blocks along each edge of a picture's layout. */
const BLOCKS = 16;

/** What lies where: means of blocks, mean 0 and deviation 1 (0 for a picture without contrast). `dims` are [c, h, w]; the first channel. */
export function layoutOf(input: Float32Array, [, high = 1, wide = 1]: readonly number[]): Float64Array {
  const sum = new Float64Array(BLOCKS * BLOCKS);
  const count = new Float64Array(BLOCKS * BLOCKS);
  for (let row = 0; row < high; row++) {
    const first = Math.floor((row * BLOCKS) / high) * BLOCKS;
    for (let column = 0; column < wide; column++) {
      const block = first + Math.floor((column * BLOCKS) / wide);
      sum[block] = (sum[block] as number) + (input[row * wide + column] as number);
      count[block] = (count[block] as number) + 1;
    }
  }
  const means = sum.map((s, i) => s / Math.max(1, count[i] as number));
  const mean = means.reduce((a, b) => a + b, 0) / means.length;
  const deviation = Math.sqrt(means.reduce((s, v) => s + (v - mean) ** 2, 0) / means.length);
  return means.map((v) => (deviation > 0 ? (v - mean) / deviation : 0));
}

const QUANTILES = 32;

/** How bright it is: quantiles of the first channel, the middles of 32 equal parts. */
export function histogramOf(input: Float32Array, dims: readonly number[]): Float64Array {
  const sorted = input.slice(0, size(dims.slice(1))).sort();
  return Float64Array.from(
    { length: QUANTILES },
    (_, q) => sorted[Math.floor(((q + 0.5) / QUANTILES) * sorted.length)] as number,
  );
}

/** Means and standard deviations over space of an activation [c, …space]: of an early layer, the picture's texture. */
export function textureOf(activation: Activation): Float64Array {
  const means = pooled(activation);
  const squares = pooled({ dims: activation.dims, data: activation.data.map((v) => v * v) });
  return Float64Array.of(
    ...means,
    ...squares.map((s, c) => Math.sqrt(Math.max(0, s - (means[c] as number) ** 2))),
  );
}

interface Activation {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Means over space of an activation [c, …space]. */
export function pooled({ dims, data }: Activation): Float64Array {
  const [channels = 1, ...space] = dims;
  const places = size(space);
  return Float64Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = c * places; i < (c + 1) * places; i++) sum += data[i] as number;
    return sum / places;
  });
}
