import type { ClassificationFinding, Prediction, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { calibrate } from './calibrate.ts';
import { pictureFor } from './picture.ts';
import { type RunOptions, runOnnx } from './session.ts';

type Target = ClassificationSpec['output']['targets'][number];

/** One image through a classification model: one finding a target. Throws MODEL_INPUT_MISMATCH. */
export async function classify(
  model: Model & { readonly spec: ClassificationSpec },
  volume: Volume,
  options: RunOptions,
): Promise<Prediction> {
  const { input, output } = model.spec;
  const { image, fed, said } = pictureFor(volume, input);
  const results = await runOnnx(model.onnxPath, {
    ...options,
    feeds: { [input.tensor]: fed },
    fetches: [output.scores],
  });
  const scores = results[output.scores]?.data ?? new Float32Array();
  return {
    model: model.identity,
    findings: output.targets.map((target) => scoreFinding(target, scores[target.place], scores.length)),
    input: image,
    taps: {},
    parameters: { ...said, ...thresholdsOf(output.targets) },
  };
}

/** As parameters of the result. */
export const thresholdsOf = (targets: readonly Target[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    targets.map(({ threshold }, i) => [
      targets.length === 1 ? 'threshold' : `threshold ${i + 1}`,
      Number(threshold.toFixed(6)),
    ]),
  );

/** Throws MODEL_INPUT_MISMATCH for a score that is not there or is none: a sigmoid or softmax ends between 0 and 1. */
export function scoreFinding(
  { place, label, threshold, calibrated, calibration }: Target,
  score: number | undefined,
  count: number,
): ClassificationFinding {
  if (score === undefined)
    throw new Fault('MODEL_INPUT_MISMATCH', `the model gives ${count} scores, none at ${place}`);
  if (!(score >= 0 && score <= 1))
    throw new Fault('MODEL_INPUT_MISMATCH', `the score of ${label.label} is ${score}, not between 0 and 1`);
  return {
    kind: 'classification',
    label,
    score,
    calibrated,
    ...(calibration ? { probability: calibrate(score, calibration) } : {}),
    threshold,
    positive: score >= threshold,
  };
}
