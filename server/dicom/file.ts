import { inflateRawSync } from 'node:zlib';
import { Fault } from '../shared/fault.ts';
import { damaged, type Element, elements } from './elements.ts';
import { knownPrivates, maybeKnown } from './known-privates.ts';
import { DEFLATED, EXPLICIT_LITTLE, type Syntax, syntaxOf } from './syntax.ts';

/** Largest header: an enhanced image says less than 1 KiB a frame. A parser needs 10 µs for the smallest item. */
const MAX_HEADER = 2 ** 24;
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

/** Everything before the pixels but overlays, and private elements other than the known: those are never read, and others write them carelessly. */
export interface Header {
  /** In the order of the file. */
  readonly elements: readonly Element[];
  /** SpecificCharacterSet. */
  readonly charset: readonly string[];
  /** The known private attributes by name. */
  readonly privates: Readonly<Record<string, string>>;
}

export interface Split {
  readonly header: Header;
  readonly pixelData?: Element;
  /** Of the frames, from the Extended Offset Table; empty without one. */
  readonly offsets: readonly number[];
}

/** Finds header and pixels of a dataset; what follows the pixels is not read. Throws DICOM_UNREADABLE. */
export function splitPixels(body: Uint8Array, syntax: Syntax): Split {
  const read: Element[] = [];
  let length = 0;
  let charset: readonly string[] = [];
  let offsets: readonly number[] = [];
  let pixelData: Element | undefined;
  const privates: Element[] = [];
  for (const element of elements(body, syntax)) {
    const { tag, at, start, end } = element;
    if (PIXELS.includes(tag)) {
      pixelData = element;
      break;
    }
    if (end > body.length) damaged('an element ends beyond the file');
    if (tag === EXTENDED_OFFSETS) offsets = unsigned64(body.subarray(start, end));
    if (tag === SPECIFIC_CHARACTER_SET) charset = latin1(body.subarray(start, end)).split('\\');
    else if (isRead(tag)) {
      read.push(element);
      length += end - at;
    } else if (maybeKnown(element)) privates.push(element);
  }
  if (length > MAX_HEADER) damaged('it says more than 16 MiB before its pixels');
  return {
    header: { elements: read, charset, privates: knownPrivates(body, privates) },
    ...(pixelData ? { pixelData } : {}),
    offsets,
  };
}

/** Public (even groups from 8 on are the standard's), and neither curve (50xx) nor overlay (60xx) nor after the pixels. */
function isRead(tag: number): boolean {
  const group = tag >>> 16;
  return group >= 8 && group < 0x7fe0 && group % 2 === 0 && ![0x50, 0x60].includes(group >>> 8);
}

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
