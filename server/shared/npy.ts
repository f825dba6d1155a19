import { Fault } from './fault.ts';

/** NumPy's array files (NEP 1): little endian, C order, float32 written; float32, float64, uint8 and int16 read. */

export interface Array1 {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

export function writeNpy({ dims, data }: Array1): Uint8Array {
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`;
  const padded = `${text}${' '.repeat(63 - ((MAGIC.length + 4 + text.length) % 64))}\n`;
  const head = Buffer.alloc(MAGIC.length + 4);
  MAGIC.copy(head);
  head[6] = 1;
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([
    head,
    Buffer.from(padded, 'latin1'),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

/** Throws REQUEST_INVALID for what is not such a file. */
export function readNpy(bytes: Uint8Array): Array1 {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, 6).equals(MAGIC)) throw new Fault('REQUEST_INVALID', 'the file is not a NumPy array');
  const wide = (file[6] as number) >= 2;
  const start = wide ? 12 : 10;
  const end = start + (wide ? file.readUInt32LE(8) : file.readUInt16LE(8));
  const header = file.toString('latin1', start, end);
  const kind = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '';
  const dims = shape
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean)
    .map(Number);
  const Type = TYPES[kind];
  if (!Type || /'fortran_order': True/.test(header))
    throw new Fault('REQUEST_INVALID', `NumPy arrays of ${kind || 'this kind'} are not read`);
  const count = dims.reduce((a, b) => a * b, 1);
  const body = Uint8Array.from(file.subarray(end, end + count * Type.BYTES_PER_ELEMENT));
  if (body.length !== count * Type.BYTES_PER_ELEMENT)
    throw new Fault('REQUEST_INVALID', 'the NumPy array is cut off');
  return { dims, data: Float32Array.from(new Type(body.buffer)) };
}

const TYPES: Readonly<
  Record<
    string,
    { new (buffer: ArrayBuffer): ArrayLike<number>; readonly BYTES_PER_ELEMENT: number } | undefined
  >
> = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|u1': Uint8Array,
  '<i2': Int16Array,
};
