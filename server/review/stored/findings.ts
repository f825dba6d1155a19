import { CHECK_CODES, CODES, type Code, code, PRIVATE_SCHEME } from '../../dicom/code.ts';
import { codeOf, type Dataset, text } from '../../dicom/read.ts';
import {
  all,
  children,
  codeUnder,
  imagesOf,
  isNamed,
  measurementOf,
  placeOf,
  textUnder,
  typeOf,
} from '../../results/content.ts';
import type { Reference } from '../../results/references.ts';
import type { CaseFinding } from '../contract/case.ts';

/** One finding of a report of ours, with what it points to. */
export interface StoredFinding
  extends Pick<
    CaseFinding,
    | 'label'
    | 'code'
    | 'sentence'
    | 'present'
    | 'score'
    | 'threshold'
    | 'probability'
    | 'measurements'
    | 'measures'
    | 'elements'
    | 'checks'
    | 'deletion'
  > {
  readonly regions: readonly {
    readonly name: string;
    readonly meaning: string;
    readonly image: Reference;
    readonly points: readonly (readonly [number, number])[];
  }[];
  readonly segment?: Reference;
  readonly trackingUID?: string;
  /** Maps, in the report's order. */
  readonly maps: readonly Reference[];
  /** The source frame to look at first. */
  readonly best?: Reference;
  /** How the model prepared the images and decided, `name=value`. */
  readonly parameters: readonly string[];
}

const COMMENT = code('121106', 'DCM', 'Comment');
const CERTAINTY = code('111012', 'DCM', 'Certainty of Finding');
const BEST = code('121080', 'DCM', 'Best illustration of finding');
const METHOD = code('370129005', 'SCT', 'Measurement Method');
const RECOMMENDATION = code('121075', 'DCM', 'Recommendation');

/** The findings of a report in their order (docs/result-format.md). */
export function findingsOf(report: Dataset): readonly StoredFinding[] {
  const groups = all(report, CODES.imagingMeasurements).flatMap((c) => all(c, CODES.measurementGroup));
  const isFinding = (group: Dataset): boolean => all(group, CODES.summary).length > 0;
  return groups.flatMap((group, i) => {
    if (!isFinding(group)) return [];
    const next = groups.findIndex((other, k) => k > i && isFinding(other));
    // The groups of its further places follow it.
    const places = [group, ...groups.slice(i + 1, next < 0 ? undefined : next)];
    return [findingOf(group, places)];
  });
}

