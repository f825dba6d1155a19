import { Fault } from '../shared/fault.ts';

/** RLE Lossless, Deflated Image Frame Compression. */
const WITHOUT_TEXT: ReadonlySet<string> = new Set(['1.2.840.10008.1.2.5', '1.2.840.10008.1.2.8.1']);
const SOI = 0xffd8;
const EOI = 0xffd9;
const SOS = 0xffda;
const COM = 0xfffe;
/** JFIF, the colours of JPEG-LS, Adobe's colours: a decoder reads these, people write in the others. */
const READ_APPLICATIONS: ReadonlySet<number> = new Set([0xffe0, 0xffe8, 0xffee]);
/** JPEG 2000: begin of the codestream, of a tile; a comment. */
const SOC = 0xff4f;
const SOT = 0xff90;
const COMMENT = 0xff64;

/**
 * A compressed frame without what people and programs wrote beside its pixels: comments, Exif and XMP of JPEG and JPEG-LS, comments of JPEG 2000, what follows
 * the end. Its pixels are the same bytes. RLE and deflated frames have no room for text. Throws COPY_REFUSED for what is none of these.
 */
export function withoutComments(frame: Uint8Array, TransferSyntaxUID: string): Uint8Array {
  if (WITHOUT_TEXT.has(TransferSyntaxUID)) return frame;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  try {
    const start = view.getUint16(0);
    if (start === SOI) return kept(frame, jpegPieces(view));
    if (start === SOC) return kept(frame, jpeg2000Pieces(view));
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new Fault('COPY_REFUSED', 'a compressed frame is cut off', { cause });
    throw cause;
  }
  throw new Fault('COPY_REFUSED', 'a compressed frame is neither JPEG nor JPEG 2000 as PS3.5 has it');
}

/** From and to, of what stays. */
type Piece = readonly [from: number, to: number];

function* jpegPieces(view: DataView): Generator<Piece> {
  yield [0, 2];
  for (let at = 2; ; ) {
    // Fill bytes.
    while (view.getUint16(at) === 0xffff) at++;
    const marker = view.getUint16(at);
    if (marker === EOI) return yield [at, at + 2];
    if (marker < 0xff80) throw new Fault('COPY_REFUSED', 'a JPEG frame is damaged');
    const end = at + 2 + view.getUint16(at + 2);
    const isText = marker === COM || ((marker & 0xfff0) === 0xffe0 && !READ_APPLICATIONS.has(marker));
    if (!isText) yield [at, end];
    at = end;
    if (marker !== SOS) continue;
    while (!isMarker(view.getUint16(at))) at++;
    yield [end, at];
  }
}

/** Among coded data, of JPEG and of JPEG-LS: neither a stuffed byte nor a restart. */
const isMarker = (word: number): boolean =>
  word > 0xff80 && word !== 0xffff && !(word >= 0xffd0 && word <= 0xffd7);

function* jpeg2000Pieces(view: DataView): Generator<Piece> {
  yield [0, 2];
  for (let at = 2; ; ) {
    const marker = view.getUint16(at);
    if (marker === SOT) return yield [at, view.byteLength];
    const end = at + 2 + view.getUint16(at + 2);
    if (marker !== COMMENT) yield [at, end];
    at = end;
  }
}

const kept = (frame: Uint8Array, pieces: Iterable<Piece>): Uint8Array =>
  Buffer.concat([...pieces].map(([from, to]) => frame.subarray(from, to)));
