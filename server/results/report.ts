import { CODES, type Code, code } from '../dicom/code.ts';
import { codeOf, type Dataset, items, type Part10, text } from '../dicom/read.ts';
import {
  all,
  children,
  codedOf,
  codeUnder,
  imagesOf,
  isNamed,
  type Measurement,
  measurementOf,
  nameOf,
  type Place,
  placeOf,
  sideOf,
  textUnder,
  typeOf,
} from './content.ts';
import { type Other, type Reference, referencesOf } from './references.ts';

/** One Measurement Group, with the places of those that only say where it is. */
export interface Finding {
  readonly tracking: { readonly identifier?: string; readonly uid?: string };
  readonly category?: Code;
  /** What was found; a negative result has none. */
  readonly type?: Code;
  readonly sites: readonly Code[];
  /** The side of the site, or of what was found. */
  readonly laterality?: Code;
  readonly segments: readonly Reference[];
  readonly places: readonly Place[];
  readonly measurements: readonly Measurement[];
  readonly evaluations: readonly { readonly name: Code; readonly value: Code }[];
  readonly remarks: readonly { readonly name: Code; readonly text: string }[];
  readonly images: readonly { readonly name?: Code; readonly image: Reference }[];
  readonly algorithm?: {
    readonly name: string;
    readonly version?: string;
    readonly parameters: readonly string[];
  };
}

export interface Report {
  readonly kind: 'report';
  readonly title: Code;
  readonly isComplete: boolean;
  readonly isVerified: boolean;
  /** Who made it, by name: persons and devices. */
  readonly observers: readonly string[];
  readonly procedure?: Code;
  readonly imageLibrary: readonly Reference[];
  readonly findings: readonly Finding[];
  /** Of the whole report. */
  readonly evaluations: readonly { readonly name: Code; readonly value: Code }[];
  readonly predecessors: readonly Reference[];
}

const SRT_FINDING_SITE = code('G-C0E3', 'SRT', 'Finding Site');
const SRT_LATERALITY = code('G-C171', 'SRT', 'Laterality');
const SEGMENTATION_FRAME = code('121214', 'DCM', 'Referenced Segmentation Frame');
const SOURCE_OF_MEASUREMENT = code('121112', 'DCM', 'Source of Measurement');
const ALGORITHM_FAMILY = code('111000', 'DCM', 'Algorithm Family');
const ALGORITHM_MANUFACTURER = code('122405', 'DCM', 'Algorithm Manufacturer');
const PROCEDURE_REPORTED = code('121058', 'DCM', 'Procedure reported');
const QUALITATIVE_EVALUATIONS = code('C0034375', 'UMLS', 'Qualitative Evaluations');
const OBSERVERS = ['121008', '121013', '121012'].map((value) => code(value, 'DCM', 'observer'));

/** A document of TID 1500 (PS3.16), of any SR class; another document is `other`. */
export function readReport({ dataset }: Part10): Report | Other {
  const title = nameOf(dataset);
  if (!title || !isNamed(dataset, CODES.imagingMeasurementReport))
    return {
      kind: 'other',
      reason: `the document is titled "${title?.meaning ?? 'nothing'}", no Imaging Measurement Report`,
    };
  const groups = all(dataset, CODES.imagingMeasurements).flatMap((c) => all(c, CODES.measurementGroup));
  const procedure = codeUnder(dataset, PROCEDURE_REPORTED);
  return {
    kind: 'report',
    title,
    isComplete: text(dataset, 'CompletionFlag') === 'COMPLETE',
    isVerified: text(dataset, 'VerificationFlag') === 'VERIFIED',
    observers: observersOf(dataset),
    ...(procedure ? { procedure } : {}),
    imageLibrary: all(dataset, CODES.imageLibrary).flatMap(libraryOf),
    findings: withPlaces(groups.map(findingOf)),
    evaluations: all(dataset, QUALITATIVE_EVALUATIONS).flatMap(children).flatMap(codedOf),
    predecessors: items(dataset, 'PredecessorDocumentsSequence')
      .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
      .flatMap((series) => referencesOf(series, 'ReferencedSOPSequence')),
  };
}

/** A group that measures and evaluates nothing, under the UID of an earlier one, is where that finding is: no finding more. */
function withPlaces(groups: readonly Finding[]): readonly Finding[] {
  const isPlaceOnly = ({ measurements, evaluations, segments, places }: Finding): boolean =>
    places.length > 0 && measurements.length + evaluations.length + segments.length === 0;
  const found: Finding[] = [];
  for (const group of groups) {
    const { uid } = group.tracking;
    const at = uid && isPlaceOnly(group) ? found.findIndex((f) => f.tracking.uid === uid) : -1;
    const earlier = found[at];
    if (earlier)
      found[at] = {
        ...earlier,
        places: [...earlier.places, ...group.places],
        remarks: [...earlier.remarks, ...group.remarks],
      };
    else found.push(group);
  }
  return found;
}

