import type { LabelMap, SourceFrame, Volume } from '../contracts.ts';
import type { Code } from '../dicom/code.ts';
import type { Writable } from '../dicom/write.ts';
import type { Region } from '../explanation.ts';
import { Fault } from '../shared/fault.ts';
import { CONCEPTS } from './concepts.ts';
import { imageValue, polyline, type Relationship } from './content.ts';
import { fullestFrames } from './key-frames.ts';
import { frameOf } from './references.ts';

/** A rectangle on a source frame, in pixel edges: from 0 to the number of columns or rows. */
export type Box = Pick<Region, 'frame' | 'left' | 'top' | 'right' | 'bottom'>;

/** SCOORD of a box on a frame of the volume. Throws ENCODE_INVALID when it is on none. */
export function rectangle(
  { frames }: Volume,
  box: Box,
  name: Code,
  relationship: Relationship = 'CONTAINS',
): Writable {
  const source = frames[box.frame];
  if (!source)
    throw new Fault('ENCODE_INVALID', `GraphicData: a region is on source frame ${box.frame}, which is none`);
  return rectangleOn(source, box, { name, relationship });
}

/** SCOORD of a box on an image, closed with five points: what viewers turn into a rectangle of theirs. */
export function rectangleOn(
  source: SourceFrame,
  { left, top, right, bottom }: Omit<Box, 'frame'>,
  { name, relationship = 'CONTAINS' }: { readonly name: Code; readonly relationship?: Relationship },
): Writable {
  const corners = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ] as const;
  const image = imageValue(frameOf(source), { name: CONCEPTS.sourceOfRegion, relationship: 'SELECTED FROM' });
  return polyline(name, corners, { image, relationship });
}

/** Of each label up to `highest`, by its number: around all of it on the frame that holds most of it. */
export function extentsOf(labelMap: LabelMap, highest: number): readonly (Region | undefined)[] {
  return Array.from(fullestFrames(labelMap, highest), (frame, label) => {
    const box = label === 0 ? undefined : boxAround(labelMap, label, frame);
    return box && { ...box, name: 'Extent', meaning: 'Around all of it on the image that holds most of it.' };
  });
}

/** Around all of a label on one frame; nothing when the frame has none of it. */
function boxAround({ data, shape }: LabelMap, label: number, frame: number): Box | undefined {
  const [, rows, columns] = shape;
  const first = frame * rows * columns;
  const labels = data.subarray(first, first + rows * columns);
  const at = labels.indexOf(label);
  if (at < 0) return undefined;
  const [top, bottom] = [Math.floor(at / columns), Math.floor(labels.lastIndexOf(label) / columns) + 1];
  let [left, right] = [columns, 0];
  for (let row = top; row < bottom; row++) {
    const line = labels.subarray(row * columns, (row + 1) * columns);
    const here = line.indexOf(label);
    if (here < 0) continue;
    left = Math.min(left, here);
    right = Math.max(right, line.lastIndexOf(label) + 1);
  }
  return { frame, left, top, right, bottom };
}

/** All of one frame. */
export const wholeFrame = ({ shape }: Volume, frame: number): Box => ({
  frame,
  left: 0,
  top: 0,
  right: shape[2],
  bottom: shape[1],
});
