import { chanceMap, deletion, insertion } from '../explain/measures/curves.ts';
import { faithfulnessCorrelation, infidelity, maxSensitivity } from '../explain/measures/faithfulness.ts';
import { entropy, pointingGame, relevanceMass, sparseness } from '../explain/measures/shape.ts';
import type { OnnxSubject } from '../explain/onnx-subject.ts';
import { overInput } from '../explain/over-space.ts';
import { gridRegions } from '../explain/regions.ts';
import type { Attribution } from '../explain/subject.ts';

interface Measured {
  readonly subject: OnnxSubject;
  readonly input: Float32Array;
  readonly baseline: Float32Array;
  readonly attribution: Attribution;
  /** The same method on another input. */
  readonly again: (input: Float32Array) => Promise<Attribution>;
  /** What is there in truth, over the space of the input. */
  readonly truth?: Uint8Array;
}

/** Methods whose values are derivatives: of others infidelity says nothing. */
const DERIVATIVES: readonly string[] = ['saliency', 'smoothGrad'];
/** Of the input's range: how far the input is moved. */
const RADIUS = 0.02;
/** Boxes along an edge that are taken away together. */
const BOXES = 8;

/** How faithful a map is to the model on this input, and how it lies on a mask of the truth; by the names of Quantus. */
export async function measuresOf({ subject, input, baseline, attribution, again, truth }: Measured) {
  const space = subject.dims.slice(1);
  const map = overInput(attribution, subject.dims);
  const regions = gridRegions(space, Math.max(1, Math.ceil(Math.min(...space) / BOXES)));
  const chance = chanceMap(space, 1);
  const radius = RADIUS * rangeOf(input);
  return {
    deletion: (await deletion(subject, input, map, { baseline })).area,
    deletionOfRandomOrder: (await deletion(subject, input, chance, { baseline })).area,
    insertion: (await insertion(subject, input, map, { baseline })).area,
    insertionOfRandomOrder: (await insertion(subject, input, chance, { baseline })).area,
    faithfulnessCorrelation: await faithfulnessCorrelation(subject, input, { map, baseline, regions }),
    maxSensitivity: await maxSensitivity(async (x) => overInput(await again(x), subject.dims), input, {
      radius,
      nSamples: 5,
    }),
    ...(DERIVATIVES.includes(attribution.method)
      ? { infidelity: await infidelity(subject, input, { attribution: attribution.data, sigma: radius }) }
      : {}),
    sparseness: sparseness(map),
    entropy: entropy(map),
    ...(truth ? { relevanceMass: relevanceMass(map, truth), pointingGame: pointingGame(map, truth) } : {}),
  };
}

function rangeOf(data: Float32Array): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of data) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return high - low;
}
