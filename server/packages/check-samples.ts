import type { ImageSpec } from './outputs.ts';
import type { Outcome, Planned } from './planned.ts';
import type { Sample } from './samples.ts';

/** Of fewer images no mean says anything. */
const FEWEST = 4;

/** Enough images, and of each label one that the model calls: else its map was measured only where nothing is. */
export const samplesCheck = (spec: ImageSpec, samples: readonly Sample[]): Planned => ({
  name: 'samples',
  wanted: `at least ${FEWEST} images, and one at the threshold or above of each label`,
  measure: async () => enough(spec, samples),
});

function enough({ kind, output }: ImageSpec, samples: readonly Sample[]): Outcome {
  const targets = kind === 'regression' ? [] : output.targets;
  const never = targets
    .filter(
      ({ threshold, label: { label } }) => !samples.some(({ values }) => Number(values[label]) >= threshold),
    )
    .map(({ label: { label } }) => label);
  return {
    passed: samples.length >= FEWEST && never.length === 0,
    measured: `${samples.length} images${never.length > 0 ? `; none reaches the threshold of ${never.join(', ')}` : ''}`,
  };
}
