import type { ClassificationFinding, Finding, LabelSpec, SegmentFinding } from '../contracts.ts';
import { CODES, type Code, UNITS } from '../dicom/code.ts';
import type { Writable } from '../dicom/write.ts';
import type { FindingExplanation, Region } from '../explanation.ts';
import { Fault } from '../shared/fault.ts';
import { CONCEPTS } from './concepts.ts';
import { codeValue, container, imageValue, numberValue, textValue, uidValue } from './content.ts';
import type { Context } from './context.ts';
import { explainedItems } from './explained-items.ts';
import { isPresent } from './key-frames.ts';
import { rectangle, wholeFrame } from './place.ts';
import { frameOf } from './references.ts';
import { regionUid, trackingUid } from './tracking.ts';

/** What the groups point to: the references of objects that are already made. */
export interface Evidence {
  readonly segmentation?: Writable;
  /** Each PM, or each SC and each MAP. */
  readonly explanations: readonly Writable[];
}

/** One finding with all that is said of it. */
export interface Said {
  readonly finding: Finding;
  readonly explained: FindingExplanation;
  readonly evidence: Evidence;
  /** Source frames to look at, the best first. */
  readonly keyFrames: readonly number[];
  /** Whether it may be used as it is, and why. */
  readonly checks: readonly Writable[];
  /** Around a segment on the frame that holds most of it; nothing of what is not there. */
  readonly extent?: Region | undefined;
}

/**
 * The Measurement Groups of one finding, as docs/result-format.md lists their items: first the finding group, TID 1411 for a
 * segment, TID 1410 for a positive classification with a region, else TID 1501; then a TID 1410 group for the extent of a segment,
 * followed under the same UID, and one for each further region. Each finding so has a place on an image, and where there is none to
 * point to, its number says which image it comes from: OHIF 3.13 opens no report that has a finding without a place.
 */
export function groupsOf(context: Context, said: Said): readonly Writable[] {
  const { finding, explained, evidence, keyFrames, checks, extent } = said;
  const shown = isPresent(finding) ? explained.regions : [];
  const own = finding.kind === 'segment' ? [] : shown.slice(0, 1);
  const further = shown.slice(own.length);
  const isPlaced = own.length > 0 || extent !== undefined;
  const source = isPlaced ? [] : [sourceOfNumber(context, keyFrames)];
  const group = container(
    CODES.measurementGroup,
    [
      ...tracking(finding.label.label, trackingUid(context, finding.label.label)),
      ...findingItems(finding.label, isFound(finding)),
      ...(finding.kind === 'segment' ? segmentReference(context, finding, evidence) : []),
      ...own.map((region) => rectangle(context.volume, region, CODES.imageRegion)),
      ...visualExplanations(evidence),
      ...bestIllustration(context, keyFrames),
      ...siteItem(finding.label),
      ...algorithm(context, finding),
      ...checks,
      ...presence(finding),
      ...numbers(finding, source),
      textValue(CODES.summary, explained.sentence),
      ...own.map(regionComment),
      ...explainedItems(explained),
    ],
    finding.kind === 'segment' ? '1411' : own.length > 0 ? '1410' : '1501',
  );
  const { label } = finding.label;
  return [
    group,
    ...(extent
      ? [
          regionGroup(context, {
            finding,
            followed: tracking(label, trackingUid(context, label)),
            region: extent,
            evidence,
          }),
        ]
      : []),
    ...further.map((region) => {
      const identifier = `${label}: ${region.name}`;
      const followed = tracking(identifier, regionUid(context, identifier));
      return regionGroup(context, { finding, followed, region, evidence });
    }),
  ];
}

const MODIFIER = { relationship: 'HAS CONCEPT MOD' } as const;
const OBSERVATION = { relationship: 'HAS OBS CONTEXT' } as const;

const tracking = (identifier: string, uid: string): readonly Writable[] => [
  textValue(CODES.trackingIdentifier, identifier, OBSERVATION),
  uidValue(CODES.trackingUid, uid, OBSERVATION),
];

/** A quantity is measured, not found. */
const isFound = (finding: Finding): boolean => finding.kind !== 'measurement' && isPresent(finding);

const presence = (finding: Finding): readonly Writable[] =>
  finding.kind === 'measurement'
    ? []
    : [codeValue(finding.label.type, isPresent(finding) ? CODES.present : CODES.absent)];

function numbers(finding: Finding, source: readonly Writable[]): readonly Writable[] {
  switch (finding.kind) {
    case 'classification':
      return scoreItems(finding, source);
    case 'segment':
      return [volumeItem(finding, source)];
    case 'measurement':
      return [numberValue(finding.quantity, finding.value, finding.unit, { children: source })];
  }
}

