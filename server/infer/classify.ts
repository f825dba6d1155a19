import type { ClassificationFinding, Prediction, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { intoLayout, layoutDims } from '../shared/layout.ts';
import { calibrate } from './calibrate.ts';
import { resizeArea } from './resize-area.ts';
import { type RunOptions, runOnnx } from './session.ts';
import { windowName, windowOf } from './window.ts';

type Target = ClassificationSpec['output']['targets'][number];

/** One image through a classification model: one finding a target. Throws MODEL_INPUT_MISMATCH. */
export async function classify(
  model: Model & { readonly spec: ClassificationSpec },
  volume: Volume,
  options: RunOptions,
): Promise<Prediction> {
  const { input, output } = model.spec;
  const { layout, channels, rows, columns } = input;
  const image = { dims: [1, channels, rows, columns], data: modelImage(volume, input) };
  const fed = {
    dims: layoutDims(layout, image.dims),
    data: intoLayout(layout, image.data, channels),
  };
  const results = await runOnnx(model.onnxPath, {
    ...options,
    feeds: { [input.tensor]: fed },
    fetches: [output.scores],
  });
  const scores = results[output.scores]?.data ?? new Float32Array();
  return {
    model: model.identity,
    findings: output.targets.map((target) => findingOf(target, scores)),
    input: image,
    taps: {},
    parameters: {
      input: `${input.rows}x${input.columns}`,
      window: windowName(volume, input.window),
      resize: 'area',
      ...Object.fromEntries(
        output.targets.map(({ threshold }, i) => [
          output.targets.length === 1 ? 'threshold' : `threshold ${i + 1}`,
          Number(threshold.toFixed(6)),
        ]),
      ),
    },
  };
}

/** Throws MODEL_INPUT_MISMATCH for a score that is not there or is none: a sigmoid or softmax ends between 0 and 1. */
function findingOf(
  { place, label, threshold, calibrated, calibration }: Target,
  scores: Float32Array,
): ClassificationFinding {
  const score = scores[place];
  if (score === undefined)
    throw new Fault('MODEL_INPUT_MISMATCH', `the model gives ${scores.length} scores, none at ${place}`);
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

/** What the model sees of an image: [channel, row, column], (v − mean) / std of v in 0..1. Throws MODEL_INPUT_MISMATCH. */
export function modelImage(volume: Volume, input: ClassificationSpec['input']): Float32Array {
  const [frames, rows, columns] = volume.shape;
  if (frames !== 1)
    throw new Fault('MODEL_INPUT_MISMATCH', `the model reads one image, the series holds ${frames}`);
  const toDisplay = windowOf(volume, input.window);
  const shown = resizeArea({ rows, columns, data: volume.data.map(toDisplay) }, input.rows, input.columns);
  const places = shown.data.length;
  const image = new Float32Array(input.channels * places);
  for (let c = 0; c < input.channels; c++) {
    const mean = input.mean[c] ?? input.mean[0] ?? 0;
    const std = input.std[c] ?? input.std[0] ?? 1;
    for (let i = 0; i < places; i++) image[c * places + i] = ((shown.data[i] as number) / 255 - mean) / std;
  }
  return image;
}
