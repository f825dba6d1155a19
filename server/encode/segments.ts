import type { LabelMap, LabelSpec, SegmentFinding, Volume } from '../contracts.ts';
import { CODES, type Code, code } from '../dicom/code.ts';
import { texts } from '../dicom/read.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { framesOfLabels } from './bits.ts';
import { cielab } from './colour.ts';
import { codeItem } from './concepts.ts';
import { type Context, lossyCompression } from './context.ts';
import { frameOfReference } from './planes.ts';
import { referencedSeries, sourceFrame } from './references.ts';
import { clip } from './text.ts';
import { trackingUid } from './tracking.ts';

/** A label map on the grid of the source, and what its labels are. */
export interface Segmented {
  readonly labelMap: LabelMap;
  /** Numbered 1..n without a gap, in this order. */
  readonly segments: readonly SegmentFinding[];
  /** For each label that occurs, the frames that hold it, ascending. */
  readonly framesOf: ReadonlyMap<number, readonly number[]>;
}

/** The label map of an analysis; nothing when it has none. Throws ENCODE_INVALID. */
export function segmentedOf({ prediction, volume }: Context): Segmented | undefined {
  const { labelMap, findings } = prediction;
  if (!labelMap) return undefined;
  const segments = findings.filter((f): f is SegmentFinding => f.kind === 'segment');
  if (segments.length !== findings.length)
    throw invalid('SegmentSequence: findings of a label map are all segments');
  if (segments.length === 0 || segments.some((s, i) => s.number !== i + 1))
    throw invalid('SegmentNumber: segments are not 1, 2, 3 … without a gap');
  const { shape, data } = labelMap;
  if (shape.join() !== volume.shape.join() || data.length !== shape.reduce((a, b) => a * b))
    throw invalid(`PixelData: a label map of ${shape.join('×')} is not on the source grid`);
  const framesOf = framesOfLabels(labelMap);
  const highest = Math.max(...framesOf.keys());
  if (highest > segments.length)
    throw invalid(`PixelData: label ${highest} is none of ${segments.length} segments`);
  return { labelMap, segments, framesOf };
}

/** What both kinds of Segmentation (PS3.3 C.8.20) have of their source and of the product. `frames` are the source frames they cite. */
export function segmentationImage(context: Context, frames: readonly number[]): Writable {
  const { volume, model } = context;
  const [, rows, columns] = volume.shape;
  return {
    ...frameOfReference(volume),
    ...referencedSeries(
      volume,
      frames.map((f) => sourceFrame(volume, f)),
    ),
    ...lossyCompression(volume),
    ...patientOrientation(volume),
    ImageType: ['DERIVED', 'PRIMARY'],
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: rows,
    Columns: columns,
    PixelRepresentation: 0,
    BurnedInAnnotation: 'NO',
    ContentLabel: 'SEGMENTATION',
    ContentDescription: clip(`Segmentation by ${model.name}`, 64),
    ContentCreatorName: 'Pellucid^AI',
    SegmentsOverlap: 'NO',
  };
}

/** Of pictures, which have no Image Orientation: the source's, else empty (PS3.3 C.7.6.1.1.1). */
function patientOrientation({ geometry, header }: Volume): Writable {
  if (geometry) return {};
  const PatientOrientation = texts(header, 'PatientOrientation');
  return { PatientOrientation: PatientOrientation.length === 2 ? PatientOrientation : null };
}

export function segmentItem(context: Context, { number, label }: SegmentFinding): Writable {
  return {
    ...describedSegment(context, { number, label: label.label, category: label.category, type: label.type }),
    ...sided(label),
    RecommendedDisplayCIELabValue: cielab(label.rgb),
    TrackingID: clip(label.label, 64),
    TrackingUID: trackingUid(context, label.label),
  };
}

/** Where it is, and on which side: of the region (PS3.3 Table 10-5), or without one of what it is (Table C.8.20-4). */
function sided({ site, type, laterality }: LabelSpec): Writable {
  const side = laterality ? [codeItem(laterality)] : [];
  if (site)
    return {
      AnatomicRegionSequence: [
        { ...codeItem(site), ...(laterality ? { AnatomicRegionModifierSequence: side } : {}) },
      ],
    };
  if (!laterality) return {};
  return {
    SegmentedPropertyTypeCodeSequence: [
      { ...codeItem(type), SegmentedPropertyTypeModifierCodeSequence: side },
    ],
  };
}

const BACKGROUND = code('125040', 'DCM', 'Background');

/** Every value that is encoded has to be described, also that of no segment (PS3.3 C.8.20.2.3). */
export const backgroundItem = (context: Context): Writable => ({
  ...describedSegment(context, {
    number: 0,
    label: 'Background',
    category: BACKGROUND,
    type: BACKGROUND,
  }),
  RecommendedDisplayCIELabValue: cielab([0, 0, 0]),
});

interface Described {
  readonly number: number;
  readonly label: string;
  readonly category: Code;
  readonly type: Code;
}

const describedSegment = ({ model }: Context, { number, label, category, type }: Described): Writable => ({
  SegmentNumber: number,
  SegmentLabel: clip(label, 64),
  SegmentAlgorithmType: 'AUTOMATIC',
  SegmentAlgorithmName: clip(model.name, 64),
  SegmentationAlgorithmIdentificationSequence: [
    {
      AlgorithmFamilyCodeSequence: [codeItem(CODES.artificialIntelligence)],
      AlgorithmName: clip(model.name, 64),
      AlgorithmVersion: clip(model.version, 64),
      AlgorithmSource: clip(model.manufacturer, 64),
    },
  ],
  SegmentedPropertyCategoryCodeSequence: [codeItem(category)],
  SegmentedPropertyTypeCodeSequence: [codeItem(type)],
});

const invalid = (what: string): Fault => new Fault('ENCODE_INVALID', what);
