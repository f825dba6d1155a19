import { gunzipSync, gzipSync } from 'node:zlib';
import type { Affine } from './affine.ts';
import { Fault } from './fault.ts';

/**
 * A gzipped NIfTI-1 file with float32 voxels. `data` is [frame, row, column]; `affine` takes (column, row, frame) to LPS
 * millimetres, as a Volume's does; NIfTI wants RAS, so its first two rows are turned round. Header: nifti1.h of the NIfTI
 * data format working group.
 */
export function writeNifti(
  data: Float32Array,
  shape: readonly [number, number, number],
  affine: Affine,
): Uint8Array {
  const header = Buffer.alloc(352);
  const [frames, rows, columns] = shape;
  header.writeInt32LE(348, 0);
  for (const [i, n] of [3, columns, rows, frames, 1, 1, 1, 1].entries()) header.writeInt16LE(n, 40 + 2 * i);
  header.writeInt16LE(16, 70); // datatype: float32
  header.writeInt16LE(32, 72); // bits a voxel
  const spacing = [0, 1, 2].map((c) => Math.hypot(...[0, 4, 8].map((r) => affine[r + c] as number)));
  for (const [i, s] of [1, ...spacing].entries()) header.writeFloatLE(s, 76 + 4 * i);
  header.writeFloatLE(352, 108); // where the voxels begin
  header.writeFloatLE(1, 112); // slope
  header[123] = 2; // millimetres
  header.writeInt16LE(1, 254); // sform: scanner coordinates
  for (let i = 0; i < 12; i++) header.writeFloatLE((i < 8 ? -1 : 1) * (affine[i] as number), 280 + 4 * i);
  header.write('n+1\0', 344, 'latin1');
  return gzipSync(Buffer.concat([header, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]));
}

/** Voxels of a NIfTI file, [k, j, i] with i fastest, and where they lie: (i, j, k) → LPS millimetres. */
export interface Nifti {
  readonly shape: readonly [number, number, number];
  readonly data: Float32Array;
  readonly affine: Affine;
}

const READERS: Readonly<Record<number, readonly [bytes: number, read: (b: Buffer, at: number) => number]>> = {
  2: [1, (b, at) => b.readUInt8(at)],
  4: [2, (b, at) => b.readInt16LE(at)],
  16: [4, (b, at) => b.readFloatLE(at)],
  512: [2, (b, at) => b.readUInt16LE(at)],
};

/** A single-file NIfTI-1, gzipped or not. Throws REQUEST_INVALID for what is none, or of a kind that is not read. */
export function readNifti(file: Uint8Array): Nifti {
  const bytes = file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file) : Buffer.from(file);
  if (bytes.length < 352 || bytes.readInt32LE(0) !== 348 || bytes.toString('latin1', 344, 347) !== 'n+1')
    throw new Fault('REQUEST_INVALID', 'the file is no little-endian NIfTI-1 file');
  const [rank = 0, ni = 1, nj = 1, nk = 1, ...more] = Array.from({ length: 8 }, (_, i) =>
    bytes.readInt16LE(40 + 2 * i),
  );
  const reader = READERS[bytes.readInt16LE(70)];
  if (rank < 3 || more.some((n, i) => i < rank - 3 && n > 1) || !reader)
    throw new Fault(
      'REQUEST_INVALID',
      `a NIfTI file of ${rank} axes and type ${bytes.readInt16LE(70)} is not read`,
    );
  const [size, read] = reader;
  const [begin, given, inter] = [108, 112, 116].map((at) => bytes.readFloatLE(at)) as [
    number,
    number,
    number,
  ];
  const voxels = ni * nj * nk;
  if (bytes.length < begin + voxels * size)
    throw new Fault('REQUEST_INVALID', 'the NIfTI file ends before its last voxel');
  // A slope of 0, or one that is no number, means that nothing is scaled.
  const scaled = given !== 0 && Number.isFinite(given);
  const data = new Float32Array(voxels);
  for (let i = 0; i < voxels; i++) {
    const value = read(bytes, begin + i * size);
    data[i] = scaled ? given * value + inter : value;
  }
  return { shape: [nk, nj, ni], data, affine: inLps(affineOf(bytes)) };
}

/** (i, j, k) → RAS: the header's matrix, else its quaternion. */
function affineOf(bytes: Buffer): Affine {
  if (bytes.readInt16LE(254) > 0)
    return [...Array.from({ length: 12 }, (_, i) => bytes.readFloatLE(280 + 4 * i)), 0, 0, 0, 1];
  if (bytes.readInt16LE(252) <= 0)
    throw new Fault('REQUEST_INVALID', 'the NIfTI file does not say where its voxels lie');
  const [b, c, d, x, y, z] = Array.from({ length: 6 }, (_, i) => bytes.readFloatLE(256 + 4 * i)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const [face, si, sj, sk] = [76, 80, 84, 88].map((at) => bytes.readFloatLE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const k = face < 0 ? -sk : sk;
  // biome-ignore format: a matrix
  return [
    (a*a + b*b - c*c - d*d) * si, 2 * (b*c - a*d) * sj, 2 * (b*d + a*c) * k, x,
    2 * (b*c + a*d) * si, (a*a + c*c - b*b - d*d) * sj, 2 * (c*d - a*b) * k, y,
    2 * (b*d - a*c) * si, 2 * (c*d + a*b) * sj, (a*a + d*d - b*b - c*c) * k, z,
    0, 0, 0, 1,
  ];
}

const inLps = (ras: Affine): Affine => ras.map((v, i) => (i < 8 ? -v || 0 : v));
