import { Fault } from '../shared/fault.ts';
import { damaged, readHeader } from './elements.ts';
import { EXPLICIT_LITTLE, syntaxOf } from './syntax.ts';

interface Fragment {
  readonly bytes: Uint8Array;
  /** Of its item tag, counted from the first byte after the Basic Offset Table. */
  readonly offset: number;
}

const ITEM = 0xfffee000;
const SEQUENCE_END = 0xfffee0dd;

/**
 * One item a frame from encapsulated pixel data (PS3.5 A.4), `value` being everything after its header. Several fragments
 * are joined by `extended`, the Extended Offset Table (PS3.3 C.7.6.3.1.8), or by the basic one, else by the marks with which
 * each compressed image begins. Throws DICOM_UNREADABLE and PIXELS_TRUNCATED.
 */
export function framesOf(value: Uint8Array, frames: number, extended: readonly number[] = []): Uint8Array[] {
  const [table, ...fragments] = fragmentsOf(value);
  if (!table || fragments.length === 0)
    throw new Fault('PIXELS_TRUNCATED', 'the pixel data holds no fragment');
  if (fragments.length < frames) {
    throw new Fault(
      'PIXELS_TRUNCATED',
      `the header promises ${frames} frames, the file holds ${fragments.length}`,
    );
  }
  if (frames === 1) return [joined(fragments)];
  if (fragments.length === frames) return fragments.map((f) => f.bytes);
  const starts = extended.length ? extended : basicOffsets(table.bytes);
  const first = starts.length
    ? startsAt(fragments, starts)
    : fragments.flatMap((f, i) => (beginsImage(f.bytes) ? [i] : []));
  if (first.length !== frames || first[0] !== 0) {
    damaged(`${fragments.length} fragments do not make ${frames} frames`);
  }
  return first.map((from, i) => joined(fragments.slice(from, first[i + 1] ?? fragments.length)));
}

function fragmentsOf(value: Uint8Array): Fragment[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const found: Fragment[] = [];
  let origin = 0;
  for (let at = 0; at + 8 <= value.length; ) {
    const { tag, start, length } = readHeader(view, at, syntaxOf(EXPLICIT_LITTLE));
    if (tag === SEQUENCE_END) return found;
    if (tag !== ITEM) damaged('the pixel data holds something that is not an item');
    if (start + length > value.length)
      throw new Fault('PIXELS_TRUNCATED', 'the pixel data ends inside a fragment');
    found.push({ bytes: value.subarray(start, start + length), offset: at - origin });
    at = start + length;
    if (found.length === 1) origin = at;
  }
  throw new Fault('PIXELS_TRUNCATED', 'the pixel data ends before its delimiter');
}

function basicOffsets(table: Uint8Array): readonly number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: Math.floor(table.length / 4) }, (_, i) => view.getUint32(4 * i, true));
}

function startsAt(fragments: readonly Fragment[], offsets: readonly number[]): number[] {
  const index = new Map(fragments.map((f, i) => [f.offset, i]));
  const at = offsets.map((offset) => index.get(offset));
  if (at.some((i, k) => i === undefined || (k > 0 && i <= (at[k - 1] as number)))) {
    damaged('its offset table does not point at its fragments');
  }
  return at as number[];
}

/** SOI of JPEG and JPEG-LS, SOC and SIZ of JPEG 2000. */
const beginsImage = ([a, b, c]: Uint8Array): boolean =>
  a === 0xff && ((b === 0xd8 && c === 0xff) || (b === 0x4f && c === 0xff));

const joined = (fragments: readonly Fragment[]): Uint8Array =>
  fragments.length === 1 ? (fragments[0] as Fragment).bytes : Buffer.concat(fragments.map((f) => f.bytes));
