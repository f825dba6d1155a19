import { Fault } from '../shared/fault.ts';
import { size } from './subject.ts';
import { tissueOf } from './tissue.ts';

/**
 * What stands for "nothing there". Zero is rarely that (HU 0 is water), so several are offered and their agreement is
 * reported (`baseline-agreement.ts`). Inputs are [c, …space]; each gives an array of the same length.
 */
export const BASELINES = {
  /** Sigma is a fourteenth of the shortest edge: 16 of 224. */
  blur: (input, dims) => blur(input, dims, Math.min(...dims.slice(1)) / 14),
  /** The mean over the tissue of `tissueOf`. */
  tissueMean: (input, dims) => tissueMean(input, dims, tissueOf(input, dims)),
  mirror,
  /** The tissue of `tissueOf`, filled from its rim. */
  inpaint: (input, dims) => inpaint(input, dims, tissueOf(input, dims)),
} as const satisfies Record<string, (input: Float32Array, dims: readonly number[]) => Float32Array>;

/** By name, or a number for a constant. Throws REQUEST_INVALID for what is neither. */
export function baselineOf(name: string, input: Float32Array, dims: readonly number[]): Float32Array {
  if (Object.hasOwn(BASELINES, name)) return BASELINES[name as keyof typeof BASELINES](input, dims);
  if (name.trim() !== '' && Number.isFinite(Number(name))) return constant(input, Number(name));
  throw new Fault(
    'REQUEST_INVALID',
    `baseline ${name} is no number and none of ${Object.keys(BASELINES).join(', ')}`,
  );
}

export const constant = (input: Float32Array, value: number): Float32Array =>
  new Float32Array(input.length).fill(value);

/** Separable Gaussian blur of each channel, edges repeated. `sigma` in places. */
export function blur(input: Float32Array, dims: readonly number[], sigma: number): Float32Array {
  const radius = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((a, b) => a + b, 0);
  let data = input;
  for (let axis = 1; axis < dims.length; axis++) {
    const n = dims[axis] as number;
    const stride = size(dims.slice(axis + 1));
    const source = data;
    data = source.map((_, i) => {
      const place = Math.floor(i / stride) % n;
      let sum = 0;
      for (let k = -radius; k <= radius; k++) {
        const other = Math.min(n - 1, Math.max(0, place + k));
        sum += (kernel[k + radius] as number) * (source[i + (other - place) * stride] as number);
      }
      return sum / total;
    });
  }
  return data;
}

/** The mean of each channel over the places where `tissue` is not 0; everywhere when it is nowhere. */
export function tissueMean(input: Float32Array, dims: readonly number[], tissue: Uint8Array): Float32Array {
  const space = size(dims.slice(1));
  const counted = tissue.some(Boolean) ? tissue : tissue.map(() => 1);
  const n = counted.reduce((a, b) => a + (b ? 1 : 0), 0);
  const means = Array.from({ length: dims[0] as number }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < space; i++) if (counted[i]) sum += input[c * space + i] as number;
    return sum / n;
  });
  return input.map((_, i) => means[Math.floor(i / space)] as number);
}

/** The other side: columns in reverse order. For anatomy that is nearly symmetric about the middle column. */
export function mirror(input: Float32Array, dims: readonly number[]): Float32Array {
  const columns = dims[dims.length - 1] as number;
  return input.map((_, i) => {
    const column = i % columns;
    return input[i - column + (columns - 1 - column)] as number;
  });
}

/**
 * The hole filled from its rim by relaxation of Laplace's equation: as smooth as it can be. `hole` is over the space; the
 * filling stops when nothing moves by more than a thousandth of the range, or after 500 rounds.
 */
export function inpaint(input: Float32Array, dims: readonly number[], hole: Uint8Array): Float32Array {
  const space = size(dims.slice(1));
  const strides = dims.slice(1).map((n, axis, all) => ({ n, stride: size(all.slice(axis + 1)) }));
  const places = [...hole.keys()].filter((i) => hole[i]);
  const out = tissueMean(
    input,
    dims,
    hole.map((h) => (h ? 0 : 1)),
  ).map((mean, i) => (hole[i % space] ? mean : (input[i] as number)));
  const tolerance = 1e-3 * (input.reduce((a, b) => Math.max(a, b)) - input.reduce((a, b) => Math.min(a, b)));
  for (let round = 0, moved = Number.POSITIVE_INFINITY; round < 500 && moved > tolerance; round++) {
    moved = 0;
    for (let c = 0; c < (dims[0] as number); c++) {
      for (const i of places) {
        let sum = 0;
        let count = 0;
        for (const { n, stride } of strides) {
          const place = Math.floor(i / stride) % n;
          if (place > 0) [sum, count] = [sum + (out[c * space + i - stride] as number), count + 1];
          if (place < n - 1) [sum, count] = [sum + (out[c * space + i + stride] as number), count + 1];
        }
        if (count === 0) continue;
        moved = Math.max(moved, Math.abs(sum / count - (out[c * space + i] as number)));
        out[c * space + i] = sum / count;
      }
    }
  }
  return out;
}
