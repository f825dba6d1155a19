import { number, type Part10 } from '../dicom/read.ts';
import { Fault } from '../shared/fault.ts';

/** Makes the native bytes of one encapsulated frame, little endian. */
export type FrameDecoder = (
  frame: Uint8Array,
  of: {
    readonly TransferSyntaxUID: string;
    readonly rows: number;
    readonly columns: number;
    readonly bytes: number;
  },
) => Uint8Array;

/** The grid of a result's frames. */
export interface Grid {
  readonly frames: number;
  readonly rows: number;
  readonly columns: number;
}

/** Values of one frame, [row, column]. */
export type FrameValues = Uint8Array | Uint16Array | Int16Array | Float32Array | Float64Array;

export function gridOf({ dataset }: Part10): Grid {
  const [rows, columns] = [number(dataset, 'Rows') ?? 0, number(dataset, 'Columns') ?? 0];
  if (rows < 1 || columns < 1)
    throw new Fault('DICOM_UNREADABLE', 'the image does not say its rows and columns');
  return { frames: number(dataset, 'NumberOfFrames') ?? 1, rows, columns };
}

/** One frame as stored, or its bits as 0 and 1 where a pixel is one bit. Throws PIXELS_TRUNCATED and PIXELS_UNSUPPORTED. */
export function frameValues(file: Part10, frame: number, decode?: FrameDecoder): FrameValues {
  const grid = gridOf(file);
  const { rows, columns } = grid;
  if (!Number.isInteger(frame) || frame < 0 || frame >= grid.frames)
    throw new Fault('REQUEST_INVALID', `the object has ${grid.frames} frames, none at ${frame}`);
  const bits = number(file.dataset, 'BitsAllocated') ?? 0;
  const size = rows * columns;
  if (bits === 1) return unpacked(nativeOf(file), frame * size, size);
  const bytes = (bits / 8) * size;
  const encapsulated = file.pixels.length > 1 || isCompressed(file);
  const data = encapsulated
    ? decoded(file, frame, { rows, columns, bytes: bits / 8, decode })
    : nativeOf(file).subarray(frame * bytes, (frame + 1) * bytes);
  if (data.length < bytes) throw new Fault('PIXELS_TRUNCATED', `frame ${frame} is cut off`);
  return typed(file, data.slice(0, bytes), bits);
}

const NATIVE = new Set([
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.2',
  '1.2.840.10008.1.2.1.99',
]);

const isCompressed = ({ TransferSyntaxUID }: Part10): boolean => !NATIVE.has(TransferSyntaxUID);

function nativeOf(file: Part10): Uint8Array {
  const [pixels] = file.pixels;
  if (!pixels) throw new Fault('PIXELS_TRUNCATED', 'the object has no pixels');
  if (isCompressed(file))
    throw new Fault('PIXELS_UNSUPPORTED', `bits in transfer syntax ${file.TransferSyntaxUID} are not read`);
  return pixels;
}

/** One continuous stream, least significant bit first, across frames (PS3.5 §8.1.1). */
function unpacked(stream: Uint8Array, from: number, count: number): Uint8Array {
  if (stream.length * 8 < from + count)
    throw new Fault('PIXELS_TRUNCATED', 'the bits of a frame are cut off');
  const out = new Uint8Array(count);
  for (let i = 0, bit = from; i < count; i++, bit++)
    out[i] = ((stream[bit >>> 3] as number) >>> (bit & 7)) & 1;
  return out;
}

function decoded(
  file: Part10,
  frame: number,
  { decode, ...of }: { rows: number; columns: number; bytes: number; decode: FrameDecoder | undefined },
): Uint8Array {
  const item = file.pixels[frame];
  if (!item) throw new Fault('PIXELS_TRUNCATED', `frame ${frame} is missing`);
  if (!decode)
    throw new Fault('PIXELS_UNSUPPORTED', `transfer syntax ${file.TransferSyntaxUID} needs a decoder`);
  return decode(item, { TransferSyntaxUID: file.TransferSyntaxUID, ...of });
}

/** `data` owns its buffer, so any word is aligned. */
function typed({ pixelType, dataset }: Part10, data: Uint8Array, bits: number): FrameValues {
  if (pixelType === 'float') return new Float32Array(data.buffer);
  if (pixelType === 'double') return new Float64Array(data.buffer);
  if (bits === 8) return data;
  if (bits === 16)
    return number(dataset, 'PixelRepresentation') === 1
      ? new Int16Array(data.buffer)
      : new Uint16Array(data.buffer);
  throw new Fault('PIXELS_UNSUPPORTED', `results of ${bits} bits a pixel are not read`);
}
