import type { SourceFrame } from '../contracts.ts';
import { items, number, type Part10, text } from '../dicom/read.ts';
import { SOPInstanceUID } from '../dicom/uid.ts';
import type { Box } from './place.ts';

export interface MaskExtent {
  readonly box: Omit<Box, 'frame'>;
  /** The image of the frame, where the frame names it. */
  readonly source: SourceFrame | undefined;
}

/**
 * Of each segment of a native BINARY Segmentation that is not empty, by its number: around all of it on the frame that holds most of it, of equals
 * the first, and the image of that frame.
 */
export function extentsOfMasks({ dataset, pixels }: Part10): ReadonlyMap<number, MaskExtent> {
  const [bits] = pixels;
  const [rows, columns] = [number(dataset, 'Rows') ?? 0, number(dataset, 'Columns') ?? 0];
  const most = new Map<number, number>();
  const found = new Map<number, MaskExtent>();
  if (!bits) return found;
  for (const [i, groups] of items(dataset, 'PerFrameFunctionalGroupsSequence').entries()) {
    const [identified] = items(groups, 'SegmentIdentificationSequence');
    const segment = number(identified ?? {}, 'ReferencedSegmentNumber');
    if (segment === undefined) continue;
    const { count, ...box } = drawnIn(bits, i * rows * columns, { rows, columns });
    if (count <= (most.get(segment) ?? 0)) continue;
    most.set(segment, count);
    found.set(segment, { box, source: sourceOf(groups) });
  }
  return found;
}

function sourceOf(groups: Part10['dataset']): SourceFrame | undefined {
  const [image] = items(groups, 'DerivationImageSequence').flatMap((d) => items(d, 'SourceImageSequence'));
  const SOPClassUID = image && text(image, 'ReferencedSOPClassUID');
  const uid = image && SOPInstanceUID.safeParse(text(image, 'ReferencedSOPInstanceUID')).data;
  const frameNumber = image && number(image, 'ReferencedFrameNumber');
  if (!SOPClassUID || !uid) return undefined;
  return { SOPClassUID, SOPInstanceUID: uid, ...(frameNumber === undefined ? {} : { frameNumber }) };
}

/** How many bits of one frame are set, and the box around them; whole bytes of zeros are passed over. */
function drawnIn(
  bits: Uint8Array,
  first: number,
  { rows, columns }: { rows: number; columns: number },
): MaskExtent['box'] & { count: number } {
  let [left, top, right, bottom, count] = [columns, rows, 0, 0, 0];
  for (let i = 0; i < rows * columns; i++) {
    const bit = first + i;
    const byte = bits[Math.floor(bit / 8)] as number;
    if (byte === 0) {
      i += 7 - (bit % 8);
      continue;
    }
    if (!(byte & (1 << (bit % 8)))) continue;
    const [row, column] = [Math.floor(i / columns), i % columns];
    [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
    count++;
  }
  return { left, top, right, bottom, count };
}
