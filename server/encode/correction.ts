import type { SourceFrame } from '../contracts.ts';
import { CODES, type Code, UNITS } from '../dicom/code.ts';
import { codeOf, type Dataset, items, type Part10, readPart10, text } from '../dicom/read.ts';
import type { Writable } from '../dicom/write.ts';
import { sha256 } from '../shared/digest.ts';
import { Fault } from '../shared/fault.ts';
import { instance } from './assessment.ts';
import { CONCEPTS } from './concepts.ts';
import { codeValue, container, graphic, imageValue, numberValue, textValue, uidValue } from './content.ts';
import type { Corrected } from './correct.ts';
import { extentsOfMasks } from './mask-extent.ts';
import { rectangleOn } from './place.ts';
import { frameOf } from './references.ts';

/** What a person puts in the place of a report's findings. */
export interface Correction {
  /** Measurement Groups. */
  readonly groups: readonly Writable[];
  /** What they refer to, for the evidence of the document. */
  readonly cited: readonly Dataset[];
  /** What makes it another correction than any other. */
  readonly from: readonly string[];
}

/** The segments of a corrected Segmentation. Throws ENCODE_INVALID. */
export function bySegments({ object, volumes }: Corrected): Correction {
  const edited = { ...readPart10(object.bytes), volumes };
  return {
    groups: segmentGroups(edited),
    cited: [edited.dataset],
    from: [object.SOPInstanceUID],
  };
}

/** A closed line that a person drew around a finding. */
export interface Outline {
  /** Of the finding in the report. */
  readonly trackingUID: string;
  /** The header of the image that it was drawn on, and which of its frames. */
  readonly image: Dataset;
  readonly frame: SourceFrame;
  /** An ellipse is the ends of its long axis, then of its short one (PS3.3 C.18.6.1.2). */
  readonly shape: 'POLYLINE' | 'ELLIPSE';
  /** Column and row in pixel edges: 0..columns, 0..rows. */
  readonly points: readonly (readonly [number, number])[];
}

/** Where a person saw what a report says, or what it missed. Throws REQUEST_INVALID when the report has no such finding. */
export function byOutlines(report: Uint8Array, outlines: readonly Outline[]): Correction {
  const { dataset } = readPart10(report);
  const groups = items(dataset, 'ContentSequence')
    .filter((c) => nameOf(c) === CODES.imagingMeasurements.value)
    .flatMap((c) => items(c, 'ContentSequence'));
  return {
    groups: outlines.map((outline) => outlineGroup(outline, groups)),
    cited: outlines.map(({ image }) => image),
    from: [sha256(JSON.stringify(outlines.map(({ image: _, ...drawn }) => drawn)))],
  };
}

const nameOf = (item: Dataset): string | undefined => codeOf(item, 'ConceptNameCodeSequence')?.value;
const childOf = (item: Dataset, { value }: Code): Dataset | undefined =>
  items(item, 'ContentSequence').find((c) => nameOf(c) === value);

function outlineGroup({ trackingUID, frame, shape, points }: Outline, groups: readonly Dataset[]): Writable {
  const group = groups.find((g) => text(childOf(g, CODES.trackingUid) ?? {}, 'UID') === trackingUID);
  const finding = group && findingOf(group);
  if (!group || !finding)
    throw new Fault('REQUEST_INVALID', `the report has no finding that is followed as ${trackingUID}`);
  const category = codeOf(childOf(group, CODES.findingCategory) ?? {}, 'ConceptCodeSequence');
  const context = { relationship: 'HAS OBS CONTEXT' } as const;
  const name = text(childOf(group, CODES.trackingIdentifier) ?? {}, 'TextValue') ?? finding.meaning;
  const image = imageValue(frameOf(frame), { name: CONCEPTS.sourceOfRegion, relationship: 'SELECTED FROM' });
  return container(
    CODES.measurementGroup,
    [
      textValue(CODES.trackingIdentifier, name, context),
      uidValue(CODES.trackingUid, trackingUID, context),
      ...(category ? [codeValue(CODES.findingCategory, category)] : []),
      codeValue(CODES.finding, finding),
      codeValue(finding, CODES.present),
      graphic(CODES.imageRegion, { type: shape, points, image, relationship: 'CONTAINS' }),
    ],
    '1410',
  );
}

/** What was found, or of a negative finding what was looked for: the name of the item that says absent. */
function findingOf(group: Dataset): Code | undefined {
  const found = childOf(group, CODES.finding);
  if (found) return codeOf(found, 'ConceptCodeSequence');
  const presence = items(group, 'ContentSequence').find(
    (c) => codeOf(c, 'ConceptCodeSequence')?.value === CODES.absent.value,
  );
  return presence && codeOf(presence, 'ConceptNameCodeSequence');
}

type Edited = Part10 & Pick<Corrected, 'volumes'>;

/**
 * TID 1411: what each corrected segment is, where, and its volume; then as in every report its extent under the same UID (TID 1410). A segment
 * that the person emptied is no finding.
 */
function segmentGroups(edited: Edited): readonly Writable[] {
  const { dataset: segmentation } = edited;
  const [series] = items(segmentation, 'ReferencedSeriesSequence');
  const extents = extentsOfMasks(edited);
  const context = { relationship: 'HAS OBS CONTEXT' } as const;
  return items(segmentation, 'SegmentSequence').flatMap((segment) => {
    const segmentNumber = Number(text(segment, 'SegmentNumber'));
    const extent = extents.get(segmentNumber);
    if (!extent) return [];
    const category = codeOf(segment, 'SegmentedPropertyCategoryCodeSequence');
    const type = codeOf(segment, 'SegmentedPropertyTypeCodeSequence');
    const tracked = text(segment, 'TrackingUID');
    const source = series && text(series, 'SeriesInstanceUID');
    if (!category || !type || !tracked || !source)
      throw new Fault(
        'ENCODE_INVALID',
        'SegmentSequence: a corrected segment lacks its codes, tracking or source',
      );
    const what = [
      textValue(
        CODES.trackingIdentifier,
        text(segment, 'TrackingID') ?? text(segment, 'SegmentLabel') ?? type.meaning,
        context,
      ),
      uidValue(CODES.trackingUid, tracked, context),
      codeValue(CODES.findingCategory, category),
      codeValue(CODES.finding, type),
    ];
    const image = { ...instance(segmentation), ReferencedSegmentNumber: segmentNumber };
    const place = [
      imageValue(image, { name: CODES.referencedSegment }),
      uidValue(CONCEPTS.sourceSeries, source),
    ];
    return [
      container(
        CODES.measurementGroup,
        [...what, ...place, ...volumeItem(edited.volumes.get(segmentNumber))],
        '1411',
      ),
      ...(extent.source
        ? [
            container(
              CODES.measurementGroup,
              [...what, rectangleOn(extent.source, extent.box, { name: CODES.imageRegion })],
              '1410',
            ),
          ]
        : []),
    ];
  });
}

const volumeItem = (volumeMm3: number | undefined): readonly Writable[] =>
  volumeMm3 === undefined
    ? []
    : [
        numberValue(CODES.volume, volumeMm3, UNITS.mm3, {
          children: [
            codeValue(CONCEPTS.measurementMethod, CONCEPTS.voxelSum, { relationship: 'HAS CONCEPT MOD' }),
          ],
        }),
      ];
