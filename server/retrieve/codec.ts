import { createRequire } from 'node:module';
import { Fault } from '../shared/fault.ts';

/** Decoders of encapsulated frames. They run in the worker process: one that dies takes its job, not the service. */

export interface FrameFormat {
  readonly rows: number;
  readonly columns: number;
  /** 8 or 16. */
  readonly bitsAllocated: number;
  readonly signed: boolean;
}

export type DecodeFrame = (frame: Uint8Array, format: FrameFormat) => Uint8Array;

const JPEG_LS = ['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81'];
export const NATIVE = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'];

/** The decoder of a transfer syntax; native syntaxes have none. Throws TRANSFER_SYNTAX_UNSUPPORTED. */
export async function decoderOf(transferSyntaxUID: string): Promise<DecodeFrame | undefined> {
  if (NATIVE.includes(transferSyntaxUID)) return undefined;
  if (JPEG_LS.includes(transferSyntaxUID)) return jpegLs();
  throw new Fault('TRANSFER_SYNTAX_UNSUPPORTED', `transfer syntax ${transferSyntaxUID} is not decoded yet`);
}

/** What is used of CharLS, compiled to WebAssembly. */
interface CharLs {
  JpegLSDecoder: new () => {
    getEncodedBuffer(length: number): Uint8Array;
    decode(): void;
    getDecodedBuffer(): Uint8Array;
    getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
    delete(): void;
  };
}

let charLs: Promise<CharLs> | undefined;

async function jpegLs(): Promise<DecodeFrame> {
  const require = createRequire(import.meta.url);
  charLs ??= (require('@cornerstonejs/codec-charls/decodewasmjs') as () => Promise<CharLs>)();
  const { JpegLSDecoder } = await charLs;
  return (frame, { rows, columns, bitsAllocated }) => {
    const decoder = new JpegLSDecoder();
    try {
      decoder.getEncodedBuffer(frame.length).set(frame);
      decoder.decode();
      const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo();
      const bits = bitsPerSample > 8 ? 16 : 8;
      if (width !== columns || height !== rows || componentCount !== 1 || bits !== bitsAllocated) {
        throw new Fault(
          'DICOM_UNREADABLE',
          `the JPEG-LS frame is ${height} × ${width} × ${componentCount} at ${bitsPerSample} bits, the header says ${rows} × ${columns} at ${bitsAllocated}`,
        );
      }
      return Uint8Array.from(decoder.getDecodedBuffer());
    } catch (cause) {
      if (cause instanceof Fault) throw cause;
      throw new Fault('PIXELS_TRUNCATED', 'a JPEG-LS frame does not decode', { cause });
    } finally {
      decoder.delete();
    }
  };
}
