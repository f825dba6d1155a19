import { Fault } from '../shared/fault.ts';
import type { Syntax } from './syntax.ts';

/** One data element of the top level: where it begins, where its value lies. */
export interface Element {
  /** Group × 65536 + element. */
  readonly tag: number;
  readonly vr: string;
  /** Offset of the tag. */
  readonly at: number;
  /** Offset of the value. */
  readonly start: number;
  /** Offset past the value, delimiter included; of an element cut off by the end of the file, past that end. */
  readonly end: number;
  readonly undefinedLength: boolean;
}

const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
/** Sequences and items inside each other; real files have fewer than ten. */
const MAX_DEPTH = 100;
/** VRs with two reserved bytes and a 32-bit length (PS3.5 §7.1.2). */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/**
 * The elements of the top level from `offset`, in file order, without reading their values. It checks what a parser trusts:
 * lengths, nesting, delimiters. Throws DICOM_UNREADABLE.
 */
export function* elements(bytes: Uint8Array, syntax: Syntax, offset = 0): Generator<Element> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = offset; at < bytes.length; ) {
    const header = readHeader(view, at, syntax);
    const isUndefined = header.length === UNDEFINED;
    const end = isUndefined ? pastDelimiter(view, header, syntax) : header.start + header.length;
    const { tag, vr, start } = header;
    yield { tag, vr, at, start, end, undefinedLength: isUndefined };
    at = end;
  }
}

interface Header {
  readonly tag: number;
  readonly vr: string;
  readonly start: number;
  readonly length: number;
}

export function readHeader(view: DataView, at: number, { explicit, bigEndian }: Syntax): Header {
  if (at + 8 > view.byteLength) damaged('it ends inside an element');
  const little = !bigEndian;
  const tag = view.getUint16(at, little) * 0x10000 + view.getUint16(at + 2, little);
  if (!explicit || tag >= 0xfffe0000) {
    return { tag, vr: '', start: at + 8, length: view.getUint32(at + 4, little) };
  }
  const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
  if (!/^[A-Z]{2}$/.test(vr)) damaged(`element ${hex(tag)} has no value representation`);
  if (!LONG.has(vr)) return { tag, vr, start: at + 8, length: view.getUint16(at + 6, little) };
  if (at + 12 > view.byteLength) damaged('it ends inside an element');
  return { tag, vr, start: at + 12, length: view.getUint32(at + 8, little) };
}

/** Offset past the delimiter that closes a value of undefined length; a loop, so that no nesting ends in the stack. */
function pastDelimiter(view: DataView, opening: Header, syntax: Syntax): number {
  // An UN of undefined length holds implicit little endian (PS3.5 §6.2.2); what is inside inherits it.
  const inside = (vr: string, outer: Syntax): Syntax =>
    vr === 'UN' ? { ...outer, explicit: false, bigEndian: false } : outer;
  const open: Syntax[] = [inside(opening.vr, syntax)];
  let at = opening.start;
  while (open.length > 0) {
    const current = open[open.length - 1] as Syntax;
    const { tag, vr, start, length } = readHeader(view, at, current);
    at = start;
    if (tag === SEQUENCE_END || tag === ITEM_END) open.pop();
    else if (length === UNDEFINED) open.push(tag === ITEM ? current : inside(vr, current));
    else at += length;
    if (open.length > MAX_DEPTH) damaged('its sequences are nested more than 50 deep');
    if (at > view.byteLength) damaged('an item ends beyond the file');
  }
  return at;
}

export function damaged(what: string): never {
  throw new Fault('DICOM_UNREADABLE', `the file is damaged: ${what}`);
}

const hex = (tag: number): string => {
  const digits = tag.toString(16).padStart(8, '0').toUpperCase();
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
};
