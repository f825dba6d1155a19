import { multiplyAffine } from '../shared/affine.ts';
import { Fault } from '../shared/fault.ts';
import { type Dims, type Grid, triple, voxelsOf } from './grid.ts';

/** A part of a grid, or what reaches beyond it: first voxel and size along i, j, k. */
export interface Box {
  readonly start: Dims;
  readonly shape: Dims;
}

/** The middle of the grid, as MONAI's CenterSpatialCrop takes it; axes that are smaller stay. */
export function middle({ shape: old }: Grid, size: Dims): Box {
  const shape = triple((c) => Math.min(old[c], size[c]));
  return { shape, start: triple((c) => Math.floor(old[c] / 2) - Math.floor(shape[c] / 2)) };
}

/** As much before as behind, the odd voxel behind, as MONAI's SpatialPad; axes that are larger stay. */
export function around({ shape: old }: Grid, size: Dims): Box {
  const shape = triple((c) => Math.max(old[c], size[c]));
  return { shape, start: triple((c) => -Math.floor((shape[c] - old[c]) / 2)) };
}

/** The bounding box of the values above a limit, with so many voxels around it, inside the grid. Throws MODEL_REFUSES_SERIES. */
export function foreground({ shape: [ni, nj, nk], data }: Grid, above: number, padding: number): Box {
  // The values are float32, and so is the limit.
  const limit = Math.fround(above);
  const first = [ni, nj, nk] as [number, number, number];
  const last = [-1, -1, -1] as [number, number, number];
  const widen = (axis: 0 | 1 | 2, n: number): void => {
    if (n < first[axis]) first[axis] = n;
    if (n > last[axis]) last[axis] = n;
  };
  for (let i = 0, row = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++, row += nk) {
      let k = 0;
      while (k < nk && !((data[row + k] as number) > limit)) k++;
      if (k === nk) continue;
      let end = nk - 1;
      while (!((data[row + end] as number) > limit)) end--;
      widen(0, i);
      widen(1, j);
      widen(2, k);
      widen(2, end);
    }
  }
  if (last[0] === -1)
    throw new Fault('MODEL_REFUSES_SERIES', `no voxel is above ${above}: there is nothing to read`);
  const start = triple((c) => Math.max(0, first[c] - padding));
  const dims = [ni, nj, nk];
  return {
    start,
    shape: triple((c) => Math.min((dims[c] as number) - 1, last[c] + padding) - start[c] + 1),
  };
}

/** The voxels of a box; `outside` where the grid has none. */
export function cut(grid: Grid, { start, shape }: Box, outside: number): Grid {
  const [ni, nj, nk] = grid.shape;
  const out = new Float32Array(voxelsOf(shape)).fill(outside);
  const from = Math.max(0, start[2]);
  const to = Math.min(nk, start[2] + shape[2]);
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      const [oi, oj] = [i + start[0], j + start[1]];
      if (oi < 0 || oj < 0 || oi >= ni || oj >= nj) continue;
      const row = (oi * nj + oj) * nk;
      out.set(grid.data.subarray(row + from, row + to), (i * shape[1] + j) * shape[2] + from - start[2]);
    }
  }
  const [a, b, c] = start;
  const shift = [1, 0, 0, a, 0, 1, 0, b, 0, 0, 1, c, 0, 0, 0, 1];
  return { ...grid, shape, data: out, toSource: multiplyAffine(grid.toSource, shift) };
}
