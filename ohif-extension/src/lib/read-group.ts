import { CHECK_CODES, CODES } from '../../../server/dicom/code.ts';
import {
  childrenOf,
  codeUnder,
  find,
  findAll,
  nameOf,
  quantityOf,
  quantityUnder,
  textUnder,
  uidUnder,
  valueTypeOf,
} from './content-tree.ts';
import { codeOf, type DicomJson, items, number, sameCode, text } from './dicom-json.ts';
import { readPlaces } from './read-places.ts';
import {
  type Check,
  type DeletionCurve,
  ELEMENTS,
  type ElementCard,
  type ElementName,
  type Finding,
  type ImageReference,
  type Measure,
  type Measurement,
} from './result.ts';

/** Standard codes that only reports need. */
const CERTAINTY = { value: '111012', scheme: 'DCM' };
const RECOMMENDATION = { value: '121075', scheme: 'DCM' };
const MEASUREMENT_METHOD = { value: '370129005', scheme: 'SCT' };

/** A finding group says the finding in words; a region group does not. */
export const isFindingGroup = (group: DicomJson): boolean => find(group, CODES.summary, 'TEXT') !== undefined;

/** One finding of a Measurement Group (docs/result-format.md). */
export function readFinding(group: DicomJson): Finding {
  const present = presenceOf(group);
  const score = scoreOf(group);
  const volumeMl = volumeOf(group);
  const segment = segmentOf(group);
  const deletion = deletionOf(group);
  const nextStep = textUnder(group, RECOMMENDATION);
  return {
    label: textUnder(group, CODES.trackingIdentifier) ?? '',
    trackingUID: uidUnder(group, CODES.trackingUid) ?? '',
    sentence: textUnder(group, CODES.summary) ?? '',
    ...readPlaces(group),
    explanations: explanationsOf(group),
    elements: ELEMENTS.map((name) => elementOf(group, name)),
    checks: checksOf(group),
    measurements: score || volumeMl !== undefined ? [] : quantitiesOf(group),
    measures: measuresOf(group),
    parameters: findAll(group, CODES.algorithmParameters, 'TEXT').flatMap(
      (item) => text(item, 'TextValue') ?? [],
    ),
    ...(present === undefined ? {} : { present }),
    ...(score ? { score } : {}),
    ...(volumeMl === undefined ? {} : { volumeMl }),
    ...(segment ? { segment } : {}),
    ...(deletion ? { deletion } : {}),
    ...(nextStep === undefined ? {} : { nextStep }),
  };
}

/** The item whose value is Present or Absent; its name is the label's type, which differs from model to model. */
function presenceOf(group: DicomJson): boolean | undefined {
  const values = childrenOf(group).map((child) => codeOf(child, 'ConceptCodeSequence'));
  if (values.some((value) => sameCode(value, CODES.present))) return true;
  return values.some((value) => sameCode(value, CODES.absent)) ? false : undefined;
}

function scoreOf(group: DicomJson): Finding['score'] {
  const score = quantityUnder(group, CODES.score);
  if (!score) return undefined;
  const threshold = quantityUnder(group, CODES.threshold);
  const certainty = quantityUnder(group, CERTAINTY);
  return {
    value: score.value,
    calibrated: sameCode(codeUnder(group, CODES.scoreScale), CODES.scoreCalibrated),
    ...(threshold ? { threshold: threshold.value } : {}),
    ...(certainty ? { probability: certainty.value / 100 } : {}),
  };
}

/** Numbers of the finding itself: not those that follow a measure of faithfulness in words. */
const quantitiesOf = (group: DicomJson): readonly Measurement[] =>
  childrenOf(group).flatMap((item, i, all) => {
    const name = nameOf(item);
    const before = all[i - 1];
    if (!name || valueTypeOf(item) !== 'NUM' || (before && sameCode(nameOf(before), CODES.measure)))
      return [];
    const quantity = quantityOf(item);
    return quantity ? [{ name: name.meaning, value: quantity.value, unit: quantity.unit }] : [];
  });

/** The maps of this finding, in the report's order. */
const explanationsOf = (group: DicomJson): readonly ImageReference[] =>
  findAll(group, CODES.visualExplanation, 'IMAGE')
    .flatMap((item) => items(item, 'ReferencedSOPSequence'))
    .map((image) => ({
      SOPClassUID: text(image, 'ReferencedSOPClassUID') ?? '',
      SOPInstanceUID: text(image, 'ReferencedSOPInstanceUID') ?? '',
    }));

