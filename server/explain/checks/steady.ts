import type { StudyCheck } from '../../explanation.ts';
import { AUGMENTATIONS } from '../augmentation.ts';
import { type Subject, scoreOf } from '../subject.ts';
import { judged, notMade, remarked } from './judged.ts';

/** Does a decision hold, and do two ways of looking at it agree? Limits: docs/elements.md. */

/** Shifts by two pixels and 2 % of noise: nothing that a reader would see. */
const CHANGES = [...AUGMENTATIONS.shift, ...AUGMENTATIONS.noise];
/** Of those, so many may turn the decision without a word; where most of them do, the decision is not the model's own. */
const MOST_TURNED = 1;
const MOST = CHANGES.length / 2;
/** Spearman's correlation with occlusion, which knows no gradient: under the first the two contradict each other, from the second they agree. */
const CONTRADICTS = -0.1;
const AGREES = 0.3;

/** Runs the model on changed images: under most of them the decision must stay. `threshold` is the score's. */
export async function checkStability(
  scores: Subject,
  input: Float32Array,
  { score, threshold }: { readonly score: number; readonly threshold: number },
): Promise<StudyCheck> {
  let turned = 0;
  for (const change of CHANGES) {
    const changed = await scoreOf(scores, change.apply(input, scores.dims));
    if (changed >= threshold !== score >= threshold) turned++;
  }
  const sentence =
    turned === 0
      ? `The decision is the same under ${CHANGES.length} small changes of the image.`
      : `The decision turns under ${turned} of ${CHANGES.length} small changes of the image.`;
  return turned > MOST
    ? judged('stability', false, sentence)
    : remarked('stability', turned <= MOST_TURNED, sentence);
}

/**
 * A remark on the map, nothing against the score: docs/decisions/0013. `agreement` is null when one of the maps is flat. A negative result
 * has no evidence to agree about.
 */
export function checkMethods(agreement: number | null, positive: boolean): StudyCheck {
  if (!positive) return notMade('methods', 'There is no evidence for a finding to compare.');
  if (agreement === null) return remarked('methods', false, 'One of the two maps shows nothing.');
  const does = agreement >= AGREES ? 'agrees' : agreement >= CONTRADICTS ? 'agrees little' : 'does not agree';
  return remarked(
    'methods',
    agreement >= CONTRADICTS,
    `The map ${does} with one that is made by hiding parts of the image (${agreement.toFixed(2)}; 1 is the same).`,
  );
}

/**
 * A remark on the place, nothing against the score. `lost`: what the logit loses when the strongest region is hidden, in each way of
 * hiding; none when there is no region.
 */
export function checkBaselines(
  lost: Readonly<Record<string, number>> | undefined,
  positive: boolean,
): StudyCheck {
  if (!positive || !lost) return notMade('baselines', 'There is no evidence for a finding to hide.');
  const ways = Object.keys(lost);
  const lower = ways.filter((how) => (lost[how] as number) > 0);
  return remarked(
    'baselines',
    lower.length > 0,
    lower.length === ways.length
      ? 'The score falls when the strongest evidence is hidden, in either way.'
      : lower.length > 0
        ? `The score falls when the strongest evidence is ${lower.join(' or ')}, but not when it is hidden otherwise.`
        : `The score does not fall when the strongest evidence is ${ways.join(' or ')}.`,
  );
}
