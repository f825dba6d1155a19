import { type Affine, applyAffine, invertAffine, multiplyAffine } from '../shared/affine.ts';
import { cross, dot, type Vector } from '../shared/vector.ts';
import { axisOf, type Dims, type Grid, toLps, triple } from './grid.ts';
import { HALF_UP, type Interpolation, resample, type Target } from './resample.ts';
import { spread } from './resize-area.ts';

/**
 * Voxels of `mm` along perpendicular axes, around the middle of what the grid covers and over its extent to the nearest whole
 * voxel. A sheared grid keeps its planes, and its frames run along their normal.
 */
export function toSpacing(grid: Grid, mm: Dims, how: Pick<Target, 'interpolation' | 'outside'>): Grid {
  const map = toLps(grid);
  const directions = perpendicular(grid, map);
  const reach = directions.map((d) => {
    const along = corners(grid.shape).map((corner) => dot(applyAffine(map, corner), d));
    return [Math.min(...along), Math.max(...along)] as const;
  });
  const shape = triple((c) => {
    const [low, high] = reach[c] as readonly [number, number];
    return Math.max(1, Math.floor((high - low) / mm[c] + HALF_UP));
  });
  const first = triple((c) => {
    const [low, high] = reach[c] as readonly [number, number];
    return (low + high) / 2 - ((shape[c] - 1) / 2) * mm[c];
  });
  const row = (r: number): number[] => [
    ...directions.map((d, c) => (d[r] as number) * (mm[c] as number)),
    directions.reduce((sum, d, c) => sum + (d[r] as number) * (first[c] as number), 0),
  ];
  const newToLps = [...row(0), ...row(1), ...row(2), 0, 0, 0, 1];
  return resample(grid, { shape, toOld: multiplyAffine(invertAffine(map), newToLps), ...how });
}

/** Another number of voxels over the same extent. */
export function resize(grid: Grid, size: Dims, interpolation: Interpolation | 'area'): Grid {
  const scale = triple((c) => grid.shape[c] / size[c]);
  const shift = triple((c) => (scale[c] - 1) / 2);
  const [a, b, c] = scale;
  const toOld = [a, 0, 0, shift[0], 0, b, 0, shift[1], 0, 0, c, shift[2], 0, 0, 0, 1];
  if (interpolation !== 'area')
    return resample(grid, { shape: size, toOld, interpolation, outside: Number.NaN });
  return {
    ...grid,
    shape: size,
    data: spread(grid.data, grid.shape, size),
    toSource: multiplyAffine(grid.toSource, toOld),
  };
}

/** Directions of the grid's axes; where it is sheared, that of its frames is the normal of the others. */
function perpendicular(grid: Grid, map: Affine): readonly [Vector, Vector, Vector] {
  const units = triple((c) => unit(axisOf(map, c)));
  const frame = ([0, 1, 2] as const).find((c) => axisOf(grid.toSource, c)[2] !== 0) ?? 0;
  const normal = unit(cross(units[((frame + 1) % 3) as 0 | 1 | 2], units[((frame + 2) % 3) as 0 | 1 | 2]));
  const sign = Math.sign(dot(normal, units[frame]));
  return triple((c) => (c === frame ? (normal.map((v) => sign * v) as unknown as Vector) : units[c]));
}

const unit = (v: Vector): Vector => v.map((x) => x / Math.hypot(...v)) as unknown as Vector;

/** The eight outer corners of the voxels. */
const corners = ([ni, nj, nk]: Dims): readonly Vector[] =>
  [-0.5, ni - 0.5].flatMap((i) =>
    [-0.5, nj - 0.5].flatMap((j) => [-0.5, nk - 0.5].map((k) => [i, j, k] as const)),
  );
