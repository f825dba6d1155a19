import { NOT_COMPUTED, type Prediction, type SegmentFinding, type Tap, type Volume } from '../contracts.ts';
import { CODES, UNITS } from '../dicom/code.ts';
import type {
  Explanation,
  ExplanationMap,
  FindingExplanation,
  NextStep,
  Region,
  StudyCheck,
} from '../explanation.ts';
import type { SegmentationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { checkBrightness } from './checks/brightness.ts';
import { checkComplete } from './checks/complete.ts';
import { checkEdge } from './checks/edge.ts';
import { notMade } from './checks/judged.ts';
import { checkOutline } from './checks/outline.ts';
import { checkMatrix } from './checks/picture.ts';
import { checkPopulation } from './checks/population.ts';
import { checkVolumes } from './checks/volumes.ts';
import { absent, given } from './element.ts';
import { stepAt, stepMethod, stepWords } from './next-step.ts';
import { partOf } from './part-of.ts';
import { volumeResolution } from './resolution.ts';
import { type Summary, summarise } from './segment-summary.ts';
import { elementsOf, inMl, MARGIN_METHOD, measuresOf, mostOf, type Structure } from './segment-words.ts';
import { sidesOf } from './sides.ts';

/**
 * A segmentation explains where by its mask and how surely by its margin: the softmax probability of the best label over
 * the second, 0..1, for every voxel. Uncalibrated: it orders voxels, it is no probability of being right. A model that is a rule explains
 * itself by it: there is no map, and nothing of certainty, which would say nothing that the rule does not.
 */
export function explainByMargin(
  spec: SegmentationSpec,
  { volume, prediction }: { readonly volume: Volume; readonly prediction: Prediction },
): Explanation {
  const { findings, labelMap, taps } = prediction;
  const { margin } = taps;
  if (!labelMap || !margin)
    throw new Fault('EXPLANATION_UNFAITHFUL', 'the segmentation came without label map or margin');
  const segments = findings.filter((f): f is SegmentFinding => f.kind === 'segment');
  const summaries = summarise(labelMap, { volume, margin, count: segments.length });
  const { rule, input, output } = spec;
  const { labels, brightness } = output;
  const structures = segments.map((segment, i) => ({
    segment,
    summary: summaries[i] as Summary,
    expected: labels[i]?.expected ?? false,
  }));
  const sides = sidesOf(
    segments.map((finding, i) => ({ finding, paired: labels[i]?.paired ?? false })),
    labelMap,
    volume,
  );
  const ofImages: readonly StudyCheck[] = [
    notMade('features', 'The package keeps nothing of known images to compare these with.'),
    notMade('stability', 'Small changes are not tried on each study: each is a whole run of the model.'),
    ...checkComplete(segments, labels),
    ...checkVolumes(segments, labels),
    ...checkEdge(structures, volume),
    ...checkBrightness(structures, brightness),
    ...checkPopulation(volume.header, spec.checks ?? {}),
    ...checkMatrix(volume, spec.checks?.smallest),
  ];
  const outlines = segments.map(({ voxels }, i) =>
    voxels === 0 || rule !== undefined ? undefined : checkOutline((summaries[i] as Summary).close / voxels),
  );
  return {
    maps: rule === undefined ? [marginMap(volume, margin)] : [],
    checks: [...ofImages, ...outlines.flatMap((check, finding) => (check ? [{ ...check, finding }] : []))],
    findings: segments.map((segment, i) => {
      const own = outlines[i];
      const nextStep = stepAt(segment.volumeMm3 / 1000, labels[i]?.actions);
      if (segment.voxels === 0) return nothingFound(i, { segment, nextStep });
      return explained(i, {
        segment,
        volume,
        summary: summaries[i] as Summary,
        sides: sides[i],
        resolution: volumeResolution(input),
        range: labels[i]?.range,
        part: partOf(segment, labels[i]?.partOf, segments),
        actions: labels[i]?.actions,
        nextStep,
        rule,
        checks: own ? [...ofImages, own] : ofImages,
      });
    }),
  };
}

const marginMap = ({ shape }: Volume, { data }: Tap): ExplanationMap => ({
  name: 'Margin to the second label',
  method: MARGIN_METHOD,
  quantity: CODES.marginMap,
  unit: UNITS.one,
  shape,
  data,
  range: [0, 1],
  padding: NOT_COMPUTED,
});

function nothingFound(
  index: number,
  {
    segment: { label },
    nextStep,
  }: { readonly segment: SegmentFinding; readonly nextStep: NextStep | undefined },
): FindingExplanation {
  const nothing = absent('the model marked no voxel');
  return {
    finding: index,
    sentence: `${label.label}: the model found none.`,
    regions: [],
    measures: [],
    ...(nextStep ? { nextStep } : {}),
    elements: {
      localization: nothing,
      visualRecognizability: nothing,
      physicalAttribution: nothing,
      modelTransparency: nothing,
      actionability: nextStep ? given(stepWords(nextStep).join(' '), stepMethod(nextStep)) : nothing,
    },
  };
}

const explained = (index: number, it: Structure): FindingExplanation => ({
  finding: index,
  sentence: `${it.segment.label.label}: ${inMl(it.segment.volumeMm3)} ml.`,
  regions: [keySlice(it.summary)],
  measures: measuresOf(it),
  ...(it.nextStep ? { nextStep: it.nextStep } : {}),
  elements: elementsOf(it),
});

/** Box of the mask on the slice where it is largest. */
function keySlice({ perFrame, boxes }: Summary): Region {
  const frame = mostOf(perFrame);
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
