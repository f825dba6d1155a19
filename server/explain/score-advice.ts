import type { ClassificationFinding } from '../contracts.ts';
import type { Element } from '../explanation.ts';
import { percent } from '../shared/percent.ts';
import { adviceAgainst, mustNotBeReliedOn } from './checks/reliance.ts';
import type { Case } from './classification-words.ts';
import type { Decisive } from './decisive.ts';
import { given } from './element.ts';
import { stepMethod, stepWords } from './next-step.ts';

/** What a reader may do with a score: first whether to rely on it at all; the decision itself is never hidden. */
export function actionability(it: Pick<Case, 'finding' | 'checks' | 'decisive' | 'nextStep'>): Element {
  const { finding, checks, decisive, nextStep } = it;
  const sentences = [
    ...adviceAgainst(checks),
    distanceOf(finding, checks.some(mustNotBeReliedOn)),
    ...(finding.positive ? [sensitivityOf(decisive)] : []),
    ...stepWords(nextStep),
  ];
  const method = [
    'score minus operating point',
    ...(finding.positive
      ? ['smallest set of regions that turns the decision when hidden: sensitivity of the model']
      : []),
    stepMethod(nextStep),
  ];
  return given(sentences.join(' '), method.join('; '));
}

/** A calibration holds only for what is like the images that it was fitted on. */
function distanceOf({ score, threshold, probability }: ClassificationFinding, isGroundless: boolean): string {
  const distance = `${Math.abs(score - threshold).toFixed(2)} ${score >= threshold ? 'above' : 'below'}`;
  const also =
    probability === undefined || isGroundless
      ? ''
      : ` Its calibrated probability is ${percent(probability)}.`;
  return `The score is ${distance} the threshold of ${threshold.toFixed(2)}.${also}`;
}

/** In the model's terms: no word of disease. */
function sensitivityOf(decisive: Decisive | undefined): string {
  if (!decisive) return 'No part of the picture alone carries the model’s decision.';
  const what =
    decisive.kind === 'regions'
      ? decisive.names.join(' and ')
      : `the strongest ${percent(decisive.share)} of the picture`;
  return `Without ${what} the model would decide otherwise.`;
}
