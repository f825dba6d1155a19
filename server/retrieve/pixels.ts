import { number, type Part10 } from '../dicom/read.ts';
import { syntaxOf } from '../dicom/syntax.ts';
import { Fault } from '../shared/fault.ts';
import type { Decoded } from './codec.ts';
import { paletteToRgb, rgbToRgb, type ToRgb, ybrFull422ToRgb, ybrFullToRgb } from './colour.ts';
import { decodeFrame } from './decode-pool.ts';
import { lookUp, type ModalityLut, modalityLut, palette } from './modality-lut.ts';
import { frameBytes, type PixelFormat, samplesRead } from './pixel-format.ts';

/**
 * Writes one frame (from 0) into `out`, which is of its size and is asked for when the values are there: at once from native
 * pixels, later from compressed ones, whose bytes are not needed any more when it returns.
 */
export type ReadFrame = (frame: number, out: () => Float32Array) => void | Promise<void>;

/**
 * The reader of an instance's frames: grey values after the modality LUT (PS3.3 C.11.1), colours as red, green and blue from 0
 * to 255. That the bytes suffice is known before it returns, of native pixels. Throws PIXELS_*, TRANSFER_SYNTAX_UNSUPPORTED,
 * DICOM_UNREADABLE.
 */
export function frameReader(instance: Part10, format: PixelFormat): ReadFrame {
  const write = samplesRead(format) === 3 ? writeColour : writeGrey;
  const { TransferSyntaxUID, pixels } = instance;
  if (syntaxOf(TransferSyntaxUID).encapsulated) {
    if (pixels.length < format.frames) truncated(`${format.frames} frames`, `${pixels.length}`);
    return async (frame, out) => {
      const task = { TransferSyntaxUID, frame: pixels[frame] as Uint8Array, format };
      write(await decodeFrame(task), out(), { instance, format, frame });
    };
  }
  const native = nativeFrames(instance, format);
  return (frame, out) => write(native(frame), out(), { instance, format, frame });
}

/** PixelPaddingValue after the modality LUT, read with the sign of the pixels whatever VR it was stored with. */
export function paddingValue(instance: Part10, format: PixelFormat): number | null {
  const raw = number(instance.dataset, 'PixelPaddingValue');
  if (raw === undefined || samplesRead(format) === 3) return null;
  const signed = format.signed && raw >= 2 ** 15 ? raw - 2 ** 16 : raw;
  const lut = modalityLut(instance);
  return 'table' in lut ? lookUp(lut, signed) : signed * lut.slope + lut.intercept;
}

/** Frames as bytes of a known size. */
function nativeFrames({ pixels }: Part10, format: PixelFormat): (frame: number) => Decoded {
  const [all] = pixels as [Uint8Array];
  const { frames, bitsAllocated, photometric, planar } = format;
  const size = frameBytes(format);
  if (all.length < Math.ceil(size * frames))
    truncated(`${Math.ceil(size * frames)} bytes of pixels`, `${all.length}`);
  return (frame) => ({
    bytes:
      bitsAllocated === 1 ? packedFrame(all, format, frame) : all.subarray(size * frame, size * (frame + 1)),
    bits: bitsAllocated,
    photometric,
    planar,
  });
}

/** Single bits of a frame that need not begin with a byte. */
function packedFrame(all: Uint8Array, { rows, columns }: PixelFormat, frame: number): Uint8Array {
  const pixels = rows * columns;
  const first = frame * pixels;
  if (first % 8 === 0) return all.subarray(first / 8, Math.ceil((first + pixels) / 8));
  const out = new Uint8Array(Math.ceil(pixels / 8));
  for (let i = 0; i < pixels; i++) {
    const bit = ((all[(first + i) >> 3] as number) >> ((first + i) & 7)) & 1;
    out[i >> 3] = (out[i >> 3] as number) | (bit << (i & 7));
  }
  return out;
}

type Samples = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** The samples of a frame as they are stored, unsigned; checked to be as many as the header says. */
function stored({ bytes, bits, photometric }: Decoded, format: PixelFormat, pixels: number): Samples {
  const halved = photometric === 'YBR_FULL_422' && bytes.length === Math.ceil(frameBytes(format));
  const samples = halved ? pixels * 2 : pixels * format.samples;
  if (bytes.length < (samples * bits) / 8) {
    throw new Fault('PIXELS_TRUNCATED', `a frame of ${(samples * bits) / 8} bytes has only ${bytes.length}`);
  }
  if (bits === 8) return bytes.subarray(0, samples);
  if (bits === 1)
    return Uint8Array.from({ length: samples }, (_, i) => ((bytes[i >> 3] as number) >> (i & 7)) & 1);
  // A view where the alignment allows it, else a copy. DICOM and all our machines are little endian.
  const { buffer, byteOffset } = bytes.byteOffset % (bits / 8) === 0 ? bytes : Uint8Array.from(bytes);
  if (bits === 16) return new Uint16Array(buffer, byteOffset, samples);
  if (format.type === 'double') return new Float64Array(buffer, byteOffset, samples);
  return format.type === 'float'
    ? new Float32Array(buffer, byteOffset, samples)
    : new Uint32Array(buffer, byteOffset, samples);
}

