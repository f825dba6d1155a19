import {
  type Explanation,
  type FindingExplanation,
  type LabelMap,
  NOT_COMPUTED,
  type Prediction,
  type Region,
  type SegmentFinding,
  type Tap,
  type Volume,
} from '../contracts.ts';
import { CODES, UNITS } from '../dicom/code.ts';
import { Fault } from '../shared/fault.ts';
import { absent, given, percent } from './element.ts';

/** Voxels whose best label is this little ahead of the next are called close. */
const CLOSE_CALL = 0.2;
const METHOD = 'softmax probability of the chosen label minus that of the next';

/**
 * A segmentation explains where by its mask and how surely by its margin: the softmax probability of the best label over
 * the second, 0..1, for every voxel. Uncalibrated: it orders voxels, it is no probability of being right.
 */
export function explainByMargin(volume: Volume, { findings, labelMap, taps }: Prediction): Explanation {
  const margin = taps.margin;
  if (!labelMap || !margin)
    throw new Fault('EXPLANATION_UNFAITHFUL', 'the segmentation came without label map or margin');
  const segments = findings.filter((f): f is SegmentFinding => f.kind === 'segment');
  const summaries = summarise(labelMap, margin, segments.length);
  return {
    maps: [
      {
        name: 'Margin to the second label',
        method: METHOD,
        quantity: CODES.marginMap,
        unit: UNITS.one,
        shape: volume.shape,
        data: margin.data,
        range: [0, 1],
        padding: NOT_COMPUTED,
      },
    ],
    findings: segments.map((segment, i) =>
      explainSegment(i, segment, { volume, summary: summaries[i] as Summary }),
    ),
  };
}

/** What is counted over the voxels of one segment. */
interface Summary {
  marginSum: number;
  close: number;
  /** Voxels on each frame. */
  readonly perFrame: Uint32Array;
  /** Box on each frame: left, top, right, bottom in pixels, inclusive. */
  readonly boxes: Map<number, [number, number, number, number]>;
}

function summarise(labelMap: LabelMap, margin: Tap, count: number): readonly Summary[] {
  const [frames, rows, columns] = labelMap.shape;
  const summaries = Array.from(
    { length: count },
    (): Summary => ({
      marginSum: 0,
      close: 0,
      perFrame: new Uint32Array(frames),
      boxes: new Map(),
    }),
  );
  for (let frame = 0, at = 0; frame < frames; frame++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at++) {
        const summary = summaries[(labelMap.data[at] as number) - 1];
        if (!summary) continue;
        const value = margin.data[at] as number;
        summary.marginSum += value;
        if (value < CLOSE_CALL) summary.close++;
        summary.perFrame[frame] = (summary.perFrame[frame] as number) + 1;
        widen(summary.boxes, frame, row, column);
      }
    }
  }
  return summaries;
}

function widen(boxes: Summary['boxes'], frame: number, row: number, column: number): void {
  const box = boxes.get(frame);
  if (!box) {
    boxes.set(frame, [column, row, column, row]);
    return;
  }
  if (column < box[0]) box[0] = column;
  if (column > box[2]) box[2] = column;
  box[3] = row;
}

function explainSegment(
  index: number,
  segment: SegmentFinding,
  { volume, summary }: { volume: Volume; summary: Summary },
): FindingExplanation {
  const name = segment.label.label;
  const noRanges = absent('this package has no reference ranges and names no next step');
  const noSharpness = absent('the sharpness of the border is not measured yet');
  if (segment.voxels === 0) {
    const nothing = absent('the model marked no voxel');
    return {
      finding: index,
      sentence: `${name}: the model found none.`,
      regions: [],
      measures: [],
      elements: {
        localization: nothing,
        visualRecognizability: noSharpness,
        physicalAttribution: nothing,
        modelTransparency: nothing,
        actionability: noRanges,
      },
    };
  }
  const ml = `${(segment.volumeMm3 / 1000).toFixed(segment.volumeMm3 < 10_000 ? 2 : 1)} ml`;
  const meanMargin = summary.marginSum / segment.voxels;
  const close = summary.close / segment.voxels;
  const frames = summary.perFrame.filter((n) => n > 0).length;
  return {
    finding: index,
    sentence: `${name}: ${ml}.`,
    regions: [keySlice(summary)],
    measures: [
      {
        name: CODES.meanMargin.meaning,
        value: meanMargin,
        unit: UNITS.one,
        sentence: '0 means torn between two labels, 1 means no other label came near.',
      },
      {
        name: 'Share of close calls',
        value: close,
        unit: UNITS.one,
        sentence: `Part of the mask where the margin is under ${CLOSE_CALL}.`,
      },
    ],
    elements: {
      localization: given(
        `The mask lies on ${frames} of ${volume.shape[0]} slices.`,
        'the model’s own mask on the source slices',
      ),
      visualRecognizability: noSharpness,
      physicalAttribution: given(
        `${ml}, the sum of ${segment.voxels.toLocaleString('en')} source voxels.`,
        'sum of the voxel volumes of the mask on the source grid',
      ),
      modelTransparency: given(
        `${percent(close)} of the mask was a close call between two labels.`,
        `${METHOD}; close under ${CLOSE_CALL}`,
      ),
      actionability: noRanges,
    },
  };
}

/** Box of the mask on the slice where it is largest. */
function keySlice({ perFrame, boxes }: Summary): Region {
  const frame = perFrame.reduce((best, n, i) => (n > (perFrame[best] as number) ? i : best), 0);
  const [left, top, right, bottom] = boxes.get(frame) as [number, number, number, number];
  return {
    name: 'Key slice',
    frame,
    left,
    top,
    right: right + 1,
    bottom: bottom + 1,
    meaning: 'Box of the mask on the slice where it is largest',
  };
}