/** Names where there are any, else the UID of the device. */
function observersOf(dataset: Dataset): readonly string[] {
  const said = all(dataset, ...OBSERVERS);
  const named = said.filter((item) => typeOf(item) !== 'UIDREF');
  return (named.length > 0 ? named : said).flatMap(
    (item) => personOf(item.PersonName) ?? text(item, 'TextValue') ?? text(item, 'UID') ?? [],
  );
}

function personOf(value: unknown): string | undefined {
  const first: unknown = [value].flat()[0];
  const group = typeof first === 'object' && first !== null ? Reflect.get(first, 'Alphabetic') : first;
  return typeof group === 'string' && group !== '' ? group : undefined;
}

const libraryOf = (item: Dataset): readonly Reference[] =>
  typeOf(item) === 'IMAGE' ? imagesOf(item) : children(item).flatMap(libraryOf);

/** What has a place of its own in a finding: the rest of its CODE, TEXT and IMAGE items are evaluations, remarks and images. */
const PLACED: readonly Code[] = [
  CODES.trackingIdentifier,
  CODES.trackingUid,
  CODES.findingCategory,
  CODES.finding,
  CODES.findingSite,
  SRT_FINDING_SITE,
  CODES.referencedSegment,
  SEGMENTATION_FRAME,
  CODES.algorithmName,
  CODES.algorithmVersion,
  CODES.algorithmParameters,
  ALGORITHM_FAMILY,
  ALGORITHM_MANUFACTURER,
];

function findingOf(group: Dataset): Finding {
  const identifier = textUnder(group, CODES.trackingIdentifier);
  const uid = textUnder(group, CODES.trackingUid);
  const category = codeUnder(group, CODES.findingCategory);
  const type = codeUnder(group, CODES.finding);
  const located = all(group, CODES.findingSite, SRT_FINDING_SITE);
  const laterality = sideOf(
    [...located, ...all(group, CODES.finding)].map((item) =>
      codeUnder(item, CODES.laterality, SRT_LATERALITY),
    ),
  );
  const rest = children(group).filter((item) => !isNamed(item, ...PLACED));
  return {
    tracking: { ...(identifier ? { identifier } : {}), ...(uid ? { uid } : {}) },
    ...(category ? { category } : {}),
    ...(type ? { type } : {}),
    sites: located.flatMap((i) => codeOf(i, 'ConceptCodeSequence') ?? []),
    ...(laterality ? { laterality } : {}),
    segments: all(group, CODES.referencedSegment, SEGMENTATION_FRAME).flatMap(imagesOf),
    places: placesIn(group),
    measurements: children(group).flatMap((item) =>
      typeOf(item) === 'NUM' ? (measurementOf(item) ?? []) : [],
    ),
    evaluations: rest.filter((item) => typeOf(item) === 'CODE').flatMap(codedOf),
    remarks: rest.filter((item) => typeOf(item) === 'TEXT').flatMap(remarkOf),
    images: rest
      .filter((item) => typeOf(item) === 'IMAGE')
      .flatMap((item) => {
        const name = nameOf(item);
        return imagesOf(item).map((image) => ({ ...(name ? { name } : {}), image }));
      }),
    ...algorithmOf(group),
  };
}

/** Of the group itself and of its measurements, which dcmjs draws one by one; not what a number was taken from. */
const placesIn = (item: Dataset): readonly Place[] =>
  children(item).flatMap((child) => {
    if (isNamed(child, SOURCE_OF_MEASUREMENT)) return [];
    if (typeOf(child).startsWith('SCOORD')) return [placeOf(child)];
    return typeOf(child) === 'NUM' ? placesIn(child) : [];
  });

function remarkOf(item: Dataset): readonly { name: Code; text: string }[] {
  const [name, words] = [nameOf(item), text(item, 'TextValue')];
  return name && words !== undefined ? [{ name, text: words }] : [];
}

function algorithmOf(group: Dataset): Pick<Finding, 'algorithm'> {
  const name = textUnder(group, CODES.algorithmName);
  if (name === undefined) return {};
  const version = textUnder(group, CODES.algorithmVersion);
  const parameters = all(group, CODES.algorithmParameters).flatMap((p) => text(p, 'TextValue') ?? []);
  return { algorithm: { name, ...(version ? { version } : {}), parameters } };
}
