import { type DicomJson, items, momentOf, text } from './dicom-json.ts';
import { PARAMETRIC_MAP } from './read-parametric-map.ts';

/** Masks or a map that no report of the study refers to. What its header does not say is empty. */
export interface Unreported {
  readonly SOPInstanceUID: string;
  readonly kind: 'masks' | 'map';
  readonly name: string;
  /** The structures of masks, or the quantity of a map. */
  readonly holds: readonly string[];
  /** How the masks came about, as their header has it: each once. */
  readonly algorithms: readonly Algorithm[];
  readonly maker: string;
  /** Local, `2026-11-25T12:00:00`. */
  readonly createdAt: string;
}

export interface Algorithm {
  /** Empty of what was drawn by hand. */
  readonly name: string;
  readonly type?: 'AUTOMATIC' | 'SEMIAUTOMATIC' | 'MANUAL';
}

/** A Segmentation, and one whose pixels are labels. */
const SEGMENTATIONS = ['1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7'];

export const isMasksOrMap = (object: DicomJson): boolean => kindOf(object) !== undefined;

/** Whether any of the reports names a UID, of a series or an object. */
export function referredIn(reports: readonly DicomJson[]): (uid: string) => boolean {
  const said = JSON.stringify(reports);
  return (uid) => said.includes(`"${uid}"`);
}

/** What the header of masks or a map says; undefined of any other object. */
export function readUnreported(object: DicomJson): Unreported | undefined {
  const kind = kindOf(object);
  const SOPInstanceUID = text(object, 'SOPInstanceUID');
  if (!kind || !SOPInstanceUID) return undefined;
  // The first of a label map is what lies in none of its structures.
  const segments = items(object, 'SegmentSequence').filter(
    (segment) => text(segment, 'SegmentNumber') !== '0',
  );
  const quantity = mappingOf(object);
  return {
    SOPInstanceUID,
    kind,
    name: text(object, 'SeriesDescription') ?? text(object, 'ContentDescription') ?? '',
    holds:
      kind === 'masks'
        ? segments.flatMap((segment) => text(segment, 'SegmentLabel') ?? [])
        : [(quantity && (text(quantity, 'LUTExplanation') ?? text(quantity, 'LUTLabel'))) ?? []].flat(),
    algorithms: algorithmsOf(segments),
    maker: [text(object, 'Manufacturer'), text(object, 'ManufacturerModelName')].filter(Boolean).join(' '),
    createdAt:
      momentOf(text(object, 'ContentDate'), text(object, 'ContentTime')) ||
      momentOf(text(object, 'SeriesDate'), text(object, 'SeriesTime')),
  };
}

function kindOf(object: DicomJson): Unreported['kind'] | undefined {
  const SOPClassUID = text(object, 'SOPClassUID') ?? '';
  if (SEGMENTATIONS.includes(SOPClassUID)) return 'masks';
  return SOPClassUID === PARAMETRIC_MAP ? 'map' : undefined;
}

const mappingOf = (object: DicomJson): DicomJson | undefined =>
  (['SharedFunctionalGroupsSequence', 'PerFrameFunctionalGroupsSequence'] as const)
    .map((groups) => items(items(object, groups)[0] ?? {}, 'RealWorldValueMappingSequence')[0])
    .find(Boolean);

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
