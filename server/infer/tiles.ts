import type { Tap } from '../contracts.ts';
import type { Tiles } from '../models/steps.ts';
import { Fault } from '../shared/fault.ts';
import { around, cut } from './extent.ts';
import { type Dims, type Grid, triple } from './grid.ts';

/** Sliding windows: a model that reads tiles of one size, laid over the grid; where tiles overlap their logits are averaged by weight. */

/** The grid with voxels around it, so that a tile fits along every axis. */
export const padded = (grid: Grid, { size, outside }: Tiles): Grid =>
  size.every((n, axis) => n <= (grid.shape[axis] as number))
    ? grid
    : cut(grid, around(grid, size), outside ?? 0);

/** Where tiles begin along an axis of n voxels, by the package's framework. */
export function startsOf(n: number, tile: number, { overlap, by }: Pick<Tiles, 'overlap' | 'by'>): number[] {
  const room = n - tile;
  if (by === 'nnunet') {
    // Evenly spread, a step apart at most.
    const count = Math.ceil(room / (tile * (1 - overlap))) + 1;
    return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : roundEven((room / (count - 1)) * i)));
  }
  // A step apart, and the last where the axis ends.
  const step = Math.max(1, Math.floor(tile * (1 - overlap)));
  const count = Math.ceil(room / step) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * step, room));
}

/** The weight of each voxel of a tile, as a product of one factor an axis and not less than a least weight. */
export interface Weights {
  readonly along: readonly [Float64Array, Float64Array, Float64Array];
  readonly least: number;
}

/** A Gaussian of an eighth of the tile, about its middle; or one everywhere. */
export function weightsOf(size: Dims, { blend, by }: Pick<Tiles, 'blend' | 'by'>): Weights {
  const along = triple((axis) => {
    const n = size[axis];
    const middle = by === 'nnunet' ? Math.floor(n / 2) : (n - 1) / 2;
    return Float64Array.from({ length: n }, (_, i) =>
      blend === 'constant' ? 1 : Math.exp(-(((i - middle) / (n / 8)) ** 2) / 2),
    );
  });
  return { along, least: LEAST[by] };
}

/** MONAI cuts weights off at a thousandth, nnU-Net where half precision ends. */
const LEAST = { monai: 1e-3, nnunet: 2 ** -24 / 10 } as const;

/** Logits [1, c, …shape] of a whole slab of the grid: rows from `from` along its first axis. */
export interface Slab {
  readonly from: number;
  readonly logits: Tap;
}

export interface TileRun {
  readonly tiles: Tiles;
  /** Channels that the logits must have. */
  readonly channels: number;
  /** One tile [1, 1, …size] through the model. */
  readonly run: (tile: Tap) => Promise<Tap>;
}

/**
 * The grid's logits slab by slab, so that no more is held than one row of tiles. Gives how many tiles were run. Throws
 * MODEL_INPUT_MISMATCH for a model that gives another size or other channels than a tile's.
 */
export async function runTiles(
  grid: Grid,
  { tiles, channels, run }: TileRun,
  each: (slab: Slab) => void,
): Promise<number> {
  const [depth, rows, columns] = grid.shape;
  const { size } = tiles;
  const area = rows * columns;
  const starts = triple((axis) => startsOf(grid.shape[axis], size[axis], tiles));
  const weights = weightsOf(size, tiles);
  const sum = new Float32Array(channels * size[0] * area);
  const weight = new Float32Array(size[0] * area);
  const window = { sum, weight, channels, size, rows, columns };
  let count = 0;
  for (const [n, first] of starts[0].entries()) {
    for (const second of starts[1])
      for (const third of starts[2]) {
        const tile = cut(grid, { start: [first, second, third], shape: size }, 0);
        const logits = await run({ dims: [1, 1, ...size], data: tile.data as Float32Array });
        checkSize(logits, channels, size);
        add(window, logits.data, { at: [second, third], weights });
        count++;
      }
    const done = (starts[0][n + 1] ?? depth) - first;
    each({ from: first, logits: taken(window, done) });
    shift(window, done);
  }
  return count;
}

function checkSize({ dims }: Tap, channels: number, size: Dims): void {
  const wanted = [1, channels, ...size];
  if (dims.join() !== wanted.join())
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the logits of a tile are ${dims.join(' × ')}; wanted are ${wanted.join(' × ')}`,
    );
}

/** One row of tiles: sums of weighted logits [c, tile, rows, columns], and of weights. */
interface Window {
  readonly sum: Float32Array;
  readonly weight: Float32Array;
  readonly channels: number;
  readonly size: Dims;
  readonly rows: number;
  readonly columns: number;
}

function add(
  { sum, weight, channels, size: [d, h, w], rows, columns }: Window,
  logits: Float32Array,
  { at: [second, third], weights: { along, least } }: { at: readonly [number, number]; weights: Weights },
): void {
  const voxels = d * rows * columns;
  for (let i = 0, from = 0; i < d; i++)
    for (let j = 0; j < h; j++) {
      const line = (i * rows + j + second) * columns + third;
      const factor = (along[0][i] as number) * (along[1][j] as number);
      for (let k = 0; k < w; k++, from++) {
        const share = Math.max(least, factor * (along[2][k] as number));
        weight[line + k] = (weight[line + k] as number) + share;
        for (let c = 0; c < channels; c++) {
          const to = c * voxels + line + k;
          sum[to] = (sum[to] as number) + share * (logits[c * d * h * w + from] as number);
        }
      }
    }
}

/** The first rows, to which no further tile comes, as means. */
function taken({ sum, weight, channels, size: [d], rows, columns }: Window, done: number): Tap {
  const [all, some] = [d * rows * columns, done * rows * columns];
  const data = new Float32Array(channels * some);
  for (let c = 0; c < channels; c++)
    for (let v = 0; v < some; v++) data[c * some + v] = (sum[c * all + v] as number) / (weight[v] as number);
  return { dims: [1, channels, done, rows, columns], data };
}

/** Makes the row after `done` the first. */
function shift({ sum, weight, channels, size: [d], rows, columns }: Window, done: number): void {
  const [all, some] = [d * rows * columns, done * rows * columns];
  weight.copyWithin(0, some);
  weight.fill(0, all - some);
  for (let c = 0; c < channels; c++) {
    sum.copyWithin(c * all, c * all + some, (c + 1) * all);
    sum.fill(0, (c + 1) * all - some, (c + 1) * all);
  }
}

/** As NumPy rounds: halves to the even number. */
const roundEven = (v: number): number => {
  const down = Math.floor(v);
  if (v - down !== 0.5) return Math.round(v);
  return down % 2 === 0 ? down : down + 1;
};
