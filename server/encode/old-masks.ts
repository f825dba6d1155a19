import type { LabelMap, Planes } from '../contracts.ts';
import { items, number, type Part10, text } from '../dicom/read.ts';
import { Fault } from '../shared/fault.ts';

/**
 * The masks of a native BINARY Segmentation as one label map on the planes of its source. Throws ENCODE_INVALID where a frame lies on none of
 * them, or where two segments overlap: one label a voxel cannot say that.
 */
export function labelMapOf({ dataset, pixels }: Part10, { shape, frames }: Planes): LabelMap {
  const [bits] = pixels;
  const size = shape[1] * shape[2];
  const data = newLabels(shape[0] * size, items(dataset, 'SegmentSequence').length);
  const at = new Map(frames.map((frame, i) => [placeOf(frame.SOPInstanceUID, frame.frameNumber), i]));
  for (const [i, groups] of items(dataset, 'PerFrameFunctionalGroupsSequence').entries()) {
    const [identified] = items(groups, 'SegmentIdentificationSequence');
    const [image] = items(groups, 'DerivationImageSequence').flatMap((d) => items(d, 'SourceImageSequence'));
    const segment = identified && number(identified, 'ReferencedSegmentNumber');
    const plane =
      image &&
      at.get(placeOf(text(image, 'ReferencedSOPInstanceUID'), number(image, 'ReferencedFrameNumber')));
    if (!bits || segment === undefined || plane === undefined)
      throw new Fault(
        'ENCODE_INVALID',
        `PerFrameFunctionalGroupsSequence: frame ${i + 1} of the segmentation is on no image of its source`,
      );
    eachBit(bits, i * size, size, (pixel) => {
      const voxel = plane * size + pixel;
      if (data[voxel] !== 0 && data[voxel] !== segment)
        throw new Fault(
          'ENCODE_INVALID',
          `SegmentsOverlap: segments ${data[voxel]} and ${segment} overlap, which cannot be corrected as one label map`,
        );
      data[voxel] = segment;
    });
  }
  return { shape, data };
}

/** Zeros that may hold every number of `segments`. */
export const newLabels = (
  voxels: number,
  segments: number,
): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> =>
  segments < 2 ** 8 ? new Uint8Array(voxels) : new Uint16Array(voxels);

const placeOf = (uid: string | undefined, frame: number | undefined): string => `${uid} ${frame ?? 1}`;

/** Each bit that is set among `count` from `first` on, counted from there; bytes of zeros are passed over. */
function eachBit(bits: Uint8Array, first: number, count: number, visit: (at: number) => void): void {
  for (let i = 0; i < count; i++) {
    const bit = first + i;
    const byte = bits[Math.floor(bit / 8)] as number;
    if (byte === 0) i += 7 - (bit % 8);
    else if (byte & (1 << (bit % 8))) visit(i);
  }
}
