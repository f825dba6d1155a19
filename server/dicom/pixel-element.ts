import { Fault } from '../shared/fault.ts';
import { syntaxOf } from './syntax.ts';

/** The attributes that hold pixels, with their tags and VRs (PS3.3 C.7.6.3, C.7.6.24, C.7.6.25). */
const BULK = {
  FloatPixelData: { tag: 0x7fe00008, vr: 'OF' },
  DoubleFloatPixelData: { tag: 0x7fe00009, vr: 'OD' },
  PixelData: { tag: 0x7fe00010, vr: 'OB' },
} as const;
type BulkKeyword = keyof typeof BULK;

/**
 * The pixels of a dataset as the last element of a file, in pieces: its header, then the arrays as they are given. Several arrays are
 * one value, or one frame each in an encapsulated syntax; of each view only its own bytes. Nothing when there are no pixels.
 */
export function pixelElement(
  dataset: Readonly<Record<string, unknown>>,
  TransferSyntaxUID: string,
): readonly Uint8Array[] {
  const present = (Object.keys(BULK) as BulkKeyword[]).filter((keyword) => dataset[keyword] !== undefined);
  if (present.length > 1) throw invalid('PixelData', 'only one kind of pixel data may be present');
  const [keyword] = present;
  if (!keyword) return [];
  const value = dataset[keyword];
  const parts = (Array.isArray(value) ? value : [value]).map((part) => {
    if (!ArrayBuffer.isView(part)) throw invalid(keyword, 'is not a typed array');
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  });
  const { tag, vr } = BULK[keyword];
  const { encapsulated, explicit, bigEndian, deflated } = syntaxOf(TransferSyntaxUID);
  if (!explicit || bigEndian || deflated) throw invalid('TransferSyntaxUID', 'is not written');
  if (encapsulated) {
    if (keyword !== 'PixelData') throw invalid(keyword, 'is never compressed (PS3.5 A.4)');
    return [header(tag, 'OB', 0xffffffff), ...fragmentsOf(parts)];
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > 0xfffffffe) throw invalid(keyword, 'is 4 GiB or larger');
  const even = length + (length % 2);
  const written = vr === 'OB' && Number(dataset.BitsAllocated) > 8 ? 'OW' : vr;
  return [header(tag, written, even), ...parts, ...(length % 2 === 1 ? [new Uint8Array(1)] : [])];
}

const ITEM = 0xfffee000;
const SEQUENCE_END = 0xfffee0dd;

/** A Basic Offset Table and one fragment a frame (PS3.5 A.4); frames beyond 4 GiB have an empty table. */
function fragmentsOf(frames: readonly Uint8Array[]): Uint8Array[] {
  const offsets: number[] = [];
  let at = 0;
  const fragments = frames.flatMap((frame) => {
    const odd = frame.length % 2;
    offsets.push(at);
    at += 8 + frame.length + odd;
    return [delimiter(ITEM, frame.length + odd), frame, ...(odd ? [new Uint8Array(1)] : [])];
  });
  const isShort = (offsets.at(-1) ?? 0) <= 0xffffffff;
  const table = new Uint8Array((isShort ? Uint32Array.from(offsets) : new Uint32Array()).buffer);
  return [delimiter(ITEM, table.length), table, ...fragments, delimiter(SEQUENCE_END, 0)];
}

function delimiter(tag: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  bytes.writeUInt32LE(length, 4);
  return bytes;
}

function header(tag: number, vr: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  bytes.write(vr, 4, 'latin1');
  bytes.writeUInt32LE(length, 8);
  return bytes;
}

const invalid = (name: string, rule: string): Fault => new Fault('ENCODE_INVALID', `${name}: ${rule}`);