function findingOf(group: Dataset, places: readonly Dataset[]): StoredFinding {
  const type = codeUnder(group, CODES.finding) ?? presenceOf(group)?.name;
  const score = quantity(group, CODES.score);
  const threshold = quantity(group, CODES.threshold);
  const certainty = quantity(group, CERTAINTY);
  const segment = all(group, CODES.referencedSegment).flatMap(imagesOf)[0];
  const best = all(group, BEST).flatMap(imagesOf)[0];
  const deletion = deletionOf(textUnder(group, CODES.deletionCurve) ?? '');
  const presence = presenceOf(group);
  const trackingUID = textUnder(group, CODES.trackingUid);
  return {
    label: textUnder(group, CODES.trackingIdentifier) ?? '',
    ...(type ? { code: type } : {}),
    sentence: textUnder(group, CODES.summary) ?? '',
    ...(presence ? { present: presence.isThere } : {}),
    ...(score === undefined ? {} : { score }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(certainty === undefined ? {} : { probability: certainty / 100 }),
    measurements: measurementsOf(group),
    measures: measuresOf(group),
    elements: Object.fromEntries(ELEMENTS.map((name) => [name, elementOf(group, name)])),
    checks: checksOf(group),
    ...(deletion ? { deletion } : {}),
    regions: places.flatMap(regionsOf),
    ...(segment ? { segment } : {}),
    ...(trackingUID ? { trackingUID } : {}),
    maps: all(group, CODES.visualExplanation).flatMap(imagesOf),
    ...(best ? { best } : {}),
    parameters: all(group, CODES.algorithmParameters).flatMap((item) => text(item, 'TextValue') ?? []),
  };
}

const ELEMENTS = [
  'localization',
  'visualRecognizability',
  'physicalAttribution',
  'modelTransparency',
  'actionability',
] as const;

/** The item that says present or absent; its name is what was looked for. */
function presenceOf(group: Dataset): { readonly name: Code; readonly isThere: boolean } | undefined {
  for (const item of children(group)) {
    const [name, value] = [codeOf(item, 'ConceptNameCodeSequence'), codeOf(item, 'ConceptCodeSequence')];
    if (name && value?.value === CODES.present.value) return { name, isThere: true };
    if (name && value?.value === CODES.absent.value) return { name, isThere: false };
  }
  return undefined;
}

const quantity = (group: Dataset, concept: Code): number | undefined =>
  all(group, concept).flatMap((item) => measurementOf(item)?.value ?? [])[0];

/** Quantities of the finding itself: what the model's score or its explanation is measured by is none. */
const measurementsOf = (group: Dataset): CaseFinding['measurements'] =>
  children(group).flatMap((item) => {
    if (typeOf(item) !== 'NUM' || isNamed(item, CERTAINTY)) return [];
    const measured = measurementOf(item);
    if (!measured || measured.name.scheme === PRIVATE_SCHEME) return [];
    const { name, value, unit } = measured;
    return [{ name: name.meaning, value, ...(unit && unit.value !== '1' ? { unit: unit.value } : {}) }];
  });

/** A measure is a TEXT, `<name>: <what it tells>`, and the NUM that follows it. */
function measuresOf(group: Dataset): CaseFinding['measures'] {
  const items = children(group);
  return items.flatMap((item, i) => {
    if (typeOf(item) !== 'TEXT' || !isNamed(item, CODES.measure)) return [];
    const [, name = '', sentence = ''] = /^([^:]*): (.*)$/s.exec(text(item, 'TextValue') ?? '') ?? [];
    const next = items[i + 1];
    const measured = next && typeOf(next) === 'NUM' ? measurementOf(next) : undefined;
    const unit = measured?.unit && measured.unit.value !== '1' ? measured.unit.value : undefined;
    return [{ name, sentence, ...(measured ? { value: measured.value } : {}), ...(unit ? { unit } : {}) }];
  });
}

function elementOf(
  group: Dataset,
  name: (typeof ELEMENTS)[number],
): NonNullable<CaseFinding['elements'][typeof name]> {
  const words = textUnder(group, CODES[name]);
  const item = all(group, CODES[name]).find((c) => typeOf(c) === 'CODE');
  if (!item || codeOf(item, 'ConceptCodeSequence')?.value !== CODES.given.value || words === undefined)
    return { state: 'absent', reason: words ?? 'The report says nothing of it.' };
  const method = textUnder(item, METHOD);
  const next = name === 'actionability' ? textUnder(group, RECOMMENDATION) : undefined;
  return {
    state: 'given',
    sentence: next === undefined || words.includes(next) ? words : `${words} ${next}`,
    ...(method ? { method } : {}),
  };
}

const STATES = new Map<string, CaseFinding['checks'][number]['state']>([
  [CODES.passed.value, 'passed'],
  [CODES.remark.value, 'remark'],
  [CODES.failed.value, 'failed'],
]);

const checksOf = (group: Dataset): CaseFinding['checks'] =>
  Object.values(CHECK_CODES).flatMap((name) => {
    const outcome = codeUnder(group, name);
    return outcome
      ? [
          {
            name: name.meaning,
            state: STATES.get(outcome.value) ?? 'absent',
            sentence: textUnder(group, name) ?? '',
          },
        ]
      : [];
  });

function regionsOf(group: Dataset): StoredFinding['regions'] {
  const [, name = '', meaning = ''] = /^([^:]*): (.*)$/s.exec(textUnder(group, COMMENT) ?? '') ?? [];
  return all(group, CODES.imageRegion).flatMap((item) => {
    const { shape, points, image } = placeOf(item);
    if (shape !== 'POLYLINE' || !image || points.length < 3) return [];
    return [{ name, meaning, image, points: points.map(([x = 0, y = 0]): [number, number] => [x, y]) }];
  });
}

/** Undefined when it is not there or not of docs/result-format.md: half a curve is none. */
function deletionOf(words: string): CaseFinding['deletion'] {
  const [, hidden, first = '', random = ''] =
    /of the image ([^;]+); the strongest evidence first: ([\d. ]+); in a random order: ([\d. ]+)(?:; what is hidden has evidence above: [-\d.e ]+)?$/.exec(
      words,
    ) ?? [];
  const [strongestFirst = [], randomOrder = []] = [first, random].map((list) => list.split(' ').map(Number));
  const isCurve = strongestFirst.length > 1 && strongestFirst.length === randomOrder.length;
  if (!hidden || !isCurve || ![...strongestFirst, ...randomOrder].every((s) => s >= 0 && s <= 1))
    return undefined;
  return { strongestFirst, randomOrder, hidden };
}
