import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { LabelMap, Planes } from '../contracts.ts';
import { SeriesInstanceUID, SOPInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';

/** A frame of a source image; `frame` from 1, only of multi-frame images. */
const Frame = z.strictObject({ SOPInstanceUID, frame: z.int().positive().optional() });

/**
 * The masks of a Segmentation as a reader left them: of each of `frames` one label a pixel, row after row, 8 bits, or 16 where
 * a segment has a number above 255; all frames one after the other, by gzip, in base64. Frames that are not named hold nothing.
 */
export const Masks = z.strictObject({
  /** Of the Segmentation that is corrected. */
  SeriesInstanceUID,
  SOPInstanceUID,
  frames: z.array(Frame).max(20_000),
  labels: z.base64(),
});
export type Masks = z.infer<typeof Masks>;

/** A pixel edge. */
const Edge = z.number().min(0).max(65_535);

/** Lines that a reader drew around findings that have no mask. */
export const Outlines = z
  .array(
    z.strictObject({
      /** Of the finding, by its report. */
      trackingUID: z.string().min(1).max(64),
      SeriesInstanceUID,
      ...Frame.shape,
      shape: z.enum(['POLYLINE', 'ELLIPSE']),
      /** Column and row: 0..columns, 0..rows. */
      points: z
        .array(z.tuple([Edge, Edge]))
        .min(3)
        .max(5_000),
    }),
  )
  .min(1)
  .max(100);
export type Outlines = z.infer<typeof Outlines>;

/**
 * The masks on all planes of the source. Throws REQUEST_INVALID when a frame is none of its images, is named twice, or the labels are not as many as
 * the pixels of the frames.
 */
export function onPlanes({ frames, labels }: Masks, { shape, frames: source }: Planes): LabelMap {
  const [count, rows, columns] = shape;
  const size = rows * columns;
  const edited = inflated(labels, frames.length * size);
  const data = new (edited.BYTES_PER_ELEMENT === 1 ? Uint8Array : Uint16Array)(count * size);
  const places = new Map(source.map((f, i) => [keyOf(f.SOPInstanceUID, f.frameNumber), i]));
  for (const [i, { SOPInstanceUID: uid, frame }] of frames.entries()) {
    const key = keyOf(uid, frame);
    const plane = places.get(key);
    if (plane === undefined) throw invalid(`frames: ${uid} is no image of the series, or was named before`);
    places.delete(key);
    data.set(edited.subarray(i * size, (i + 1) * size), plane * size);
  }
  return { shape, data };
}

const keyOf = (uid: string, frame = 1): string => `${uid} ${frame}`;

/** Never more than the pixels need. */
function inflated(labels: string, pixels: number): Uint8Array | Uint16Array {
  let bytes: Buffer;
  try {
    bytes = gunzipSync(Buffer.from(labels, 'base64'), { maxOutputLength: Math.max(1, 2 * pixels) });
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', `labels: no gzip of at most ${2 * pixels} bytes`, { cause });
  }
  if (bytes.length === pixels) return bytes;
  if (bytes.length === 2 * pixels)
    return new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  throw invalid(`labels: ${bytes.length} bytes for ${pixels} pixels`);
}

const invalid = (what: string): Fault => new Fault('REQUEST_INVALID', what);
