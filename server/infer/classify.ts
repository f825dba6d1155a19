import type { ClassificationFinding, Prediction, Tap, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { resizeArea } from './resize-area.ts';
import { type RunOptions, runOnnx } from './session.ts';
import { windowName, windowOf } from './window.ts';

/** One projection through a classification model: one finding with its score, and the map that the score is made of. */
export async function classify(
  model: Model & { readonly spec: ClassificationSpec },
  volume: Volume,
  options: RunOptions,
): Promise<Prediction> {
  const { input, output } = model.spec;
  const image = modelImage(volume, input);
  const taps = await runOnnx(model.onnxPath, {
    ...options,
    feeds: { [input.tensor]: { dims: [1, 1, input.rows, input.columns], data: image } },
    fetches: [output.score, output.logit, output.cam],
  });
  const score = scalar(taps, output.score);
  const finding: ClassificationFinding = {
    kind: 'classification',
    label: output.label,
    score,
    logit: scalar(taps, output.logit),
    calibrated: output.calibrated,
    threshold: output.threshold,
    positive: score >= output.threshold,
  };
  return {
    model: model.identity,
    findings: [finding],
    taps,
    parameters: {
      input: `${input.rows}x${input.columns}`,
      window: windowName(volume, input.window),
      resize: 'area',
      threshold: Number(output.threshold.toFixed(6)),
    },
  };
}

/** What the model sees of a projection: [rows × columns], 0..1. Throws MODEL_INPUT_MISMATCH. */
export function modelImage(volume: Volume, input: ClassificationSpec['input']): Float32Array {
  const [frames, rows, columns] = volume.shape;
  if (frames !== 1)
    throw new Fault('MODEL_INPUT_MISMATCH', `the model reads one image, the series holds ${frames}`);
  const toDisplay = windowOf(volume, input.window);
  const shown = resizeArea({ rows, columns, data: volume.data.map(toDisplay) }, input.rows, input.columns);
  return shown.data.map((v) => v / 255);
}

function scalar(taps: Readonly<Record<string, Tap>>, name: string): number {
  const { data } = taps[name] as Tap;
  if (data.length !== 1)
    throw new Fault('MODEL_INPUT_MISMATCH', `output ${name} holds ${data.length} values, not one`);
  return data[0] as number;
}
