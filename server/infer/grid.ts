import type { Volume } from '../contracts.ts';
import { type Affine, multiplyAffine } from '../shared/affine.ts';
import { Fault } from '../shared/fault.ts';
import { dot, type Vector } from '../shared/vector.ts';

/** Numbers of voxels along i, j, k: slowest first. */
export type Dims = readonly [number, number, number];

/** Voxels [i, j, k] with k fastest, and where they lie. */
export interface Grid {
  readonly shape: Dims;
  readonly data: Float32Array | Uint8Array;
  /** (i, j, k) → (column, row, frame) of the source. */
  readonly toSource: Affine;
  /** (column, row, frame) → LPS, mm. */
  readonly sourceToLps: Affine;
}

/** Largest grid: 2^28 voxels, 1 GiB. */
const MAX_VOXELS = 2 ** 28;

// biome-ignore format: a matrix
const REVERSED: Affine = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1];

/** The source's own grid: i, j, k are frame, row, column. Throws MODEL_REFUSES_SERIES when it has no place in the patient. */
export function gridOf({ shape, data, geometry }: Volume): Grid {
  if (!geometry)
    throw new Fault('MODEL_REFUSES_SERIES', 'the model needs a stack of slices with patient geometry');
  return { shape, data, toSource: REVERSED, sourceToLps: geometry.affine };
}

/** (i, j, k) → LPS, mm. */
export const toLps = ({ sourceToLps, toSource }: Pick<Grid, 'sourceToLps' | 'toSource'>): Affine =>
  multiplyAffine(sourceToLps, toSource);

/** Where the axis `c` of a map points, one voxel long. */
export const axisOf = (map: Affine, c: 0 | 1 | 2): Vector => [
  map[c] as number,
  map[4 + c] as number,
  map[8 + c] as number,
];

/** Are the axes not perpendicular? */
export function isSheared(grid: Grid): boolean {
  const map = toLps(grid);
  const axes = ([0, 1, 2] as const).map((c) => axisOf(map, c));
  return axes.some((a, c) => {
    const b = axes[(c + 1) % 3] as Vector;
    return Math.abs(dot(a, b)) > 1e-3 * Math.hypot(...a) * Math.hypot(...b);
  });
}

/** Checked before it is allocated. */
export function voxelsOf(shape: Dims): number {
  const voxels = shape[0] * shape[1] * shape[2];
  if (voxels <= MAX_VOXELS) return voxels;
  throw new Fault('MODEL_REFUSES_SERIES', `the model would read a grid of ${shape.join(' × ')} voxels`);
}

export const triple = <T>(of: (axis: 0 | 1 | 2) => T): readonly [T, T, T] => [of(0), of(1), of(2)];
