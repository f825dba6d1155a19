import { inflateRawSync } from 'node:zlib';
import { Fault } from '../shared/fault.ts';
import { damaged, type Element, elements } from './elements.ts';
import { DEFLATED, EXPLICIT_LITTLE, type Syntax, syntaxOf } from './syntax.ts';

/** Largest dataset that a deflated file may become. */
const MAX_INFLATED = 2 ** 29;
const TRANSFER_SYNTAX = 0x00020010;
const SPECIFIC_CHARACTER_SET = 0x00080005;
const EXTENDED_OFFSETS = 0x7fe00001;
/** Float, Double Float and Pixel Data (PS3.3 C.7.6.24, .25, .3). */
const PIXELS = [0x7fe00008, 0x7fe00009, 0x7fe00010];

/** A Part 10 file's transfer syntax (PS3.10 §7.1), and its dataset as if it had not been deflated. Throws DICOM_UNREADABLE. */
export function openFile(bytes: Uint8Array): { TransferSyntaxUID: string; body: Uint8Array } {
  if (latin1(bytes.subarray(128, 132)) !== 'DICM') damaged('it is not a DICOM file');
  let TransferSyntaxUID = '';
  let end = 132;
  for (const element of elements(bytes, syntaxOf(EXPLICIT_LITTLE), end)) {
    if (element.tag === TRANSFER_SYNTAX) {
      TransferSyntaxUID = latin1(bytes.subarray(element.start, element.end)).replace(/[\0 ]+$/, '');
    }
    end = element.end;
    // The next group may be written in another syntax: look before it is read.
    if (bytes[end] !== 2 || bytes[end + 1] !== 0) break;
  }
  if (!/^[\d.]+$/.test(TransferSyntaxUID)) damaged('it does not name its transfer syntax');
  const body = bytes.subarray(end);
  return { TransferSyntaxUID, body: TransferSyntaxUID === DEFLATED ? inflate(body) : body };
}

/** Everything before the pixels but private elements, which are never read and which others write carelessly. */
export interface Header {
  readonly chunks: readonly Uint8Array[];
  /** SpecificCharacterSet. */
  readonly charset: readonly string[];
}

export interface Split {
  readonly header: Header;
  readonly pixelData?: Element;
  /** Of the frames, from the Extended Offset Table; empty without one. */
  readonly offsets: readonly number[];
}

/** Finds header and pixels of a dataset; what follows the pixels is not read. Throws DICOM_UNREADABLE. */
export function splitPixels(body: Uint8Array, syntax: Syntax): Split {
  const chunks: Uint8Array[] = [];
  let charset: readonly string[] = [];
  let offsets: readonly number[] = [];
  for (const element of elements(body, syntax)) {
    const { tag, start, end } = element;
    if (PIXELS.includes(tag)) return { header: { chunks, charset }, pixelData: element, offsets };
    if (end > body.length) damaged('an element ends beyond the file');
    const value = body.subarray(start, end);
    if (tag === EXTENDED_OFFSETS) offsets = unsigned64(value);
    if (tag === SPECIFIC_CHARACTER_SET) charset = latin1(value).split('\\');
    else if (isRead(tag)) chunks.push(body.subarray(element.at, end));
  }
  return { header: { chunks, charset }, offsets };
}

/** Public and before the pixels. Even groups from 8 on are the standard's. */
const isRead = (tag: number): boolean => tag >= 0x00080000 && tag < 0x7fe00000 && (tag >>> 16) % 2 === 0;

function inflate(body: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(body, { maxOutputLength: MAX_INFLATED });
  } catch (cause) {
    throw new Fault('DICOM_UNREADABLE', 'the deflated dataset is damaged or larger than 512 MiB', { cause });
  }
}

const unsigned64 = (bytes: Uint8Array): readonly number[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) =>
    Number(view.getBigUint64(8 * i, true)),
  );
};

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
