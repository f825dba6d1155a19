import codecs from 'dcmjs-codecs';
import { Fault } from '../shared/fault.ts';
import type { DecodeFrame } from './codec.ts';
import { type CodestreamFacts, checkFacts, codestreamFacts } from './codestream.ts';
import type { PixelFormat } from './pixel-format.ts';

/** JPEG, JPEG 2000 and High-Throughput JPEG 2000, by the Independent JPEG Group's code, OpenJPEG and OpenJPH in WebAssembly. */

type Family = 'decodeJpeg' | 'decodeJpeg2000' | 'decodeHtJpeg2000';

const { Context, log, NativeCodecs } = codecs;
log.setLevel('silent');

export async function jpegDecoder(family: Family): Promise<DecodeFrame> {
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  return (frame, format) => {
    const facts = codestreamFacts(frame);
    checkFacts(facts, format);
    return {
      bytes: decode(family, frame, { format, facts }),
      bits: storedBits(format),
      // The wavelet codecs undo their own colour transform; JPEG leaves the colours as they are stored.
      photometric: family === 'decodeJpeg' ? format.photometric : afterTransform(format),
      planar: false,
    };
  };
}

const storedBits = ({ bitsAllocated }: PixelFormat): 8 | 16 => (bitsAllocated > 8 ? 16 : 8);

const afterTransform = ({ photometric }: PixelFormat): PixelFormat['photometric'] =>
  photometric === 'YBR_ICT' || photometric === 'YBR_RCT' ? 'RGB' : photometric;

function decode(
  family: Family,
  frame: Uint8Array,
  { format, facts }: { format: PixelFormat; facts: CodestreamFacts },
): Uint8Array {
  try {
    const context = new Context({
      width: format.columns,
      height: format.rows,
      bitsAllocated: storedBits(format),
      bitsStored: Math.min(Math.max(facts.precision, 1), storedBits(format)),
      samplesPerPixel: format.samples,
      pixelRepresentation: format.signed ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: format.photometric,
      encodedBuffer: frame,
    });
    return NativeCodecs[family](context, {}).getDecodedBuffer() ?? new Uint8Array();
  } catch (cause) {
    // An exception leaves the decoder's memory as it was in the middle of its work: the next frame gets a new one.
    NativeCodecs.release();
    throw new Fault('PIXELS_TRUNCATED', 'a compressed frame does not decode', { cause });
  }
}
