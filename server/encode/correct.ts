import type { DicomObject, LabelMap, Planes } from '../contracts.ts';
import { items, number, type Part10, readPart10, text } from '../dicom/read.ts';
import { deriveUid } from '../dicom/uid.ts';
import type { Writable } from '../dicom/write.ts';
import { sha256 } from '../shared/digest.ts';
import { Fault } from '../shared/fault.ts';
import { thicknessOf, voxelVolume } from '../shared/voxel.ts';
import { type Assessment, follow } from './assessment.ts';
import { framesOfLabels, packFrames, type SegmentFrame } from './bits.ts';
import { CONCEPTS, codeItem } from './concepts.ts';
import { labelMapOf } from './old-masks.ts';
import { withoutUnknown } from './patient.ts';
import { dimensions, frameAxis, frameContent, planePosition, SEGMENT } from './planes.ts';
import { derivationImage, referencedSeries, sourceFrame } from './references.ts';
import { eachRun } from './runs.ts';
import { SEGMENTATION_STORAGE } from './segmentation.ts';
import { clip } from './text.ts';

/** What a person made of the masks of a Segmentation. */
export interface EditedMasks {
  /** Of the series that the Segmentation was made on. */
  readonly planes: Planes;
  /** On those planes; its values are Segment Numbers of the original, 0 is none. */
  readonly labelMap: LabelMap;
}

export interface Corrected {
  readonly object: DicomObject;
  /** Of each segment that is not empty, by its number, mm³; none where the images say no millimetres. */
  readonly volumes: ReadonlyMap<number, number>;
}

/**
 * A segmentation that a person corrected, as a new object that cites the one it corrects; that one stays as it is. Every segment keeps its number,
 * its codes and its tracking UID; those whose voxels changed are SEMIAUTOMATIC. Throws REQUEST_INVALID when nothing changed, ENCODE_INVALID,
 * DICOM_UNREADABLE.
 */
export function correctSegmentation(
  original: Uint8Array,
  { planes, labelMap }: EditedMasks,
  assessment: Assessment,
): Corrected {
  const before = readPart10(original);
  const old = before.dataset;
  assertCorrectable(before, planes);
  const segments = items(old, 'SegmentSequence');
  assertLabels(labelMap, segments, planes);
  const changed = changedIn(labelMapOf(before, planes), labelMap);
  if (changed.size === 0)
    throw new Fault('REQUEST_INVALID', 'no voxel was changed: accept the result instead');
  const frames = occupiedFrames(labelMap, segments);
  const used = [...new Set(frames.map((f) => f.frame))].sort((a, b) => a - b);
  const object = follow(before, assessment, {
    kind: 'SEG',
    from: [text(old, 'SOPInstanceUID') ?? '', digestOf(labelMap)],
    what: 'corrected',
    body: {
      SegmentSequence: segments.map((s) => segmentItem(s, changed)),
      ContentCreatorName: assessment.person,
      ContentDescription: clip(`Corrected: ${text(old, 'ContentDescription') ?? 'segmentation'}`, 64),
      SegmentsOverlap: 'NO',
      ...dimensions(deriveUid('dimensions', String(old.SOPInstanceUID), 'corrected'), [
        SEGMENT,
        frameAxis(planes),
      ]),
      NumberOfFrames: frames.length,
      PerFrameFunctionalGroupsSequence: frames.map(({ segment, frame }) => ({
        ...frameContent(planes, frame, [segment, 1 + used.indexOf(frame)]),
        ...planePosition(planes, frame),
        ...derivationImage(sourceFrame(planes, frame), CONCEPTS.segmentation),
        SegmentIdentificationSequence: [{ ReferencedSegmentNumber: segment }],
      })),
      // Only by its series, which holds nothing else: OHIF lays masks over whichever series they refer to that it has read first.
      RelatedSeriesSequence: [
        {
          StudyInstanceUID: text(old, 'StudyInstanceUID'),
          SeriesInstanceUID: text(old, 'SeriesInstanceUID'),
          PurposeOfReferenceCodeSequence: [codeItem(CONCEPTS.processingSource)],
        },
      ],
      ...referencedSeries(
        planes,
        used.map((frame) => sourceFrame(planes, frame)),
      ),
      PixelData: packFrames(labelMap, frames),
    },
  });
  return { object, volumes: volumesOf(labelMap, planes) };
}

