import type { Tap } from '../contracts.ts';
import { type Classes, classesOf } from './classes.ts';
import { type Attribution, size } from './subject.ts';

/**
 * How sure a segmentation is of each place, from its output [c, …space] alone. Uncalibrated: it orders places, and is no
 * probability of being right.
 */
export const UNCERTAINTIES = {
  /** Shannon entropy of the classes in nats: 0 is sure, ln c is no idea. */
  entropy: (output: Tap) =>
    mapOf('entropy', classesOf(output), (p) => {
      let sum = 0;
      for (const q of p) if (q > 0) sum -= q * Math.log(q);
      return sum;
    }),
  /** Probability of the likeliest class minus that of the next: 1 is sure, 0 is torn between two. */
  margin: (output: Tap) =>
    mapOf('margin', classesOf(output), (p) => {
      let [best, next] = [0, 0];
      for (const q of p) {
        if (q > best) [best, next] = [q, best];
        else if (q > next) next = q;
      }
      return best - next;
    }),
} as const satisfies Record<string, (output: Tap) => Attribution>;

function mapOf(
  method: string,
  classes: Classes,
  value: (probabilities: Float64Array) => number,
): Attribution {
  const probabilities = new Float64Array(classes.count);
  const data = new Float32Array(size(classes.dims));
  for (let i = 0; i < data.length; i++) {
    classes.probabilities(i, probabilities);
    data[i] = value(probabilities);
  }
  return {
    method,
    dims: classes.dims,
    data,
    parameters: { unit: method === 'entropy' ? 'nat' : '1', classes: classes.count, output: classes.kind },
  };
}
