import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataType } from '../../server/explain/graph/onnx.ts';
import { segment } from '../../server/infer/segment.ts';
import type { Model } from '../../server/models/load.ts';
import type { SegmentationSpec } from '../../server/models/schema.ts';
import type { Step, Tiles } from '../../server/models/steps.ts';
import { assembleVolume, type SeriesPolicy } from '../../server/retrieve/volume.ts';
import { buildModel, node } from '../explain/vjp/gradient-check.ts';
import { instance, mrSeries } from '../helpers/series.ts';

/** A model that marks what is above 0 of what it reads: its two channels are −x and x. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pellucid-segment-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function threshold(shape: readonly number[], steps: readonly Step[]) {
  const onnxPath = join(folder, 'model.onnx');
  const bytes = buildModel({
    opset: 17,
    type: DataType.FLOAT,
    inputs: [{ name: 'x', dims: [1, 1, ...shape], values: [] }],
    nodes: [node('Neg', ['x'], ['n']), node('Concat', ['n', 'x'], ['y'], { axis: 1 })],
    outputs: ['y'],
  });
  await writeFile(onnxPath, bytes);
  const spec = {
    input: { tensor: 'x', grid: 'source', steps: [...steps] },
    output: { logits: 'y', largestComponent: false, labels: [{ label: 'bright' }] },
  } as unknown as SegmentationSpec;
  return { identity: {}, onnxPath, spec } as unknown as Model & { readonly spec: SegmentationSpec };
}

/** Slices of 5 × 3 pixels of 1.3 × 0.7 mm at these places along the normal, in mm, each moved by `shear` times that along its columns. */
const slices = (places: readonly number[], shear = 0, policy: SeriesPolicy = {}) => {
  const series = mrSeries({ frames: places.length, value: (f, r, c) => (f * 37 + r * 61 + c * 83) % 200 });
  const placed = series.map(({ dataset, pixels }) => {
    const place = places[Number(String(dataset.SOPInstanceUID).split('.')[3]) - 1] as number;
    const { buffer } = Uint8Array.from(pixels[0] as Uint8Array);
    return instance({
      dataset: {
        ...dataset,
        ImagePositionPatient: [-12.5 - 0.6 * place, 7.25 + 0.8 * place, 90 - shear * place],
      },
      pixels: new Uint16Array(buffer),
    });
  });
  return assembleVolume(placed, places.length, policy);
};

const ABOVE_100: Step = { step: 'standardise', mean: 100, std: 1 };

test('a model that reads tiles marks the same as one that reads the whole, and says how', async () => {
  const volume = await slices([0, 2.5, 5, 7.5]);
  const whole = await segment(await threshold([4, 5, 3], [ABOVE_100]), volume, { threads: 1 });
  const tiles: Tiles = { size: [2, 3, 4], overlap: 0.5, blend: 'gaussian', by: 'monai' };
  const tiled = await threshold(tiles.size, [ABOVE_100]);
  const inTiles = await segment(
    { ...tiled, spec: { ...tiled.spec, input: { ...tiled.spec.input, tiles } } },
    volume,
    { threads: 1 },
  );
  expect(whole.labelMap?.data.some(Boolean)).toBe(true);
  expect(inTiles.labelMap).toEqual(whole.labelMap);
  expect(inTiles.findings).toEqual(whole.findings);
  // Three steps along the slices, three along the rows; the columns are fewer than a tile has.
  expect(inTiles.parameters.tiles).toBe('9 of 2x3x4, overlap 0.5, gaussian, as monai');
  const { margin } = whole.taps;
  for (const [v, m] of (inTiles.taps.margin?.data ?? []).entries())
    expect(m).toBeCloseTo(margin?.data[v] as number, 5);
});

