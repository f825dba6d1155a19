import type { Prediction } from '../../contracts.ts';
import { GROUNDS } from '../../dicom/code.ts';
import type { Explanation, StudyCheck } from '../../explanation.ts';

/** Then the model has no ground to judge from: its result is shown, and nobody is to rely on it. */
export const mustNotBeReliedOn = ({ name, state }: StudyCheck): boolean =>
  state === 'failed' && GROUNDS.has(name);

/** The first of these that is so, in words; nothing when the model has its grounds. */
export function adviceAgainst(checks: readonly StudyCheck[]): readonly string[] {
  const reason = checks.find(mustNotBeReliedOn);
  return reason ? [`Do not rely on this result; read without it. ${reason.sentence}`] : [];
}

/** A calibration holds for images like those that it was fitted on: without that ground no probability is said. */
export const withoutGroundlessProbabilities = (
  prediction: Prediction,
  { checks }: Explanation,
): Prediction => ({
  ...prediction,
  findings: prediction.findings.map((finding, i) => {
    const concerning = checks.filter((check) => check.finding === undefined || check.finding === i);
    if (finding.kind !== 'classification' || !concerning.some(mustNotBeReliedOn)) return finding;
    const { probability: _, ...rest } = finding;
    return rest;
  }),
});
