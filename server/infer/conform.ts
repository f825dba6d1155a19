import type { Volume } from '../contracts.ts';
import { type Affine, applyAffine, invertAffine, multiplyAffine } from '../shared/affine.ts';
import { Fault } from '../shared/fault.ts';
import type { Grid } from './grid.ts';
import { stretch } from './stretch.ts';

/** Edge of the conformed cube, voxels of 1 mm. */
const EDGE = 256;
/** Edge of a block of it: so many values of a source's row are one line of the cache. */
const BLOCK = 16;

/** A volume on the conformed grid: i to the left, j to inferior, k to anterior. */
export interface Conformed extends Grid {
  readonly data: Uint8Array;
  readonly window: { readonly low: number; readonly high: number };
}

/** LPS ↔ RAS. */
// biome-ignore format: a matrix
const FLIP_LR_AP: Affine = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/**
 * Resamples to 256³ voxels of 1 mm and 8 bits around the volume's centre, as FreeSurfer's and niivue's `conform` do:
 * trilinear, 0 outside; the intensities from the minimum to the 99.9th percentile of the non-zero ones become 0..255.
 */
export function conform(volume: Volume): Conformed {
  if (!volume.geometry || volume.shape[0] < 2)
    throw new Fault('MODEL_REFUSES_SERIES', 'the model needs a stack of slices with patient geometry');
  const sourceToRas = multiplyAffine(FLIP_LR_AP, volume.geometry.affine);
  const [frames, rows, columns] = volume.shape;
  const centre = applyAffine(sourceToRas, [columns / 2, rows / 2, frames / 2]);
  const half = EDGE / 2;
  // biome-ignore format: a matrix
  const conformedToRas: Affine = [
    -1, 0, 0, centre[0] + half,
    0, 0, 1, centre[1] - half,
    0, -1, 0, centre[2] + half,
    0, 0, 0, 1,
  ];
  const toSource = multiplyAffine(invertAffine(sourceToRas), conformedToRas);
  const window = robustRange(volume.data);
  return {
    shape: [EDGE, EDGE, EDGE],
    data: resample(volume, toSource, window),
    toSource,
    sourceToLps: volume.geometry.affine,
    window,
  };
}

function resample({ shape, data }: Volume, toSource: Affine, { low, high }: Conformed['window']): Uint8Array {
  const [frames, rows, columns] = shape;
  const out = new Uint8Array(EDGE ** 3);
  const scale = 255 / (high - low);
  out.fill(Math.trunc(Math.min(255, Math.max(0, scale * -low))));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0] = toSource;
  const area = rows * columns;
  const from = new Int32Array(BLOCK);
  const to = new Int32Array(BLOCK);
  // Block by block: whichever way the source's rows run, what lies in one line of the cache is read while it is there.
  for (let x0 = 0; x0 < EDGE; x0 += BLOCK)
    for (let y = 0; y < EDGE; y++) {
      for (let n = 0; n < BLOCK; n++) [from[n], to[n]] = inside(x0 + n, y);
      for (let z0 = 0; z0 < EDGE; z0 += BLOCK)
        for (let n = 0; n < BLOCK; n++) {
          const last = Math.min(to[n] as number, z0 + BLOCK - 1);
          fill(x0 + n, y, Math.max(from[n] as number, z0), last);
        }
    }
  return out;

  /** The z that lie in the source. */
  function inside(x: number, y: number): readonly [number, number] {
    // What is the same along z; the sums keep their order, and so their rounding.
    const [column0, row0, frame0] = [a * x + b * y, e * x + f * y, i * x + j * y];
    return stretch(
      EDGE,
      [
        [column0 + d, c, columns - 1],
        [row0 + h, g, rows - 1],
        [frame0 + l, k, frames - 1],
      ],
      (z) => {
        const [column, row, frame] = [column0 + c * z + d, row0 + g * z + h, frame0 + k * z + l];
        return (
          column >= 0 &&
          row >= 0 &&
          frame >= 0 &&
          column <= columns - 1 &&
          row <= rows - 1 &&
          frame <= frames - 1
        );
      },
    );
  }

  function fill(x: number, y: number, first: number, last: number): void {
    const [column0, row0, frame0] = [a * x + b * y, e * x + f * y, i * x + j * y];
    for (let z = first, at = (x * EDGE + y) * EDGE + first; z <= last; z++, at++) {
      const column = column0 + c * z + d;
      const row = row0 + g * z + h;
      const frame = frame0 + k * z + l;
      // None is below 0, so this is the floor, and a whole number for the engine too.
      const c0 = Math.min(column | 0, columns - 2);
      const r0 = Math.min(row | 0, rows - 2);
      const f0 = Math.min(frame | 0, frames - 2);
      const w = frame - f0;
      const o = f0 * area + r0 * columns + c0;
      const near = lerp2(data, o, columns, column - c0, row - r0);
      const far = lerp2(data, o + area, columns, column - c0, row - r0);
      out[at] = Math.min(255, Math.max(0, scale * (near + w * (far - near) - low)));
    }
  }
}

/** Bilinear inside one frame: `o` is the upper left pixel. */
const lerp2 = (data: Float32Array, o: number, columns: number, u: number, v: number): number => {
  const top = (data[o] as number) + u * ((data[o + 1] as number) - (data[o] as number));
  const bottom =
    (data[o + columns] as number) + u * ((data[o + columns + 1] as number) - (data[o + columns] as number));
  return top + v * (bottom - top);
};

/** Minimum, and the bin of a 1000-bin histogram where all but 0.1 % of the non-zero values lie below. */
function robustRange(data: Float32Array): Conformed['window'] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let nonZero = 0;
  for (let i = 0; i < data.length; i++) {
    const v = data[i] as number;
    if (v < low) low = v;
    if (v > high) high = v;
    if (v >= 1e-15 || v <= -1e-15) nonZero++;
  }
  if (!(high > low)) throw new Fault('MODEL_REFUSES_SERIES', 'every voxel of the series has the same value');
  const width = (high - low) / 1000;
  const histogram = new Uint32Array(1000);
  for (let i = 0; i < data.length; i++) {
    const bin = Math.min(999, Math.floor(((data[i] as number) - low) / width));
    histogram[bin] = (histogram[bin] as number) + 1;
  }
  const wanted = data.length - Math.floor((1 - 0.999) * nonZero);
  let bin = 0;
  for (let below = histogram[0] as number; bin < 999; bin++) {
    below += histogram[bin + 1] as number;
    if (below >= wanted) break;
  }
  const top = low + bin * width;
  if (!(top > low))
    throw new Fault('MODEL_REFUSES_SERIES', 'nearly every voxel of the series has the same value');
  return { low, high: top };
}