test('a tile of another size than the ONNX file reads is refused, and named', async () => {
  const tiles: Tiles = { size: [2, 2, 2], overlap: 0.5, blend: 'constant', by: 'nnunet' };
  const model = await threshold([4, 4, 4], []);
  const spec = { ...model.spec, input: { ...model.spec.input, tiles } };
  await expect(
    segment({ ...model, spec }, await slices([0, 2.5, 5, 7.5]), { threads: 1 }),
  ).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
    detail: 'the ONNX file reads x of 1 × 1 × 4 × 4 × 4, by model.yaml it is 1 × 1 × 2 × 2 × 2',
  });
});

test.each<[string, readonly number[], SeriesPolicy, readonly number[], readonly Step[], number[]]>([
  ['as it is', [0, 2.5, 5, 7.5], {}, [4, 5, 3], [], [1, 1, 1, 1]],
  [
    'turned, padded and cut',
    [0, 2.5, 5, 7.5],
    {},
    [4, 4, 8],
    [
      { step: 'orient', axes: 'RAS' },
      { step: 'padToMultiple', of: 4 },
      { step: 'crop', size: [8, 8, 8] },
    ],
    [1, 1, 1, 1],
  ],
  [
    'of uneven slices: each counts half-way to its neighbours',
    [0, 1, 2, 4],
    { irregular: 'resample' },
    [5, 5, 3],
    [],
    [1, 1, 1.5, 2],
  ],
])(
  'a mask %s is what is above 100, Dice 1.0, and its volume by hand',
  async (_, places, policy, shape, steps, thick) => {
    const volume = await slices(places, 0, policy);
    const { labelMap, findings, parameters } = await segment(
      await threshold(shape, [...steps, ABOVE_100]),
      volume,
      { threads: 1 },
    );
    const wanted = volume.data.map((v) => Number(v > 100));
    expect([...(labelMap?.data ?? [])]).toEqual([...wanted]);
    const perFrame = thick.map(
      (t, f) => t * wanted.subarray(15 * f, 15 * (f + 1)).reduce((a, b) => a + b, 0),
    );
    const step = (places[1] as number) - (places[0] as number);
    const [finding] = findings;
    if (finding?.kind !== 'segment') throw new Error('not a segment');
    expect(finding.volumeMm3).toBeCloseTo(perFrame.reduce((a, b) => a + b, 0) * 1.3 * 0.7 * step, 6);
    expect(finding.voxels).toBe(wanted.reduce((a, b) => a + b, 0));
    expect(parameters.standardise).toBe('mean 100, deviation 1');
  },
);

test('the interval of a volume: without its close calls, and with those of its neighbours, by hand', async () => {
  const volume = await slices([0, 2.5, 5, 7.5]);
  // The margin is tanh |x|: under 0.2 where |x| < 0.2027, so with a deviation of 100 within 20 of the limit.
  const model = await threshold([4, 5, 3], [{ step: 'standardise', mean: 100, std: 100 }]);
  const { findings } = await segment(model, volume, { threads: 1 });
  const [finding] = findings;
  if (finding?.kind !== 'segment') throw new Error('not a segment');
  const count = (low: number, high: number) => volume.data.filter((v) => v > low && v <= high).length;
  const [own, close, nearly] = [count(100, 1000), count(100, 120.27), count(79.73, 100)];
  expect([close > 0, nearly > 0]).toEqual([true, true]);
  const voxel = 1.3 * 0.7 * 2.5;
  expect(finding.volumeMm3).toBeCloseTo(own * voxel, 6);
  expect(finding.volumeInterval?.[0]).toBeCloseTo((own - close) * voxel, 6);
  expect(finding.volumeInterval?.[1]).toBeCloseTo((own + nearly) * voxel, 6);
});

test('a tilted series is refused by a model that would read its sheared grid', async () => {
  const volume = await slices([0, 2.5, 5, 7.5], 0.4, { tilted: 'resample' });
  await expect(segment(await threshold([4, 5, 3], []), volume, { threads: 1 })).rejects.toMatchObject({
    code: 'MODEL_REFUSES_SERIES',
    detail: 'the gantry was tilted, and the package has no step that makes the axes perpendicular',
  });
});
