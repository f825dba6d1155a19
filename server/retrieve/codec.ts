import { inflateRawSync } from 'node:zlib';
import { Fault } from '../shared/fault.ts';
import { jpegDecoder } from './jpeg.ts';
import { jpegLsDecoder } from './jpeg-ls.ts';
import { frameBytes, type Photometric, type PixelFormat } from './pixel-format.ts';
import { decodeRle } from './rle.ts';

/** Decoders of encapsulated frames. They run in threads of the worker process: one that dies takes its job, not the service. */

/** One frame, uncompressed. */
export interface Decoded {
  /** Little endian. */
  readonly bytes: Uint8Array;
  /** Bits that a sample takes in `bytes`; 1 is packed, the first pixel lowest. */
  readonly bits: number;
  readonly photometric: Photometric;
  /** Colour planes one after the other, not pixel by pixel. */
  readonly planar: boolean;
}

/** Throws PIXELS_TRUNCATED, DICOM_UNREADABLE. */
export type DecodeFrame = (frame: Uint8Array, format: PixelFormat) => Decoded;

/** By the end of the UID, after 1.2.840.10008.1.2. */
const DECODERS: Readonly<Record<string, () => DecodeFrame | Promise<DecodeFrame>>> = {
  '.4.50': () => jpegDecoder('decodeJpeg'),
  '.4.51': () => jpegDecoder('decodeJpeg'),
  '.4.53': () => jpegDecoder('decodeJpeg'),
  '.4.55': () => jpegDecoder('decodeJpeg'),
  '.4.57': () => jpegDecoder('decodeJpeg'),
  '.4.70': () => jpegDecoder('decodeJpeg'),
  '.4.80': jpegLsDecoder,
  '.4.81': jpegLsDecoder,
  '.4.90': () => jpegDecoder('decodeJpeg2000'),
  '.4.91': () => jpegDecoder('decodeJpeg2000'),
  '.4.201': () => jpegDecoder('decodeHtJpeg2000'),
  '.4.202': () => jpegDecoder('decodeHtJpeg2000'),
  '.4.203': () => jpegDecoder('decodeHtJpeg2000'),
  '.5': () => rle,
  '.8.1': () => deflated,
};

/** The decoder of a transfer syntax that is not native. Throws TRANSFER_SYNTAX_UNSUPPORTED. */
export async function decoderOf(transferSyntaxUID: string): Promise<DecodeFrame> {
  const create = DECODERS[transferSyntaxUID.replace(/^1\.2\.840\.10008\.1\.2(?=\.)/, '')];
  if (!create) {
    throw new Fault('TRANSFER_SYNTAX_UNSUPPORTED', `transfer syntax ${transferSyntaxUID} is not decoded`);
  }
  return create();
}

const rle: DecodeFrame = (frame, { rows, columns, samples, photometric, bitsAllocated }) => ({
  bytes:
    bitsAllocated === 1
      ? decodeRle(frame, Math.ceil((rows * columns) / 8), 1, 1)
      : decodeRle(frame, rows * columns, samples, bitsAllocated / 8),
  bits: bitsAllocated,
  photometric,
  planar: false,
});

/** Deflated Image Frame Compression (PS3.5 A.4.13). */
const deflated: DecodeFrame = (frame, format) => {
  try {
    const bytes = inflateRawSync(frame, { maxOutputLength: Math.ceil(frameBytes(format)) + 8 });
    return { bytes, bits: format.bitsAllocated, photometric: format.photometric, planar: format.planar };
  } catch (cause) {
    throw new Fault('PIXELS_TRUNCATED', 'a deflated frame does not inflate to its size', { cause });
  }
};
