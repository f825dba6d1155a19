import { Misfit } from './value.ts';

/** VRs with two reserved bytes and a 32-bit length (PS3.5 §7.1.2). */
const LONG_LENGTH = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const ITEM = 0xfffee000;

/**
 * A dataset as Explicit VR Little Endian (PS3.5 §7.1.2, §7.5), in one growing buffer: tags in the order of the calls, sequences
 * and items with defined lengths. Values come as formatValues() gives them; throws Misfit when they are too long for their VR.
 */
export class Serial {
  #bytes = Buffer.allocUnsafe(1 << 14);
  #length = 0;
  /** Where an item's bytes are, by its object: the same object again is a copy of them. */
  readonly #written = new Map<object, { from: number; to: number }>();

  element(tag: number, vr: string, values: readonly unknown[]): void {
    const start = this.#header(tag, vr);
    const write = BINARY[vr];
    if (write)
      for (const value of values) {
        const at = this.#reserve(WIDTH[vr] as number);
        write(this.#bytes, at, value);
      }
    else if (ArrayBuffer.isView(values[0])) this.#append(values[0] as Uint8Array);
    else this.#text(values.join('\\'));
    if ((this.#length - start) % 2 === 1) {
      const at = this.#reserve(1);
      this.#bytes[at] = PADDED_WITH_SPACE.has(vr) ? 0x20 : 0;
    }
    this.#close(start, vr);
  }

  /** A sequence; `write` is called for each item and writes its elements. */
  sequence<T extends object>(
    tag: number,
    items: readonly T[],
    write: (item: T, index: number) => void,
  ): void {
    const start = this.#header(tag, 'SQ');
    for (const [index, item] of items.entries()) {
      const copy = this.#written.get(item);
      if (copy) this.#repeat(copy);
      else {
        const from = this.#length;
        this.#tag(ITEM);
        const at = this.#reserve(4);
        write(item, index);
        this.#bytes.writeUInt32LE(this.#length - at - 4, at);
        this.#written.set(item, { from, to: this.#length });
      }
    }
    this.#close(start, 'SQ');
  }

  /** A view of what was written so far. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Writes tag, VR and room for the length; gives where the value begins. */
  #header(tag: number, vr: string): number {
    this.#tag(tag);
    const at = this.#reserve(LONG_LENGTH.has(vr) ? 8 : 4);
    this.#bytes.fill(0, at, this.#length);
    this.#bytes[at] = vr.charCodeAt(0);
    this.#bytes[at + 1] = vr.charCodeAt(1);
    return this.#length;
  }

  #close(start: number, vr: string): void {
    const length = this.#length - start;
    if (LONG_LENGTH.has(vr)) {
      if (length > 0xfffffffe) throw new Misfit(`4 GiB do not fit VR ${vr}`);
      this.#bytes.writeUInt32LE(length, start - 4);
    } else {
      if (length > 0xfffe) throw new Misfit(`more than 65534 bytes do not fit VR ${vr}`);
      this.#bytes.writeUInt16LE(length, start - 2);
    }
  }

  #tag(tag: number): void {
    const at = this.#reserve(4);
    this.#bytes.writeUInt16LE(tag >>> 16, at);
    this.#bytes.writeUInt16LE(tag & 0xffff, at + 2);
  }

  #text(text: string): void {
    const at = this.#reserve(3 * text.length);
    this.#length = at + this.#bytes.write(text, at, 'utf8');
  }

  #append(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #repeat({ from, to }: { from: number; to: number }): void {
    const at = this.#reserve(to - from);
    this.#bytes.copyWithin(at, from, to);
  }

  /** Room for so many bytes at the end; gives where they begin. The buffer may be another one afterwards: read it after the call. */
  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}

/** All other text is padded with a space, UI and bytes with a zero (PS3.5 §6.2). */
const PADDED_WITH_SPACE = new Set([
  'AE',
  'AS',
  'CS',
  'DA',
  'DS',
  'DT',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'TM',
  'UC',
  'UR',
  'UT',
]);

const WIDTH: Readonly<Record<string, number>> = {
  AT: 4,
  FD: 8,
  FL: 4,
  SL: 4,
  SS: 2,
  SV: 8,
  UL: 4,
  US: 2,
  UV: 8,
};

const BINARY: Readonly<Record<string, (bytes: Buffer, at: number, value: unknown) => void>> = {
  AT: (bytes, at, value) => {
    bytes.writeUInt16LE(Number(value) >>> 16, at);
    bytes.writeUInt16LE(Number(value) & 0xffff, at + 2);
  },
  FD: (bytes, at, value) => bytes.writeDoubleLE(Number(value), at),
  FL: (bytes, at, value) => bytes.writeFloatLE(Number(value), at),
  SL: (bytes, at, value) => bytes.writeInt32LE(Number(value), at),
  SS: (bytes, at, value) => bytes.writeInt16LE(Number(value), at),
  SV: (bytes, at, value) => bytes.writeBigInt64LE(BigInt(value as bigint), at),
  UL: (bytes, at, value) => bytes.writeUInt32LE(Number(value), at),
  US: (bytes, at, value) => bytes.writeUInt16LE(Number(value), at),
  UV: (bytes, at, value) => bytes.writeBigUInt64LE(BigInt(value as bigint), at),
};