/** Finding only when it is there: a reader that looks no further must not take a negative for a positive. */
const findingItems = (
  { category, type, site, laterality }: LabelSpec,
  present: boolean,
): readonly Writable[] => [
  codeValue(CODES.findingCategory, category),
  ...(present ? [codeValue(CODES.finding, type, { children: site ? [] : side(laterality) })] : []),
];

const siteItem = ({ site, laterality }: LabelSpec): readonly Writable[] =>
  site ? [codeValue(CODES.findingSite, site, { ...MODIFIER, children: side(laterality) })] : [];

const side = (laterality: Code | undefined): readonly Writable[] =>
  laterality ? [codeValue(CODES.laterality, laterality, MODIFIER)] : [];

/** The segment and the series that it was drawn on; the SEG itself names the image of every frame. */
function segmentReference(
  { volume }: Context,
  finding: SegmentFinding,
  { segmentation }: Evidence,
): readonly Writable[] {
  if (!segmentation)
    throw new Fault('ENCODE_INVALID', 'ReferencedSegmentNumber: a segment finding has no segmentation');
  return [
    imageValue(
      { ...segmentation, ReferencedSegmentNumber: finding.number },
      { name: CODES.referencedSegment },
    ),
    uidValue(CONCEPTS.sourceSeries, volume.SeriesInstanceUID),
  ];
}

const visualExplanations = ({ explanations }: Evidence): readonly Writable[] =>
  explanations.map((reference) => imageValue(reference, { name: CODES.visualExplanation }));

function bestIllustration({ volume }: Context, [best]: readonly number[]): readonly Writable[] {
  const frame = best === undefined ? undefined : volume.frames[best];
  return frame ? [imageValue(frameOf(frame), { name: CONCEPTS.bestIllustration })] : [];
}

/** TID 4019; equal to what Contributing Equipment says. The operating point is a parameter: a reader without our codes finds it there. */
function algorithm({ model, prediction }: Context, finding: Finding): readonly Writable[] {
  const parameters = {
    ...prediction.parameters,
    ...(finding.kind === 'classification' ? { threshold: finding.threshold } : {}),
  };
  return [
    textValue(CODES.algorithmName, model.name, MODIFIER),
    textValue(CODES.algorithmVersion, model.version, MODIFIER),
    ...Object.entries(parameters).map(([name, value]) =>
      textValue(CODES.algorithmParameters, `${name}=${value}`, MODIFIER),
    ),
    codeValue(CONCEPTS.algorithmFamily, CODES.artificialIntelligence, MODIFIER),
    textValue(CONCEPTS.algorithmManufacturer, model.manufacturer, MODIFIER),
  ];
}

/** TID 320: the whole of the best image, or of the middle one. */
const sourceOfNumber = ({ volume }: Context, [best = volume.frames.length >> 1]: readonly number[]) =>
  rectangle(volume, wholeFrame(volume, best), CONCEPTS.sourceOfMeasurement, 'INFERRED FROM');

/** Only a calibrated score, or the probability that a calibration gives it, says how certain the finding is. */
const scoreItems = (
  { score, calibrated, probability = calibrated ? score : undefined, threshold }: ClassificationFinding,
  source: readonly Writable[],
): readonly Writable[] => [
  numberValue(CODES.score, score, UNITS.one, { children: source }),
  codeValue(CODES.scoreScale, calibrated ? CODES.scoreCalibrated : CODES.scoreUncalibrated),
  numberValue(CODES.threshold, threshold, UNITS.one),
  ...(probability === undefined ? [] : [numberValue(CONCEPTS.certainty, probability * 100, UNITS.percent)]),
];

const volumeItem = ({ volumeMm3 }: SegmentFinding, source: readonly Writable[]): Writable =>
  numberValue(CODES.volume, volumeMm3, UNITS.mm3, {
    children: [codeValue(CONCEPTS.measurementMethod, CONCEPTS.voxelSum, MODIFIER), ...source],
  });

const regionComment = ({ name, meaning }: Region): Writable =>
  textValue(CONCEPTS.comment, `${name}: ${meaning}`);

function regionGroup(
  context: Context,
  {
    finding,
    followed,
    region,
    evidence,
  }: Pick<Said, 'finding' | 'evidence'> & {
    /** Tracking Identifier and UID. */
    readonly followed: readonly Writable[];
    readonly region: Region;
  },
): Writable {
  return container(
    CODES.measurementGroup,
    [
      ...followed,
      ...findingItems(finding.label, true),
      rectangle(context.volume, region, CODES.imageRegion),
      ...visualExplanations(evidence),
      ...algorithm(context, finding),
      regionComment(region),
    ],
    '1410',
  );
}
