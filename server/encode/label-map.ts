import type { DicomObject, LabelMap } from '../contracts.ts';
import { CONCEPTS } from './concepts.ts';
import { type Context, finish } from './context.ts';
import { dimensions, frameAxis, frameContent, planePosition, sharedPlanes } from './planes.ts';
import { derivationImage, sourceFrame } from './references.ts';
import { compressFrame, RLE_LOSSLESS } from './rle.ts';
import { backgroundItem, type Segmented, segmentationImage, segmentItem } from './segments.ts';

export const LABEL_MAP_SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.7';

/**
 * Label Map Segmentation (PS3.3 A.51, Supplement 243) on the grid of the source, 8 or 16 bits as the label map has: the twin of the BINARY one, small
 * with many segments and readable where bits are not. The background is described last: viewers colour by place in the list.
 * Frames of background alone are left out, but one when nothing is found. Native pixels are views of the label map.
 */
export function encodeLabelMap(context: Context, { labelMap, segments, framesOf }: Segmented): DicomObject {
  const { volume, site } = context;
  const found = new Set(segments.flatMap(({ number }) => framesOf.get(number) ?? []));
  const frames = found.size > 0 ? [...found].sort((a, b) => a - b) : [0];
  const bits = 8 * labelMap.data.BYTES_PER_ELEMENT;
  return finish(context, {
    kind: 'LABELMAP',
    SOPClassUID: LABEL_MAP_SEGMENTATION_STORAGE,
    Modality: 'SEG',
    what: 'label map',
    ...(site.compressLabelMaps ? { TransferSyntaxUID: RLE_LOSSLESS } : {}),
    body: {
      ...segmentationImage(context, frames),
      ...dimensions(context.uid('dimensions', 'LABELMAP'), [frameAxis(volume)]),
      BitsAllocated: bits,
      BitsStored: bits,
      HighBit: bits - 1,
      PixelPaddingValue: 0,
      NumberOfFrames: frames.length,
      SegmentationType: 'LABELMAP',
      SegmentSequence: [...segments.map((s) => segmentItem(context, s)), backgroundItem(context)],
      SharedFunctionalGroupsSequence: [sharedPlanes(volume)],
      PerFrameFunctionalGroupsSequence: frames.map((frame, i) => ({
        ...frameContent(volume, frame, [i + 1]),
        ...planePosition(volume, frame),
        ...derivationImage(sourceFrame(volume, frame), CONCEPTS.segmentation),
      })),
      PixelData: site.compressLabelMaps
        ? frames.map((frame) => compressFrame(frameOf(labelMap, frame, frame + 1), volume.shape[2]))
        : runs(frames).map(([from, to]) => frameOf(labelMap, from, to)),
    },
  });
}

/** A view of the frames `from` to before `to`. */
function frameOf({ data, shape }: LabelMap, from: number, to: number): LabelMap['data'] {
  const size = shape[1] * shape[2];
  return data.subarray(from * size, to * size);
}

/** Frames that follow each other, as [first, past the last]. */
function runs(frames: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const frame of frames) {
    const last = found.at(-1);
    if (last?.[1] === frame) last[1]++;
    else found.push([frame, frame + 1]);
  }
  return found;
}
