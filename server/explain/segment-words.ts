import type { SegmentFinding, Volume } from '../contracts.ts';
import { CLOSE_CALL } from '../contracts.ts';
import { CODES, type Code, UNITS } from '../dicom/code.ts';
import type { Element, FindingExplanation, Measure, NextStep, StudyCheck } from '../explanation.ts';
import type { SegmentationSpec } from '../models/schema.ts';
import { percent } from '../shared/percent.ts';
import { adviceAgainst } from './checks/reliance.ts';
import { absent, given } from './element.ts';
import { stepMethod, stepWords } from './next-step.ts';
import { type PartOf, partMeasure, partMethod, partSentence } from './part-of.ts';
import { unitOf } from './region-size.ts';
import type { Summary } from './segment-summary.ts';
import { asymmetry, type Sides } from './sides.ts';
import { sliceWords } from './slice-words.ts';

type Label = SegmentationSpec['output']['labels'][number];
export type Range = NonNullable<Label['range']>;

/** What is known of one segment that is there. */
export interface Structure {
  readonly segment: SegmentFinding;
  readonly volume: Volume;
  readonly summary: Summary;
  readonly sides: Sides | undefined;
  readonly range: Range | undefined;
  readonly part: PartOf | undefined;
  readonly actions: Label['actions'];
  readonly nextStep: NextStep | undefined;
  /** At what resolution the model sees the volume, in a sentence. */
  readonly resolution: string;
  /** All that the model does, when it is a rule. */
  readonly rule: string | undefined;
  /** Those of the images and of this segment. */
  readonly checks: readonly StudyCheck[];
}

export const MARGIN_METHOD = 'softmax probability of the chosen label minus that of the next';

/** Millilitres with three digits or so. */
export const inMl = (mm3: number): string => (mm3 / 1000).toFixed(mm3 < 10_000 ? 2 : 1);

export const elementsOf = (it: Structure): FindingExplanation['elements'] => ({
  localization: localization(it),
  visualRecognizability: recognizability(it),
  physicalAttribution: physicalAttribution(it),
  modelTransparency: transparency(it),
  actionability: actionability(it),
});

function localization({ summary: { perFrame }, volume }: Structure): Element {
  const on = [...perFrame.keys()].filter((f) => (perFrame[f] as number) > 0);
  const [first = 0, last = 0] = [on[0], on.at(-1)];
  const { one, several } = sliceWords(volume);
  const most = one(mostOf(perFrame));
  const where = on.length === 1 ? `all of it on ${most}` : `${several(first, last)}; most of it on ${most}`;
  return given(
    `The mask lies on ${on.length} of ${volume.shape[0]} slices: ${where}.`,
    'the model’s own mask on the source slices',
  );
}

/** The frame with most; of equals the first. */
export const mostOf = (perFrame: Uint32Array): number =>
  perFrame.reduce((best, n, i) => (n > (perFrame[best] as number) ? i : best), 0);

/** Differences over the border against those inside, from which a border shows, and from which it stands out. */
const SHOWS = 1.2;
const STANDS_OUT = 2;

/** Undefined where there is nothing to compare: a structure without an inside, or of one value. */
export const borderContrast = ({ acrossBorder, inside }: Summary): number | undefined =>
  acrossBorder.count > 0 && inside.count > 0 && inside.mean > 0 ? acrossBorder.mean / inside.mean : undefined;

function recognizability({ summary }: Structure): Element {
  const contrast = borderContrast(summary);
  if (contrast === undefined) return absent('the image inside the mask does not vary, or it has no inside');
  const times = `${contrast.toFixed(1)} times as much as inside`;
  const said =
    contrast >= STANDS_OUT
      ? `Its border stands out: the image changes there ${times}.`
      : contrast >= SHOWS
        ? `Its border shows: the image changes there ${times}.`
        : `Its border hardly shows: the image changes there ${times}; the model draws it from the surroundings.`;
  return given(said, 'mean difference of neighbouring pixels in the plane, across the border and inside');
}

function physicalAttribution({ segment, volume, summary, sides, part }: Structure): Element {
  const { volumeMm3, volumeInterval, voxels } = segment;
  const interval = volumeInterval
    ? ` (${inMl(volumeInterval[0])} to ${inMl(volumeInterval[1])} ml, if its close calls went the other way)`
    : '';
  const sentences = [
    `${inMl(volumeMm3)} ml${interval}, the sum of ${voxels.toLocaleString('en')} source voxels.`,
    ...(part ? [partSentence(part)] : []),
    ...(sides ? [sidesSentence(sides)] : []),
    ...(volume.unit === null
      ? []
      : [
          `Its mean is ${summary.mean.toFixed(0)} ${unitOf(volume.unit)}, deviation ${summary.deviation.toFixed(0)}.`,
        ]),
  ];
  const method = [
    'sum of the voxel volumes of the mask on the source grid',
    ...(part ? [partMethod(part)] : []),
    ...(sides?.by === 'middle'
      ? ['sides by the plane in the middle of all structures: what grows on one side moves it']
      : []),
  ];
  return given(sentences.join(' '), method.join('; '));
}

