import { createRequire } from 'node:module';
import { Fault } from '../shared/fault.ts';
import type { DecodeFrame } from './codec.ts';
import { checkFacts, codestreamFacts } from './codestream.ts';

/** What is used of CharLS, compiled to WebAssembly. */
interface CharLs {
  JpegLSDecoder: new () => {
    getEncodedBuffer(length: number): Uint8Array;
    decode(): void;
    getDecodedBuffer(): Uint8Array;
    /** 0: component by component. */
    getInterleaveMode(): number;
    delete(): void;
  };
}

let charLs: Promise<CharLs> | undefined;

/** JPEG-LS, lossless and near-lossless. */
export async function jpegLsDecoder(): Promise<DecodeFrame> {
  const require = createRequire(import.meta.url);
  charLs ??= (require('@cornerstonejs/codec-charls/decodewasmjs') as () => Promise<CharLs>)();
  const { JpegLSDecoder } = await charLs;
  return (frame, format) => {
    const facts = codestreamFacts(frame);
    checkFacts(facts, format);
    const decoder = new JpegLSDecoder();
    try {
      decoder.getEncodedBuffer(frame.length).set(frame);
      decoder.decode();
      return {
        bytes: Uint8Array.from(decoder.getDecodedBuffer()),
        bits: facts.precision > 8 ? 16 : 8,
        photometric: format.photometric,
        planar: format.samples === 3 && decoder.getInterleaveMode() === 0,
      };
    } catch (cause) {
      // An aborted module stays aborted: the next series gets a new one.
      charLs = undefined;
      throw new Fault('PIXELS_TRUNCATED', 'a JPEG-LS frame does not decode', { cause });
    } finally {
      decoder.delete();
    }
  };
}
