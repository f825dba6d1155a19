import { type Affine, multiplyAffine } from '../shared/affine.ts';
import { type Dims, type Grid, voxelsOf } from './grid.ts';

export type Interpolation = 'linear' | 'nearest';

/** Halves go up even when rounding noise left them a little below: grids often meet at halves. */
export const HALF_UP = 0.5 + 1e-6;

export interface Target {
  readonly shape: Dims;
  /** (i, j, k) of the new grid → those of the old. */
  readonly toOld: Affine;
  readonly interpolation: Interpolation;
  /** Value half a voxel or more beyond the outermost centres; nearer than that the outermost value holds. */
  readonly outside: number;
}

/** The values of a grid at the voxels of another, as SimpleITK's ResampleImageFilter takes them. */
export function resample(grid: Grid, { shape, toOld, interpolation, outside }: Target): Grid {
  const out = new Float32Array(voxelsOf(shape));
  const sample = sampler(grid, interpolation);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, p = 0, q = 0, r = 0, s = 0] = toOld;
  let at = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        const x = a * i + b * j + c * k + d;
        const y = e * i + f * j + g * k + h;
        const z = p * i + q * j + r * k + s;
        const value = sample(x, y, z);
        out[at++] = value === undefined ? outside : value;
      }
    }
  }
  return { ...grid, shape, data: out, toSource: multiplyAffine(grid.toSource, toOld) };
}

/** The value at a point of the grid; undefined outside it. */
export type Sampler = (x: number, y: number, z: number) => number | undefined;

export function sampler(
  { shape: [ni, nj, nk], data }: Pick<Grid, 'shape' | 'data'>,
  interpolation: Interpolation,
): Sampler {
  const area = nj * nk;
  const isInside = (x: number, y: number, z: number): boolean =>
    x >= -HALF_UP &&
    y >= -HALF_UP &&
    z >= -HALF_UP &&
    x < ni - HALF_UP &&
    y < nj - HALF_UP &&
    z < nk - HALF_UP;
  const nearest: Sampler = (x, y, z) =>
    isInside(x, y, z)
      ? data[
          clamp(Math.floor(x + HALF_UP), ni) * area +
            clamp(Math.floor(y + HALF_UP), nj) * nk +
            clamp(Math.floor(z + HALF_UP), nk)
        ]
      : undefined;
  const linear: Sampler = (x, y, z) => {
    if (!isInside(x, y, z)) return undefined;
    const [fx, fy, fz] = [Math.floor(x), Math.floor(y), Math.floor(z)];
    const [u, v, w] = [x - fx, y - fy, z - fz];
    const x0 = clamp(fx, ni) * area;
    const x1 = clamp(fx + 1, ni) * area;
    const y0 = clamp(fy, nj) * nk;
    const y1 = clamp(fy + 1, nj) * nk;
    const z0 = clamp(fz, nk);
    const z1 = clamp(fz + 1, nk);
    const along = (o: number): number =>
      (data[o + z0] as number) + w * ((data[o + z1] as number) - (data[o + z0] as number));
    const plane = (o: number): number => {
      const near = along(o + y0);
      return near + v * (along(o + y1) - near);
    };
    const near = plane(x0);
    return near + u * (plane(x1) - near);
  };
  return interpolation === 'nearest' ? nearest : linear;
}

const clamp = (index: number, count: number): number => (index < 0 ? 0 : index >= count ? count - 1 : index);
