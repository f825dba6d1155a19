import { gaussian, seededRandom } from '../shared/random.ts';
import { size } from './subject.ts';

/** A change of the input that should not change what is seen, and its way back. */
export interface Augmentation {
  readonly name: string;
  /** [c, …space] → [c, …space] */
  apply(input: Float32Array, dims: readonly number[]): Float32Array;
  /** The labels of the changed input […space] at the places of the input; `UNSEEN` where it had left the image. */
  undo(labels: Int32Array, dims: readonly number[]): Int32Array;
}

export const UNSEEN = -1;

/** Turned round along an axis of the space, −1 the last. What has a side changes its side. */
export const flip = (axis: number): Augmentation => ({
  name: `flip ${axis}`,
  apply: (input, dims) => input.map((_, i) => input[mirrored(i, dims, axis)] as number),
  undo: (labels, dims) => labels.map((_, i) => labels[mirrored(i, dims, axis)] as number),
});

/** Moved by whole places along an axis of the space, the edge repeated. */
export const shift = (axis: number, by: number): Augmentation => ({
  name: `shift ${axis} by ${by}`,
  apply: (input, dims) => {
    const { n, stride } = along(dims, axis);
    return input.map((_, i) => {
      const at = Math.floor(i / stride) % n;
      return input[i + (Math.min(n - 1, Math.max(0, at - by)) - at) * stride] as number;
    });
  },
  undo: (labels, dims) => {
    const { n, stride } = along(dims, axis);
    return labels.map((_, i) => {
      const from = (Math.floor(i / stride) % n) + by;
      return from < 0 || from >= n ? UNSEEN : (labels[i + by * stride] as number);
    });
  },
});

/** Gaussian noise; `level` is its standard deviation as a share of the input's range. */
export const noise = (level: number, seed: number): Augmentation => ({
  name: `noise ${level}, seed ${seed}`,
  apply: (input) => {
    const random = seededRandom(seed);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const v of input) {
      if (v < low) low = v;
      if (v > high) high = v;
    }
    return input.map((v) => v + level * (high - low) * gaussian(random));
  },
  undo: (labels) => labels,
});

/** By kind; `pellucid explain --augment` names them. */
export const AUGMENTATIONS = {
  flip: [flip(-1)],
  shift: [shift(-1, 2), shift(-1, -2), shift(-2, 2), shift(-2, -2)],
  noise: [noise(0.02, 1), noise(0.02, 2), noise(0.02, 3)],
} as const satisfies Record<string, readonly Augmentation[]>;

const along = (dims: readonly number[], axis: number): { n: number; stride: number } => {
  const at = dims.length + axis;
  return { n: dims[at] as number, stride: size(dims.slice(at + 1)) };
};

function mirrored(i: number, dims: readonly number[], axis: number): number {
  const { n, stride } = along(dims, axis);
  const at = Math.floor(i / stride) % n;
  return i + (n - 1 - 2 * at) * stride;
}
