import type { ClassificationFinding, DetectedBox, Prediction, Tap, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import type { DetectionSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { scoreFinding, thresholdsOf } from './classify.ts';
import { pictureFor } from './picture.ts';
import { type RunOptions, runOnnx } from './session.ts';

/**
 * One image through a detection model: one finding a target, with its score the greatest of all boxes, and the boxes that reach the
 * threshold and overlap no stronger one. Throws MODEL_INPUT_MISMATCH.
 */
export async function detect(
  model: Model & { readonly spec: DetectionSpec },
  volume: Volume,
  options: RunOptions,
): Promise<Prediction> {
  const { input, output } = model.spec;
  const { image, fed, said } = pictureFor(volume, input);
  const results = await runOnnx(model.onnxPath, {
    ...options,
    feeds: { [input.tensor]: fed },
    fetches: [output.boxes, output.scores],
  });
  const { boxes, scores, count, classes } = candidates(results, output);
  return {
    model: model.identity,
    findings: output.targets.map((target): ClassificationFinding => {
      if (target.place >= classes)
        throw new Fault('MODEL_INPUT_MISMATCH', `the model has ${classes} classes, none at ${target.place}`);
      const placed = Array.from({ length: count }, (_, n): DetectedBox => {
        const place = n * classes + target.place;
        return { ...onSource(boxes, n, { volume, spec: model.spec }), place, score: scores[place] as number };
      }).toSorted((a, b) => b.score - a.score);
      return {
        ...scoreFinding(target, placed[0]?.score, count),
        boxes: strongest(
          placed.filter(({ score }) => score >= target.threshold),
          output,
        ),
      };
    }),
    input: image,
    taps: {},
    parameters: { ...said, ...thresholdsOf(output.targets), overlap: output.overlap },
  };
}

function candidates(
  results: Readonly<Record<string, Tap>>,
  output: DetectionSpec['output'],
): { boxes: Float32Array; scores: Float32Array; count: number; classes: number } {
  const [boxes, scores] = [results[output.boxes] as Tap, results[output.scores] as Tap];
  const [, count = 0, four] = boxes.dims;
  const [, other, classes = 0] = scores.dims;
  if (boxes.dims.length !== 3 || four !== 4 || scores.dims.length !== 3 || other !== count || count === 0)
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `boxes are ${boxes.dims.join(' × ')} and scores ${scores.dims.join(' × ')}; wanted are 1 × n × 4 and 1 × n × classes`,
    );
  return { boxes: boxes.data, scores: scores.data, count, classes };
}

/** Box n in pixel edges of the source, cut off at its edges: the model's picture covers all of it. */
function onSource(
  boxes: Float32Array,
  n: number,
  { volume, spec: { input, output } }: { readonly volume: Volume; readonly spec: DetectionSpec },
): Omit<DetectedBox, 'place' | 'score'> {
  const [a = 0, b = 0, c = 0, d = 0] = boxes.subarray(4 * n, 4 * n + 4);
  const [left, top, right, bottom] =
    output.form === 'corners' ? [a, b, c, d] : [a - c / 2, b - d / 2, a + c / 2, b + d / 2];
  const [, rows, columns] = volume.shape;
  const across = columns / (output.unit === 'pixel' ? input.columns : 1);
  const down = rows / (output.unit === 'pixel' ? input.rows : 1);
  const within = (v: number, most: number): number => Math.min(most, Math.max(0, v));
  return {
    left: within(left * across, columns),
    top: within(top * down, rows),
    right: within(right * across, columns),
    bottom: within(bottom * down, rows),
  };
}

/** Non-maximum suppression of one class, greatest scores first; boxes without area are none. */
function strongest(
  sorted: readonly DetectedBox[],
  { overlap, most }: DetectionSpec['output'],
): readonly DetectedBox[] {
  const kept: DetectedBox[] = [];
  for (const box of sorted) {
    if (kept.length === most) break;
    if (areaOf(box) > 0 && kept.every((other) => intersectionOverUnion(box, other) <= overlap))
      kept.push(box);
  }
  return kept;
}

type Box = Omit<DetectedBox, 'place' | 'score'>;

const areaOf = ({ left, top, right, bottom }: Box): number =>
  Math.max(0, right - left) * Math.max(0, bottom - top);

function intersectionOverUnion(a: Box, b: Box): number {
  const shared = areaOf({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });
  return shared / (areaOf(a) + areaOf(b) - shared);
}
