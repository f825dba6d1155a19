import type { DicomObject } from '../contracts.ts';
import type { Writable } from '../dicom/write.ts';
import { packFrames, type SegmentFrame } from './bits.ts';
import { CONCEPTS } from './concepts.ts';
import { type Context, finish } from './context.ts';
import { dimensions, frameAxis, frameContent, planePosition, SEGMENT, sharedPlanes } from './planes.ts';
import { derivationImage, sourceFrame } from './references.ts';
import { type Segmented, segmentationImage, segmentItem } from './segments.ts';

export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';

/**
 * BINARY Segmentation (PS3.3 A.51) on the grid of the source: segments 1..n, segment after segment, frames that are empty left out. With nothing
 * found it has one empty frame of segment 1, since an image has at least one frame.
 */
export function encodeSegmentation(context: Context, segmented: Segmented): DicomObject {
  const { volume } = context;
  const { labelMap, segments } = segmented;
  const frames = occupiedFrames(segmented);
  const used = [...new Set(frames.map((f) => f.frame))].sort((a, b) => a - b);
  const groups = new Map(used.map((frame, rank) => [frame, groupsOf(context, frame, rank)]));
  const segmentGroups = segments.map(({ number }) => ({
    SegmentIdentificationSequence: [{ ReferencedSegmentNumber: number }],
  }));
  return finish(context, {
    kind: 'SEG',
    SOPClassUID: SEGMENTATION_STORAGE,
    Modality: 'SEG',
    what: 'segmentation',
    body: {
      ...segmentationImage(context, used),
      ...dimensions(context.uid('dimensions', 'SEG'), [SEGMENT, frameAxis(volume)]),
      BitsAllocated: 1,
      BitsStored: 1,
      HighBit: 0,
      NumberOfFrames: frames.length,
      SegmentationType: 'BINARY',
      SegmentSequence: segments.map((s) => segmentItem(context, s)),
      SharedFunctionalGroupsSequence: [sharedPlanes(volume)],
      PerFrameFunctionalGroupsSequence: frames.map(({ segment, frame }) => {
        const { rank, shared } = groups.get(frame) as FrameGroups;
        return { ...frameContent(volume, frame, [segment, rank]), ...shared, ...segmentGroups[segment - 1] };
      }),
      PixelData: packFrames(labelMap, frames),
    },
  });
}

function occupiedFrames({ segments, framesOf }: Segmented): readonly SegmentFrame[] {
  const occupied = segments.flatMap(({ number }) =>
    (framesOf.get(number) ?? []).map((frame) => ({ segment: number, frame })),
  );
  return occupied.length > 0 ? occupied : [{ segment: 1, frame: 0 }];
}

interface FrameGroups {
  /** Of the frame among those that are used, from 1. */
  readonly rank: number;
  /** The same objects for every segment of the frame, so that the writer copies them. */
  readonly shared: Writable;
}

const groupsOf = ({ volume }: Context, frame: number, rank: number): FrameGroups => ({
  rank: rank + 1,
  shared: {
    ...planePosition(volume, frame),
    ...derivationImage(sourceFrame(volume, frame), CONCEPTS.segmentation),
  },
});
