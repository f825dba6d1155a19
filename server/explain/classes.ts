import type { Tap } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { size } from './subject.ts';

/** What a segmentation model says of each place: one value a class. */
export interface Classes {
  /** [h, w] or [d, h, w] */
  readonly dims: readonly number[];
  readonly count: number;
  /**
   * `probabilities` when the output's values are 0..1 and add up to 1 (one channel: are 0..1) at every place, else `logits`: an
   * export may end before or after its softmax.
   */
  readonly kind: 'logits' | 'probabilities';
  /** The classes' probabilities at a place, by softmax of logits. */
  probabilities(place: number, into: Float64Array): void;
}

/**
 * Reads an output [c, h, w] or [c, d, h, w]. One channel is a foreground (class 1) against nothing (class 0): its logit against 0.
 * Throws MODEL_INPUT_MISMATCH for an output without space and for values that are no numbers.
 */
export function classesOf({ dims: [channels = 0, ...dims], data }: Tap): Classes {
  const space = size(dims);
  if (dims.length < 2 || dims.length > 3 || space < 2)
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `an output of ${[channels, ...dims].join(' × ')} has no place for each pixel`,
    );
  if (!data.every(Number.isFinite))
    throw new Fault('MODEL_INPUT_MISMATCH', 'the model gave values that are no finite numbers');
  const kind = areProbabilities(data, channels, space) ? 'probabilities' : 'logits';
  const count = Math.max(2, channels);
  return {
    dims,
    count,
    kind,
    probabilities: (place, into) => {
      if (channels === 1) {
        const x = data[place] as number;
        const p = kind === 'logits' ? 1 / (1 + Math.exp(-x)) : x;
        into[0] = 1 - p;
        into[1] = p;
        return;
      }
      for (let c = 0; c < channels; c++) into[c] = data[c * space + place] as number;
      if (kind === 'logits') softmax(into, channels);
    },
  };
}

/** The likeliest class of each place, the lowest of equals; a foreground alone must be likelier than not. */
export function labelsOf({ dims: [channels = 0, ...dims], data }: Tap): Uint16Array {
  const space = size(dims);
  const labels = new Uint16Array(space);
  if (channels === 1) {
    const half = areProbabilities(data, channels, space) ? 0.5 : 0;
    return labels.map((_, i) => ((data[i] as number) > half ? 1 : 0));
  }
  const best = data.slice(0, space);
  for (let c = 1; c < channels; c++) {
    for (let i = 0; i < space; i++) {
      const v = data[c * space + i] as number;
      if (v <= (best[i] as number)) continue;
      best[i] = v;
      labels[i] = c;
    }
  }
  return labels;
}

function areProbabilities(data: Float32Array, channels: number, space: number): boolean {
  if (!data.every((v) => v >= 0 && v <= 1)) return false;
  for (let i = 0; i < space && channels > 1; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += data[c * space + i] as number;
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

function softmax(values: Float64Array, count: number): void {
  let top = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < count; c++) top = Math.max(top, values[c] as number);
  let sum = 0;
  for (let c = 0; c < count; c++) {
    values[c] = Math.exp((values[c] as number) - top);
    sum += values[c] as number;
  }
  for (let c = 0; c < count; c++) values[c] = (values[c] as number) / sum;
}
