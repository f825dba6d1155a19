import type { Volume } from '../contracts.ts';
import { type Affine, invertAffine } from '../shared/affine.ts';
import type { Grid } from './grid.ts';
import { HALF_UP, type Interpolation, sampler } from './resample.ts';
import { stretch } from './stretch.ts';

type Values = Uint8Array | Float32Array;

/**
 * Values of a grid's voxels on the source grid [frame, row, column], into `out`: each source voxel takes the value of the nearest
 * voxel, for labels, or between its neighbours, for maps. Source voxels outside keep what `out` holds.
 */
export function toSourceGrid<T extends Values>(
  { shape, data, toSource }: Pick<Grid, 'shape' | 'toSource'> & { readonly data: T },
  { shape: [frames, rows, columns], geometry }: Pick<Volume, 'shape' | 'geometry'>,
  { out, interpolation }: { readonly out: T; readonly interpolation: Interpolation },
): T {
  const toGrid = invertAffine(toSource);
  const fill = interpolation === 'nearest' ? fillNearest : fillLinear;
  for (let frame = 0; frame < frames; frame++) {
    const plane = out.subarray(frame * rows * columns, (frame + 1) * rows * columns);
    fill({ shape, data }, { plane, columns, z: geometry?.frameAt?.[frame] ?? frame, toGrid });
  }
  return out;
}

/** A source frame to be filled, at the place `z` of its stack. */
interface Frame {
  readonly plane: Values;
  readonly columns: number;
  readonly z: number;
  readonly toGrid: Affine;
}

function fillLinear(grid: Pick<Grid, 'shape' | 'data'>, { plane, columns, z, toGrid }: Frame): void {
  const sample = sampler(grid, 'linear');
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, p = 0, q = 0, r = 0, s = 0] = toGrid;
  for (let at = 0; at < plane.length; at++) {
    const y = Math.floor(at / columns);
    const x = at - y * columns;
    const value = sample(a * x + b * y + c * z + d, e * x + f * y + g * z + h, p * x + q * y + r * z + s);
    if (value !== undefined) plane[at] = value;
  }
}

/** Every label goes through here, so it is written out. */
function fillNearest(
  { shape: [ni, nj, nk], data }: Pick<Grid, 'shape' | 'data'>,
  { plane, columns, z, toGrid }: Frame,
): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, p = 0, q = 0, r = 0, s = 0] = toGrid;
  const rows = plane.length / columns;
  for (let y = 0; y < rows; y++) {
    const i0 = b * y + c * z + d + HALF_UP;
    const j0 = f * y + g * z + h + HALF_UP;
    const k0 = q * y + r * z + s + HALF_UP;
    const [from, to] = stretch(
      columns,
      [
        [i0, a, ni],
        [j0, e, nj],
        [k0, p, nk],
      ],
      (x) => {
        const [i, j, k] = [a * x + i0, e * x + j0, p * x + k0];
        return i >= 0 && j >= 0 && k >= 0 && i < ni && j < nj && k < nk;
      },
    );
    for (let x = from, at = y * columns + from; x <= to; x++, at++) {
      // None is below 0, so these are floors.
      const i = (a * x + i0) | 0;
      const j = (e * x + j0) | 0;
      const k = (p * x + k0) | 0;
      plane[at] = data[(i * nj + j) * nk + k] as number;
    }
  }
}
