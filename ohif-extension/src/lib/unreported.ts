import { nameOf } from './content-tree.ts';
import { type DicomJson, items, momentOf, text } from './dicom-json.ts';
import { descriptionOf, type KeyImage, keyImagesOf } from './key-images.ts';
import { isWrittenWith } from './provenance.ts';
import { PARAMETRIC_MAP } from './read-parametric-map.ts';

/** Masks, a map, key images or a page that no report of the study refers to. What its header does not say is empty. */
export interface Unreported {
  readonly SOPInstanceUID: string;
  readonly kind: 'masks' | 'map' | 'keyImages' | 'page';
  readonly name: string;
  /** The structures of masks, the quantity of a map, why images are key images. */
  readonly holds: readonly string[];
  /** None of what is no selection of images. */
  readonly images: readonly KeyImage[];
  /** How the masks came about, as their header has it: each once. */
  readonly algorithms: readonly Algorithm[];
  readonly maker: string;
  /** Local, `2026-11-25T12:00:00`. */
  readonly createdAt: string;
  /** SOP Instance UID of the report that the same analysis gave, for it need not refer to everything. */
  readonly writtenWith?: string;
}

export interface Algorithm {
  /** Empty of what was drawn by hand. */
  readonly name: string;
  readonly type?: 'AUTOMATIC' | 'SEMIAUTOMATIC' | 'MANUAL';
}

const KINDS: Readonly<Record<string, Unreported['kind']>> = {
  // A Segmentation, and one whose pixels are labels.
  '1.2.840.10008.5.1.4.1.1.66.4': 'masks',
  '1.2.840.10008.5.1.4.1.1.66.7': 'masks',
  [PARAMETRIC_MAP]: 'map',
  '1.2.840.10008.5.1.4.1.1.88.59': 'keyImages',
  '1.2.840.10008.5.1.4.1.1.104.1': 'page',
};

const kindOf = (object: DicomJson): Unreported['kind'] | undefined =>
  KINDS[text(object, 'SOPClassUID') ?? ''];

export const mayBeUnreported = (object: DicomJson): boolean => kindOf(object) !== undefined;

/** Whether any of the reports names a UID, of a series or an object. */
export function referredIn(reports: readonly DicomJson[]): (uid: string) => boolean {
  const said = JSON.stringify(reports);
  return (uid) => said.includes(`"${uid}"`);
}

/** What the header of one of these says; undefined of any other object, and of a page that is of none of the reports: that may be anyone's letter. */
export function readUnreported(object: DicomJson, reports: readonly DicomJson[]): Unreported | undefined {
  const kind = kindOf(object);
  const SOPInstanceUID = text(object, 'SOPInstanceUID');
  if (!kind || !SOPInstanceUID) return undefined;
  const images = kind === 'keyImages' ? keyImagesOf(object) : [];
  const cited = kind === 'page' ? sourcesOf(object) : images.map((image) => image.SOPInstanceUID);
  const report = reports.find((each) => isWrittenWith(each, object, cited));
  if (kind === 'page' && !report) return undefined;
  const writtenWith = report && text(report, 'SOPInstanceUID');
  return {
    SOPInstanceUID,
    kind,
    name:
      kind === 'keyImages' || kind === 'page'
        ? (nameOf(object)?.meaning ?? '')
        : (text(object, 'SeriesDescription') ?? text(object, 'ContentDescription') ?? ''),
    holds: holdsOf(kind, object),
    images,
    algorithms: algorithmsOf(segmentsOf(object)),
    maker: [text(object, 'Manufacturer'), text(object, 'ManufacturerModelName')].filter(Boolean).join(' '),
    createdAt:
      momentOf(text(object, 'ContentDate'), text(object, 'ContentTime')) ||
      momentOf(text(object, 'SeriesDate'), text(object, 'SeriesTime')),
    ...(writtenWith === undefined ? {} : { writtenWith }),
  };
}

function holdsOf(kind: Unreported['kind'], object: DicomJson): readonly string[] {
  switch (kind) {
    case 'masks':
      return segmentsOf(object).flatMap((segment) => text(segment, 'SegmentLabel') ?? []);
    case 'map':
      return mappingsOf(object).flatMap((map) => text(map, 'LUTExplanation') ?? text(map, 'LUTLabel') ?? []);
    case 'keyImages':
      return [descriptionOf(object)].filter(Boolean);
    case 'page':
      return [];
  }
}

/** The first of a label map is what lies in none of its structures. */
const segmentsOf = (object: DicomJson): readonly DicomJson[] =>
  items(object, 'SegmentSequence').filter((segment) => text(segment, 'SegmentNumber') !== '0');

const mappingsOf = (object: DicomJson): readonly DicomJson[] =>
  (['SharedFunctionalGroupsSequence', 'PerFrameFunctionalGroupsSequence'] as const)
    .map((groups) => items(items(object, groups)[0] ?? {}, 'RealWorldValueMappingSequence'))
    .find(({ length }) => length > 0) ?? [];

/** The images that a page is about (PS3.3 C.24.2). */
const sourcesOf = (page: DicomJson): readonly string[] =>
  items(page, 'SourceInstanceSequence').flatMap((image) => text(image, 'ReferencedSOPInstanceUID') ?? []);

const TYPES = ['AUTOMATIC', 'SEMIAUTOMATIC', 'MANUAL'] as const;

function algorithmsOf(segments: readonly DicomJson[]): readonly Algorithm[] {
  const found = new Map<string, Algorithm>();
  for (const segment of segments) {
    const name = text(segment, 'SegmentAlgorithmName') ?? '';
    const type = TYPES.find((known) => known === text(segment, 'SegmentAlgorithmType'));
    if (name || type) found.set(`${type} ${name}`, { name, ...(type ? { type } : {}) });
  }
  return [...found.values()];
}
