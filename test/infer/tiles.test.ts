import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tap } from '../../server/contracts.ts';
import type { Dims, Grid } from '../../server/infer/grid.ts';
import { padded, runTiles, startsOf } from '../../server/infer/tiles.ts';
import type { Tiles } from '../../server/models/steps.ts';

interface Case {
  readonly shape: Dims;
  readonly tiles: Tiles;
  readonly starts: readonly (readonly number[])[];
  readonly padded: Dims;
  readonly count: number;
  readonly logits: readonly number[];
}
const cases: readonly Case[] = JSON.parse(
  readFileSync(join(__dirname, '..', 'oracle', 'tiles.json'), 'utf8'),
);

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
/** The formulas of test/oracle/tiles.py. */
const gridOf = (shape: Dims): Grid => ({
  shape,
  data: Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) =>
    Math.round(100 * Math.sin(i * 0.37) + 40 * Math.cos(i * 0.11) + (i % 7) * 10),
  ),
  toSource: IDENTITY,
  sourceToLps: IDENTITY,
});
const CHANNELS = 2;
const model = async ({ dims: [, , d = 0, h = 0, w = 0], data }: Tap): Promise<Tap> => ({
  dims: [1, CHANNELS, d, h, w],
  data: Float32Array.from({ length: CHANNELS * data.length }, (_, at) => {
    const c = Math.floor(at / data.length);
    const v = at % data.length;
    const [i, j, k] = [Math.floor(v / (h * w)), Math.floor(v / w) % h, v % w];
    return (c + 1) * (data[v] as number) + 10 * i + 100 * c * j - k;
  }),
});

test.each(cases.map((c) => [JSON.stringify(c.shape), JSON.stringify(c.tiles), c] as const))(
  'a grid of %s in tiles %s: as NumPy and SciPy blend them (test/oracle/tiles.py)',
  async (_, __, { shape, tiles, starts, padded: wanted, count, logits }) => {
    const grid = padded(gridOf(shape), tiles);
    expect(grid.shape).toEqual(wanted);
    expect(grid.shape.map((n, axis) => startsOf(n, tiles.size[axis] as number, tiles))).toEqual(starts);
    const [depth, rows, columns] = grid.shape;
    const whole = new Float32Array(CHANNELS * depth * rows * columns).fill(Number.NaN);
    const largest: number[] = [];
    const run = await runTiles(grid, { tiles, channels: CHANNELS, run: model }, ({ from, logits: slab }) => {
      const each = slab.data.length / CHANNELS;
      for (let c = 0; c < CHANNELS; c++)
        whole.set(
          slab.data.subarray(c * each, (c + 1) * each),
          c * depth * rows * columns + from * rows * columns,
        );
      largest.push(slab.dims[2] as number);
    });
    expect(run).toBe(count);
    // No slab is deeper than a tile, whatever the depth of the grid.
    expect(Math.max(...largest)).toBeLessThanOrEqual(tiles.size[0]);
    for (const [i, v] of logits.entries())
      expect(Math.abs((whole[i] as number) - v)).toBeLessThan(1e-3 + 1e-5 * Math.abs(v));
  },
);

const TILES: Tiles = { size: [4, 4, 4], overlap: 0.5, blend: 'gaussian', by: 'monai' };

test('a grid of one tile is run once, and as it is', async () => {
  const grid = gridOf([4, 4, 4]);
  const slabs: number[][] = [];
  const count = await runTiles(
    grid,
    { tiles: TILES, channels: 1, run: async (tile) => ({ ...tile, dims: [1, 1, 4, 4, 4] }) },
    ({ logits }) => slabs.push([...logits.data]),
  );
  expect(count).toBe(1);
  for (const [i, v] of (slabs[0] ?? []).entries()) expect(v).toBeCloseTo(grid.data[i] as number, 4);
  expect(padded(grid, TILES)).toBe(grid);
});

test.each<[string, readonly number[]]>([
  ['another size', [1, 2, 2, 2, 2]],
  ['other channels', [1, 3, 4, 4, 4]],
])('a model that gives %s for a tile is refused', async (_, dims) => {
  const length = dims.reduce((a, b) => a * b, 1);
  const run = async () => ({ dims, data: new Float32Array(length) });
  await expect(
    runTiles(gridOf([6, 6, 6]), { tiles: TILES, channels: 2, run }, () => undefined),
  ).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
    detail: expect.stringContaining('wanted are 1 × 2 × 4 × 4 × 4'),
  });
});