function sidesSentence(sides: Sides): string {
  const difference = asymmetry(sides);
  const volumes = `Left ${inMl(sides.left)} ml, right ${inMl(sides.right)} ml`;
  const size = percent(Math.abs(difference));
  return difference === 0
    ? `${volumes}: even.`
    : `${volumes}: ${size} more on the ${difference > 0 ? 'left' : 'right'}.`;
}

function transparency({ segment, summary, rule, resolution }: Structure): Element {
  if (rule !== undefined) return given(rule, 'the rule itself; a map is absent because the rule is given');
  return given(
    `${percent(summary.close / segment.voxels)} of the mask was a close call between two labels. ${resolution}`,
    `${MARGIN_METHOD}; close under ${CLOSE_CALL}`,
  );
}

function actionability(it: Structure): Element {
  const { segment, summary, range, rule, checks, volume, actions, nextStep } = it;
  const isUnsure = summary.close > 0 && rule === undefined;
  const { one } = sliceWords(volume);
  const sentences = [
    ...adviceAgainst(checks),
    ...(range ? [rangeSentence(segment, range)] : []),
    isUnsure
      ? `Look at ${one(mostOf(summary.closePerFrame))} first: it has the most close calls.`
      : `Look at ${one(mostOf(summary.perFrame))} first: it has most of the mask.`,
    ...stepWords(
      nextStep,
      actions,
      segment.volumeInterval?.map((mm3) => mm3 / 1000),
    ),
  ];
  const method = [
    isUnsure ? 'slice with the most voxels of a small margin' : 'slice with the most voxels',
    range ? `range by ${range.source}` : 'the package has no reference range',
    stepMethod(nextStep),
  ];
  return given(sentences.join(' '), method.join('; '));
}

/** Where the volume lies against the range, and whether its interval leaves that open. */
export function rangeSentence({ volumeMm3, volumeInterval }: SegmentFinding, range: Range): string {
  const sideOf = (mm3: number): string =>
    mm3 / 1000 < range.low ? 'below' : mm3 / 1000 > range.high ? 'above' : 'within';
  const side = sideOf(volumeMm3);
  const isOpen = volumeInterval?.some((end) => sideOf(end) !== side);
  const limits = `the range of ${range.low} to ${range.high} ml (${range.of})`;
  return isOpen
    ? `Its volume lies ${side} ${limits}, but its interval crosses a limit: undecided.`
    : `Its volume lies ${side} ${limits}.`;
}

export function measuresOf(it: Structure): readonly Measure[] {
  const contrast = borderContrast(it.summary);
  return [
    ...slices(it),
    ...(it.rule === undefined ? certainty(it) : []),
    ...(contrast === undefined
      ? []
      : [
          measure(
            'Contrast of the border',
            contrast,
            'How much neighbouring pixels differ across the border, against inside: 1 is no border to be seen.',
          ),
        ]),
    ...(it.part ? [partMeasure(it.part)] : []),
    ...(it.sides
      ? [
          measure(
            'Asymmetry',
            100 * asymmetry(it.sides),
            'Left less right, of their mean: above 0 is larger on the left.',
            UNITS.percent,
          ),
        ]
      : []),
  ];
}

function slices({ summary: { perFrame }, volume }: Structure): readonly Measure[] {
  const [all] = volume.shape;
  if (all === 1) return [];
  const on = perFrame.filter((voxels) => voxels > 0).length;
  return [measure('Slices with the mask', on, `Of the ${all} slices of the series.`)];
}

function certainty({ segment, summary }: Structure): readonly Measure[] {
  const { volumeInterval } = segment;
  return [
    measure(
      CODES.meanMargin.meaning,
      summary.marginSum / segment.voxels,
      '0 means torn between two labels, 1 means no other label came near.',
    ),
    measure(
      'Share of close calls',
      summary.close / segment.voxels,
      `Part of the mask where the margin is under ${CLOSE_CALL}.`,
    ),
    ...(volumeInterval
      ? [
          measure('Least volume', volumeInterval[0], 'Without its close calls.', UNITS.mm3),
          measure(
            'Greatest volume',
            volumeInterval[1],
            'With the close calls of its neighbours that nearly went to it.',
            UNITS.mm3,
          ),
        ]
      : []),
  ];
}

const measure = (name: string, value: number, sentence: string, unit: Code = UNITS.one): Measure => ({
  name,
  value,
  unit,
  sentence,
});