/** ml */
export function volumeOf(group: DicomJson): number | undefined {
  const volume = quantityUnder(group, CODES.volume);
  return volume && (volume.unit === 'mm3' ? volume.value / 1000 : volume.value);
}

/** Of a planar measurement: the segment, on one frame of it (PS3.16 TID 1410). */
const SEGMENTATION_FRAME = { value: '121214', scheme: 'DCM' };

export function segmentOf(group: DicomJson): Finding['segment'] {
  const item = find(group, CODES.referencedSegment, 'IMAGE') ?? find(group, SEGMENTATION_FRAME, 'IMAGE');
  const image = item && items(item, 'ReferencedSOPSequence')[0];
  const segment = image && number(image, 'ReferencedSegmentNumber');
  if (!image || segment === undefined) return undefined;
  return {
    SOPClassUID: text(image, 'ReferencedSOPClassUID') ?? '',
    SOPInstanceUID: text(image, 'ReferencedSOPInstanceUID') ?? '',
    number: segment,
  };
}

function elementOf(group: DicomJson, name: ElementName): ElementCard {
  const words = textUnder(group, CODES[name]);
  if (!sameCode(codeUnder(group, CODES[name]), CODES.given) || words === undefined)
    return { name, state: 'absent', ...(words === undefined ? {} : { reason: words }) };
  const coded = find(group, CODES[name], 'CODE');
  const method = coded && textUnder(coded, MEASUREMENT_METHOD);
  return { name, state: 'given', sentence: words, ...(method === undefined ? {} : { method }) };
}

/** Each check is a CODE, what came of it, and a TEXT of the same name. */
const checksOf = (group: DicomJson): readonly Check[] =>
  Object.values(CHECK_CODES).flatMap((name) => {
    const outcome = codeUnder(group, name);
    if (!outcome) return [];
    const state = STATES.find((known) => sameCode(outcome, CODES[known])) ?? 'absent';
    return [{ name: name.meaning, state, sentence: textUnder(group, name) ?? '' } as const];
  });

const STATES = ['passed', 'remark', 'failed'] as const;

/** A measure is a TEXT, `<name>: <what it tells>`, and the NUM that follows it. */
function measuresOf(group: DicomJson): readonly Measure[] {
  const children = childrenOf(group);
  return children.flatMap((child, i) => {
    if (valueTypeOf(child) !== 'TEXT' || !sameCode(nameOf(child), CODES.measure)) return [];
    const [, name = '', sentence = ''] = /^([^:]*): (.*)$/s.exec(text(child, 'TextValue') ?? '') ?? [];
    const next = children[i + 1];
    const quantity = next && valueTypeOf(next) === 'NUM' ? quantityOf(next) : undefined;
    return [{ name, sentence, ...(quantity ?? {}) }];
  });
}

/** Undefined when it is not there or not of docs/result-format.md: half a curve is none. */
function deletionOf(group: DicomJson): DeletionCurve | undefined {
  const words = textUnder(group, CODES.deletionCurve) ?? '';
  const [, hidden, first = '', random = '', from] =
    /of the image ([^;]+); the strongest evidence first: ([\d. ]+); in a random order: ([\d. ]+)(?:; what is hidden has evidence above: ([-\d.e ]+))?$/.exec(
      words,
    ) ?? [];
  const [strongestFirst, randomOrder] = [first, random].map((list) => list.split(' ').map(Number));
  const isCurve = (scores: readonly number[] | undefined): scores is readonly number[] =>
    scores !== undefined && scores.length > 1 && scores.every((s) => s >= 0 && s <= 1);
  if (!hidden || !isCurve(strongestFirst) || !isCurve(randomOrder)) return undefined;
  if (strongestFirst.length !== randomOrder.length) return undefined;
  const curve = { strongestFirst, randomOrder, hidden };
  if (from === undefined) return curve;
  const hiddenFrom = from.split(' ').map((value) => (value === '-' ? null : Number(value)));
  return isDescending(hiddenFrom) && hiddenFrom.length === strongestFirst.length - 2
    ? { ...curve, hiddenFrom }
    : undefined;
}

/** The more is hidden, the weaker the weakest of it. */
function isDescending(values: readonly (number | null)[]): boolean {
  const told = values.filter((value) => value !== null);
  return told.every((value, i) => Number.isFinite(value) && value <= (told[i - 1] ?? value));
}
