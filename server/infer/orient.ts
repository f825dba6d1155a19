import { type Affine, multiplyAffine } from '../shared/affine.ts';
import { axisOf, type Dims, type Grid, toLps, triple } from './grid.ts';

/** Signed places in LPS of the letters: where an axis may grow to. */
const LETTERS: Readonly<Record<string, readonly [axis: number, sign: 1 | -1]>> = {
  L: [0, 1],
  R: [0, -1],
  P: [1, 1],
  A: [1, -1],
  S: [2, 1],
  I: [2, -1],
};

/** The grid with its axes exchanged and turned so that they grow to `axes`, as nearly as they lie; no value changes. */
export function orient(grid: Grid, axes: string): Grid {
  const wanted = [...axes].map((letter) => LETTERS[letter] as (typeof LETTERS)[string]);
  const map = toLps(grid);
  const assigned = nearestAxes(map);
  // For each new axis: the old one that runs along the wanted direction, and whether it is turned.
  const from = wanted.map(([lps]) => assigned.indexOf(lps) as 0 | 1 | 2);
  const turned = from.map((old, i) => {
    const [lps, sign] = wanted[i] as (typeof wanted)[number];
    return Math.sign(axisOf(map, old)[lps] as number) !== sign;
  });
  const shape = triple((i) => grid.shape[from[i] as 0 | 1 | 2]);
  const toOld: number[] = Array.from({ length: 16 }, (_, m) => Number(m === 15));
  from.forEach((old, i) => {
    toOld[4 * old + i] = turned[i] ? -1 : 1;
    toOld[4 * old + 3] = turned[i] ? (shape[i] as number) - 1 : 0;
  });
  return {
    ...grid,
    shape,
    data: rearranged(grid, shape, toOld),
    toSource: multiplyAffine(grid.toSource, toOld),
  };
}

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** For each axis of the map the axis of LPS that it runs along: the order in which they agree most. */
function nearestAxes(map: Affine): readonly number[] {
  const cosines = triple((c) => {
    const axis = axisOf(map, c);
    return axis.map((v) => Math.abs(v) / Math.hypot(...axis));
  });
  const agreement = (order: readonly number[]): number =>
    order.reduce((sum, lps, c) => sum + (cosines[c as 0 | 1 | 2][lps] as number), 0);
  return ORDERS.reduce<readonly number[]>(
    (best, order) => (agreement(order) > agreement(best) + 1e-9 ? order : best),
    ORDERS[0],
  );
}

/** The voxels of whole-numbered places. */
function rearranged({ shape: [, nj, nk], data }: Grid, shape: Dims, toOld: Affine): Grid['data'] {
  const strides = [nj * nk, nk, 1];
  const stride = triple((c) => strides.reduce((sum, s, r) => sum + s * (toOld[4 * r + c] as number), 0));
  const start = strides.reduce((sum, s, r) => sum + s * (toOld[4 * r + 3] as number), 0);
  const out = data.slice();
  let at = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0, o = start + i * stride[0] + j * stride[1]; k < shape[2]; k++, o += stride[2]) {
        out[at++] = data[o] as number;
      }
    }
  }
  return out;
}