function assertCorrectable({ dataset, pixels }: Part10, { shape, SeriesInstanceUID, header }: Planes): void {
  if (text(dataset, 'SOPClassUID') !== SEGMENTATION_STORAGE || text(dataset, 'SegmentationType') !== 'BINARY')
    throw invalid('SOPClassUID: only a BINARY Segmentation can be corrected');
  if (pixels.length !== 1 || text(dataset, 'BitsAllocated') !== '1')
    throw invalid('PixelData: only a native Segmentation can be corrected');
  if (sourceSeriesOf(dataset) !== SeriesInstanceUID)
    throw invalid('ReferencedSeriesSequence: the segmentation was made on another series');
  for (const keyword of ['StudyInstanceUID', 'PatientID'])
    if (text(dataset, keyword) !== text(header, keyword))
      throw invalid(`${keyword}: the segmentation and its source are not of one patient and study`);
  if (number(dataset, 'Rows') !== shape[1] || number(dataset, 'Columns') !== shape[2])
    throw invalid('Rows, Columns: the segmentation is not on the grid of its source');
}

/** The series that a Segmentation was made on. */
export const sourceSeriesOf = (dataset: Part10['dataset']): string | undefined => {
  const [series] = items(dataset, 'ReferencedSeriesSequence');
  return series && text(series, 'SeriesInstanceUID');
};

function assertLabels(
  { shape, data }: LabelMap,
  segments: readonly Part10['dataset'][],
  planes: Planes,
): void {
  if (shape.join() !== planes.shape.join() || data.length !== shape.reduce((a, b) => a * b))
    throw invalid(`PixelData: a label map of ${shape.join(' × ')} is not on the grid of its source`);
  const known = new Set([0, ...segments.map(numberOf)]);
  for (const label of framesOfLabels({ shape, data }).keys())
    if (!known.has(label))
      throw new Fault('REQUEST_INVALID', `segment ${label} is none of the segmentation that is corrected`);
}

const numberOf = (segment: Part10['dataset']): number => number(segment, 'SegmentNumber') ?? -1;

/** The segments that gained or lost a voxel. */
function changedIn({ data: before }: LabelMap, { data: after }: LabelMap): ReadonlySet<number> {
  const changed = new Set<number>();
  for (let i = 0; i < after.length; i++) {
    if (before[i] === after[i]) continue;
    changed.add(before[i] as number);
    changed.add(after[i] as number);
  }
  changed.delete(0);
  return changed;
}

/** Segment after segment; an image has at least one frame, so where all was erased it is an empty one. */
function occupiedFrames(labelMap: LabelMap, segments: readonly Part10['dataset'][]): readonly SegmentFrame[] {
  const framesOf = framesOfLabels(labelMap);
  const occupied = segments
    .map(numberOf)
    .flatMap((segment) => (framesOf.get(segment) ?? []).map((frame) => ({ segment, frame })));
  return occupied.length > 0 ? occupied : [{ segment: 1, frame: 0 }];
}

const segmentItem = (segment: Part10['dataset'], changed: ReadonlySet<number>): Writable => ({
  ...(withoutUnknown(segment) as Writable),
  ...(changed.has(numberOf(segment))
    ? {
        SegmentAlgorithmType: 'SEMIAUTOMATIC',
        SegmentAlgorithmName: text(segment, 'SegmentAlgorithmName') ?? 'Corrected by hand',
      }
    : {}),
});

/** By the same sum as the model's own volumes. */
function volumesOf(
  { shape, data }: LabelMap,
  { geometry, PixelSpacing }: Planes,
): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  if (!geometry || !PixelSpacing) return places;
  const size = shape[1] * shape[2];
  for (let frame = 0; frame < shape[0]; frame++) {
    const inFrame = new Map<number, number>();
    eachRun(data.subarray(frame * size, (frame + 1) * size), (label, from, end) => {
      if (label !== 0) inFrame.set(label, (inFrame.get(label) ?? 0) + end - from);
    });
    for (const [label, voxels] of inFrame)
      places.set(label, (places.get(label) ?? 0) + voxels * thicknessOf(geometry, frame));
  }
  const voxel = voxelVolume(geometry.affine);
  return new Map([...places].map(([label, sum]) => [label, sum * voxel]));
}

const digestOf = ({ data }: LabelMap): string =>
  sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

const invalid = (what: string): Fault => new Fault('ENCODE_INVALID', what);
