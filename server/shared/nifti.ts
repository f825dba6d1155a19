import { gzipSync } from 'node:zlib';
import type { Affine } from './affine.ts';

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
