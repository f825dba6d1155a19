import type { Tap } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import type { Dims } from './grid.ts';

/** For each voxel of the model's grid. */
export interface Decided {
  readonly labels: Uint8Array;
  /** Probability of the label over that of the next. */
  readonly margin: Float32Array;
  /** The next label. */
  readonly next: Uint8Array;
}

export function undecided([d, h, w]: Dims): Decided {
  const voxels = d * h * w;
  return {
    labels: new Uint8Array(voxels),
    next: new Uint8Array(voxels),
    margin: new Float32Array(voxels),
  };
}

/**
 * Best channel (the lowest of equals), the second, and the softmax margin between them, for each voxel of logits [1, c, …space], the
 * first of which is `from` in the grid. Throws MODEL_INPUT_MISMATCH for other channels than `channels`, and more voxels than the grid has.
 */
export function decide(
  { labels, next, margin }: Decided,
  { from, logits, channels }: { readonly from: number; readonly logits: Tap; readonly channels: number },
): void {
  const { dims, data } = logits;
  const voxels = dims.slice(2).reduce((a, b) => a * b, 1);
  if (dims.length !== 5 || dims[1] !== channels || from + voxels > labels.length) {
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the logits are ${dims.join(' × ')}, model.yaml names ${channels} channels`,
    );
  }
  for (let v = 0; v < voxels; v++) {
    let best = Number.NEGATIVE_INFINITY;
    let second = Number.NEGATIVE_INFINITY;
    let label = 0;
    let nextLabel = 0;
    for (let c = 0, at = v; c < channels; c++, at += voxels) {
      const x = data[at] as number;
      if (x > best) {
        second = best;
        nextLabel = label;
        best = x;
        label = c;
      } else if (x > second) {
        second = x;
        nextLabel = c;
      }
    }
    const beside = exponential(second - best);
    let sum = 0;
    for (let c = 0, at = v; c < channels; c++, at += voxels)
      sum += c === label ? 1 : c === nextLabel ? beside : exponential((data[at] as number) - best);
    labels[from + v] = label;
    next[from + v] = nextLabel;
    margin[from + v] = (1 - beside) / sum;
  }
}

/** Steps of an octave, and how many octaves down a share of 1 is lost in float64. */
const STEPS = 32;
const OCTAVES = 64;
const POWERS = Float64Array.from({ length: STEPS * OCTAVES + 1 }, (_, m) => 2 ** (-m / STEPS));

/**
 * e^x for x ≤ 0, to 1e-13 of its value; 0 from −44 down. A head has forty million of them, and Math.exp takes several times as long. By a
 * table of powers of two, and six terms of the series for the rest, which is under 1/90.
 */
export function exponential(x: number): number {
  if (!(x > -44)) return 0;
  const m = (x * (-STEPS / Math.LN2) + 0.5) | 0;
  const r = x + m * (Math.LN2 / STEPS);
  return (POWERS[m] as number) * (1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120))))));
}
