import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Affine } from '../server/shared/affine.ts';

/** A volume of one of the kit's NIfTI-1 files. */
export interface Nifti {
  /** [frame, row, column]: the file's third, second and first axis */
  readonly shape: readonly [number, number, number];
  readonly data: Uint8Array;
  /** (column, row, frame) to LPS millimetres */
  readonly affine: Affine;
}

/** Reads a gzipped NIfTI-1 file of unscaled bytes with an sform, and refuses any other (nifti1.h of the NIfTI data format working group). */
export function readNifti(file: string): Nifti {
  const bytes = gunzipSync(readFileSync(file));
  const slope = bytes.readFloatLE(112);
  const plain = bytes.readInt16LE(70) === 2 && (Number.isNaN(slope) || slope === 0 || slope === 1);
  if (bytes.readInt32LE(0) !== 348 || !plain || bytes.readInt16LE(254) === 0)
    throw new Error(`${file} is not a NIfTI-1 file of unscaled bytes with an sform`);
  const [columns, rows, frames] = [42, 44, 46].map((at) => bytes.readInt16LE(at)) as [number, number, number];
  const ras = Array.from({ length: 12 }, (_, i) => bytes.readFloatLE(280 + 4 * i));
  const begin = bytes.readFloatLE(108);
  return {
    shape: [frames, rows, columns],
    data: bytes.subarray(begin, begin + frames * rows * columns),
    affine: [...ras.map((v, i) => (i < 8 ? -v : v)), 0, 0, 0, 1] as unknown as Affine,
  };
}
