import type { DicomObject, LabelMap, SegmentFinding } from '../contracts.ts';
import { CODES } from '../dicom/code.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { occupiedFrames, packFrames, type SegmentFrame } from './bits.ts';
import { cielab } from './colour.ts';
import { CONCEPTS, codeItem } from './concepts.ts';
import { type Context, finish, lossyCompression } from './context.ts';
import {
  dimensions,
  frameOfReference,
  type PlacedVolume,
  POSITION,
  planePosition,
  SEGMENT,
  sharedPlanes,
} from './planes.ts';
import { derivationImage, referencedSeries } from './references.ts';
import { clip } from './text.ts';
import { trackingUid } from './tracking.ts';

export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';

/**
 * BINARY Segmentation (PS3.3 A.51) on the grid of the source: segments 1..n in the order of `segments`, empty frames left out. With nothing found
 * it has one empty frame of segment 1, since an image has at least one frame.
 */
export function encodeSegmentation(
  context: Context,
  volume: PlacedVolume,
  { labelMap, segments }: { labelMap: LabelMap; segments: readonly SegmentFinding[] },
): DicomObject {
  assertFits(labelMap, volume, segments);
  const [, rows, columns] = volume.shape;
  const occupied = occupiedFrames(labelMap.data, rows * columns, segments.length);
  const frames = occupied.length > 0 ? occupied : [{ segment: 1, frame: 0 }];
  const used = [...new Set(frames.map((f) => f.frame))].sort((a, b) => a - b);
  return finish(context, {
    kind: 'SEG',
    SOPClassUID: SEGMENTATION_STORAGE,
    Modality: 'SEG',
    what: 'segmentation',
    body: {
      ...frameOfReference(volume),
      ...dimensions(context.uid('dimensions', 'SEG'), [SEGMENT, POSITION]),
      ...referencedSeries(
        volume,
        used.map((f) => frameAt(volume, f)),
      ),
      ...lossyCompression(volume),
      ImageType: ['DERIVED', 'PRIMARY'],
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: rows,
      Columns: columns,
      BitsAllocated: 1,
      BitsStored: 1,
      HighBit: 0,
      PixelRepresentation: 0,
      BurnedInAnnotation: 'NO',
      NumberOfFrames: frames.length,
      ContentLabel: 'SEGMENTATION',
      ContentDescription: clip(`Segmentation by ${context.model.name}`, 64),
      ContentCreatorName: 'Pellucid^AI',
      SegmentationType: 'BINARY',
      SegmentsOverlap: 'NO',
      SegmentSequence: segments.map((s) => segmentItem(context, s)),
      SharedFunctionalGroupsSequence: [sharedPlanes(volume)],
      PerFrameFunctionalGroupsSequence: frames.map((f) => frameGroups(volume, f, used.indexOf(f.frame) + 1)),
      PixelData: packFrames(labelMap.data, rows * columns, frames),
    },
  });
}

function segmentItem(context: Context, { number, label }: SegmentFinding): Writable {
  const { model } = context;
  return {
    SegmentNumber: number,
    SegmentLabel: clip(label.label, 64),
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
    SegmentedPropertyCategoryCodeSequence: [codeItem(label.category)],
    SegmentedPropertyTypeCodeSequence: [codeItem(label.type)],
    ...(label.site ? { AnatomicRegionSequence: [codeItem(label.site)] } : {}),
    RecommendedDisplayCIELabValue: cielab(label.rgb),
    TrackingID: clip(label.label, 64),
    TrackingUID: trackingUid(context, label.label),
  };
}

const frameGroups = (
  volume: PlacedVolume,
  { segment, frame }: SegmentFrame,
  positionRank: number,
): Writable => ({
  FrameContentSequence: [{ DimensionIndexValues: [segment, positionRank] }],
  ...planePosition(volume, frame),
  ...derivationImage(frameAt(volume, frame), CONCEPTS.segmentation),
  SegmentIdentificationSequence: [{ ReferencedSegmentNumber: segment }],
});

function frameAt(volume: PlacedVolume, index: number) {
  const frame = volume.frames[index];
  if (!frame) throw new Fault('ENCODE_INVALID', `PerFrameFunctionalGroupsSequence: no source frame ${index}`);
  return frame;
}

function assertFits(labelMap: LabelMap, volume: PlacedVolume, segments: readonly SegmentFinding[]): void {
  if (
    labelMap.shape.join() !== volume.shape.join() ||
    labelMap.data.length !== volume.shape.reduce((a, b) => a * b)
  )
    throw new Fault(
      'ENCODE_INVALID',
      `PixelData: a label map of ${labelMap.shape.join('×')} is not on the source grid`,
    );
  if (segments.length === 0 || segments.some((s, i) => s.number !== i + 1))
    throw new Fault('ENCODE_INVALID', 'SegmentNumber: segments are not 1, 2, 3 … without a gap');
  const highest = labelMap.data.reduce((a, b) => Math.max(a, b), 0);
  if (highest > segments.length)
    throw new Fault('ENCODE_INVALID', `PixelData: label ${highest} is none of ${segments.length} segments`);
}
