import { Fault } from '../shared/fault.ts';
import type { DecodeFrame } from './codec.ts';
import { type CodestreamFacts, checkFacts, codestreamFacts } from './codestream.ts';
import type { PixelFormat } from './pixel-format.ts';

/** JPEG, JPEG 2000 and High-Throughput JPEG 2000, by the Independent JPEG Group's code, OpenJPEG and OpenJPH in WebAssembly. */

type Codecs = typeof import('dcmjs-codecs');
type Family = 'decodeJpeg' | 'decodeJpeg2000' | 'decodeHtJpeg2000';

/** Loaded when the first such frame comes: it is large. */
let loaded: Promise<Codecs> | undefined;

export async function jpegDecoder(family: Family): Promise<DecodeFrame> {
  loaded ??= import('dcmjs-codecs').then(({ default: codecs }) => codecs);
  const codecs = await loaded;
  codecs.log.setLevel('silent');
  if (!codecs.NativeCodecs.isInitialized()) await codecs.NativeCodecs.initializeAsync();
  return (frame, format) => {
    const facts = codestreamFacts(frame);
    checkFacts(facts, format);
    return {
      bytes: decode(codecs, frame, { family, format, facts }),
      bits: decodedBits(facts),
      // The wavelet codecs undo their own colour transform; JPEG leaves the colours as they are stored.
      photometric: family === 'decodeJpeg' ? format.photometric : afterTransform(format),
      planar: false,
    };
  };
}

/** A frame of 8 bits comes out in bytes, also where the header allocates words. */
const decodedBits = ({ precision }: CodestreamFacts): 8 | 16 => (precision > 8 ? 16 : 8);

const afterTransform = ({ photometric }: PixelFormat): PixelFormat['photometric'] =>
  photometric === 'YBR_ICT' || photometric === 'YBR_RCT' ? 'RGB' : photometric;

interface Work {
  readonly family: Family;
  readonly format: PixelFormat;
  readonly facts: CodestreamFacts;
}

function decode(
  { Context, NativeCodecs }: Codecs,
  frame: Uint8Array,
  { family, format, facts }: Work,
): Uint8Array {
  try {
    const context = new Context({
      width: format.columns,
      height: format.rows,
      bitsAllocated: decodedBits(facts),
      bitsStored: facts.precision,
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
