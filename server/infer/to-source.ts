import type { Volume } from '../contracts.ts';
import { invertAffine } from '../shared/affine.ts';
import type { Grid } from './grid.ts';
import { type Interpolation, sampler } from './resample.ts';

/**
 * Values of a grid's voxels on the source grid [frame, row, column], into `out`: each source voxel takes the value of the nearest
 * voxel, for labels, or between its neighbours, for maps. Source voxels outside keep what `out` holds.
 */
export function toSourceGrid<T extends Uint8Array | Float32Array>(
  { shape, data, toSource }: Pick<Grid, 'shape' | 'toSource'> & { readonly data: T },
  { shape: [frames, rows, columns], geometry }: Pick<Volume, 'shape' | 'geometry'>,
  { out, interpolation }: { readonly out: T; readonly interpolation: Interpolation },
): T {
  const sample = sampler({ shape, data }, interpolation);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, p = 0, q = 0, r = 0, s = 0] =
    invertAffine(toSource);
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    const z = geometry?.frameAt?.[frame] ?? frame;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, at++) {
        const value = sample(a * x + b * y + c * z + d, e * x + f * y + g * z + h, p * x + q * y + r * z + s);
        if (value !== undefined) out[at] = value;
      }
    }
  }
  return out;
}
