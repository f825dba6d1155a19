import { Fault } from '../shared/fault.ts';

/**
 * A segmented palette (PS3.3 C.7.9.2) as its `length` entries. `data` holds bytes or words, as the descriptor's bits say; offsets in it
 * count bytes. Throws DICOM_UNREADABLE when the segments do not make just that many.
 */
export function expandPalette(data: Uint8Array | Uint16Array, length: number): Uint16Array {
  const out = new Uint16Array(length);
  let filled = 0;
  let at = 0;

  const next = (): number => data[at++] ?? broken('ends inside a segment');
  const put = (value: number): void => {
    if (filled === length) broken(`makes more than ${length} entries`);
    out[filled++] = value;
  };
  const segment = (isCopy: boolean): void => {
    const kind = next();
    const count = next();
    // Each makes an entry: so many steps and no more.
    if (count === 0) broken('holds an empty segment');
    if (kind === DISCRETE) for (let i = 0; i < count; i++) put(next());
    else if (filled === 0) broken('does not begin with a discrete segment');
    else if (kind === LINEAR) {
      const [from, to] = [out[filled - 1] as number, next()];
      for (let i = 1; i <= count; i++) put(Math.round(from + ((to - from) * i) / count));
    } else if (kind === INDIRECT && !isCopy) {
      const offset = offsetOf(data, next) / data.BYTES_PER_ELEMENT;
      const back = at;
      at = offset;
      for (let i = 0; i < count; i++) segment(true);
      at = back;
    } else broken(isCopy ? 'copies a copy' : `holds a segment of the unknown kind ${kind}`);
  };

  while (filled < length) segment(false);
  return out;
}

const DISCRETE = 0;
const LINEAR = 1;
const INDIRECT = 2;

/** 32 bits, the lowest first. */
function offsetOf({ BYTES_PER_ELEMENT }: Uint8Array | Uint16Array, next: () => number): number {
  let offset = 0;
  for (let bits = 0; bits < 32; bits += 8 * BYTES_PER_ELEMENT) offset += next() * 2 ** bits;
  return offset % BYTES_PER_ELEMENT === 0 ? offset : broken('points between two words');
}

function broken(how: string): never {
  throw new Fault('DICOM_UNREADABLE', `a segmented palette ${how}`);
}