interface FrameOf {
  readonly instance: Part10;
  readonly format: PixelFormat;
  readonly frame: number;
}

function writeColour(decoded: Decoded, out: Float32Array, { instance, format }: FrameOf): void {
  const pixels = out.length / 3;
  const samples = stored(decoded, format, pixels);
  const maximum = 2 ** format.bitsStored - 1;
  toRgb(instance, decoded, format)({ samples, pixels, planar: decoded.planar, maximum }, out);
}

function writeGrey(decoded: Decoded, out: Float32Array, { instance, format, frame }: FrameOf): void {
  const values = stored(decoded, format, out.length);
  if (format.type !== 'integer') {
    out.set(values);
    checkFinite(out);
    return;
  }
  const lut = modalityLut(instance, frame);
  if (format.bitsAllocated === 32) {
    const toUnits = unitsOf(lut, format);
    for (let i = 0; i < out.length; i++) out[i] = toUnits(values[i] as number);
    checkFinite(out);
    return;
  }
  translate(values, tableOf(lut, format), out);
}

/** The one loop that every pixel goes through: on its own so that the engine compiles it, by four because that takes two thirds of the time. */
function translate(values: Samples, table: Float32Array, out: Float32Array): void {
  const { length } = out;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    out[i] = table[values[i] as number] as number;
    out[i + 1] = table[values[i + 1] as number] as number;
    out[i + 2] = table[values[i + 2] as number] as number;
    out[i + 3] = table[values[i + 3] as number] as number;
  }
  for (let i = whole; i < length; i++) out[i] = table[values[i] as number] as number;
}

/**
 * Stored sample → value. Bits outside the stored ones may hold anything, overlays among it: they are shifted out, and the
 * sign in.
 */
function unitsOf(lut: ModalityLut, { highBit, bitsStored, signed }: PixelFormat): (stored: number) => number {
  const above = 31 - highBit;
  const unused = 32 - bitsStored;
  const clean = (v: number): number => (signed ? (v << above) >> unused : (v << above) >>> unused);
  if ('table' in lut) return (v) => lookUp(lut, clean(v));
  const { slope, intercept } = lut;
  return (v) => clean(v) * slope + intercept;
}

/** The last table that was made: the frames of a series have mostly one. */
let latest: { readonly key: string; readonly table: Float32Array } | undefined;

/** All values of a sample of up to 16 bits; looking up is faster than computing. */
function tableOf(lut: ModalityLut, format: PixelFormat): Float32Array {
  const { bitsAllocated, bitsStored, highBit, signed } = format;
  const key = JSON.stringify([lut, bitsAllocated, bitsStored, highBit, signed]);
  if (latest?.key === key) return latest.table;
  const toUnits = unitsOf(lut, format);
  const table = Float32Array.from({ length: 2 ** Math.max(8, bitsAllocated) }, (_, v) => toUnits(v));
  checkFinite(table);
  latest = { key, table };
  return table;
}

/** No model may see what is no number: a float image with holes, a rescale that leaves float32. */
function checkFinite(values: Float32Array): void {
  if (!values.every(Number.isFinite)) {
    throw new Fault('PIXELS_UNSUPPORTED', 'the pixels hold values that are no finite numbers');
  }
}

function toRgb(instance: Part10, { photometric, bytes }: Decoded, format: PixelFormat): ToRgb {
  switch (photometric) {
    case 'PALETTE COLOR':
      return paletteToRgb(palette(instance));
    case 'YBR_FULL':
      return ybrFullToRgb;
    case 'YBR_FULL_422':
      // A decoder has brought the chrominance to full width already.
      return bytes.length === frameBytes(format) ? ybrFull422ToRgb : ybrFullToRgb;
    case 'RGB':
      return rgbToRgb;
    default:
      throw new Fault('PIXELS_UNSUPPORTED', `${photometric} without the compression that it belongs to`);
  }
}

function truncated(promised: string, held: string): never {
  throw new Fault('PIXELS_TRUNCATED', `the header promises ${promised}, the file holds ${held}`);
}
