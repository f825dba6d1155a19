import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DataType,
  float,
  makeNode,
  makeTensor,
  type NodeProto,
  parseModel,
  valueInfo,
  writeModel,
} from '../../server/explain/graph/onnx.ts';
import { infer } from '../../server/infer/infer.ts';
import { type Acceptance, voidReason } from '../../server/models/acceptance.ts';
import { loadModel, type Model } from '../../server/models/load.ts';
import { checkPackage } from '../../server/packages/check.ts';
import type { SegmentationModel } from '../../server/packages/check-segmentation.ts';
import type { Sample } from '../../server/packages/samples.ts';
import { type Value, type Values, valuesOf } from '../../server/packages/vectors.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { gaussian, seededRandom } from '../../server/shared/random.ts';
import { modelOf } from '../explain/models.ts';
import { mrSeries } from '../helpers/series.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-check-segmentation-'));
  mkdirSync(join(folder, 'reference'));
  writeFileSync(join(folder, 'card.md'), '# Spheres\n\n## What is bad about it\nIt knows nothing else.\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = seededRandom(7);
const noise = (count: number) => Array.from({ length: count }, () => 0.05 * gaussian(random));
type Weight = readonly [name: string, dims: readonly number[], values: readonly number[]];
const DIMS = ['d', 'h', 'w'];
const model = (node: readonly NodeProto[], weights: readonly Weight[], channels = 3): Uint8Array =>
  modelOf({
    node,
    initializer: weights.map(([name, dims, values]) => makeTensor(name, DataType.FLOAT, { dims, values })),
    input: [valueInfo('x', DataType.FLOAT, [1, 1, ...DIMS])],
    output: [valueInfo('y', DataType.FLOAT, [1, channels, ...DIMS])],
  });
const conv = (inputs: string[], output: string, pads: number) =>
  makeNode('Conv', inputs, { output: [output], attributes: { pads: Array(6).fill(pads) } });

/** Of a value x from 0 to 1: background below 0.25, one structure to 0.75, another above, by filters that smooth a little. */
const LEARNED = model(
  [
    conv(['x', 'k', 'kb'], 'c', 1),
    makeNode('Relu', ['c'], { output: ['h'] }),
    conv(['h', 'w', 'wb'], 'y', 0),
  ],
  [
    ['k', [4, 1, 3, 3, 3], noise(108).map((n, i) => n + (i % 27 === 13 ? 1 : 0))],
    ['kb', [4], [0, 0, 0, 0]],
    ['w', [3, 4, 1, 1, 1], [0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4]],
    ['wb', [3], [0, -2, -8]],
  ],
);

/** Two spheres of different brightness on a little noise, 20 × 24 × 28 voxels. */
const series = mrSeries({
  frames: 20,
  rows: 24,
  columns: 28,
  value: (f, r, c) => {
    const base =
      Math.hypot(f - 9, r - 8, c - 8) < 6 ? 500 : Math.hypot(f - 10, r - 15, c - 19) < 6 ? 1000 : 0;
    return base + ((f * 37 + r * 61 + c * 83) % 40);
  },
});

const SPHERE = { value: '1', scheme: '99TEST', meaning: 'Sphere' };
const SPEC = {
  kind: 'segmentation',
  id: 'spheres',
  accepts: {},
  input: { tensor: 'x', grid: 'source', steps: [{ step: 'minmax' }] },
  output: {
    logits: 'y',
    largestComponent: false,
    labels: ['Grey sphere', 'White sphere'].map((label) => ({ label, type: SPHERE, category: SPHERE })),
  },
  interpretability: { elements: { localization: { required: true } } },
} as unknown as SegmentationModel['spec'];

function packageOf(bytes: Uint8Array, more: Partial<SegmentationModel['spec']> = {}): SegmentationModel {
  const onnxPath = join(folder, 'model.onnx');
  writeFileSync(onnxPath, bytes);
  const identity = { id: 'spheres', digest: 'd'.repeat(64) } as Model['identity'];
  return { identity, folder, onnxPath, spec: { ...SPEC, ...more } };
}

async function check(
  checked: SegmentationModel,
  vectors: (values: Values) => object = (values) => values,
): Promise<Acceptance> {
  const read = () => assembleVolume(series, series.length, {});
  const prediction = await infer(checked, await read(), { threads: 1 });
  const values = valuesOf(prediction, await read());
  const sample: Sample = { name: 'spheres', digest: 'e'.repeat(64), values, ms: 1, prediction, read };
  writeFileSync(
    join(folder, 'reference', 'vectors.json'),
    JSON.stringify({ [sample.digest]: vectors(values) }),
  );
  return checkPackage(checked, folder, {
    samples: [sample],
    threads: 1,
    checkedAt: '2026-11-25T10:00:00Z',
    limits: { ms: 1000, memoryMb: 100_000 },
    progress: () => undefined,
  });
}
const failedOf = ({ checks }: Acceptance) => checks.filter(({ passed }) => !passed);

test('a learned segmentation whose masks hold and whose map follows its weights is accepted', async () => {
  const checked = packageOf(LEARNED);
  const acceptance = await check(checked);
  expect(failedOf(acceptance)).toEqual([]);
  expect(voidReason(acceptance, checked.identity.digest, checked.spec)).toBeUndefined();
});

const larger = (value: Value | undefined, by: number): Value =>
  typeof value === 'object' ? { ...value, ml: value.ml + by } : Number.NaN;

test.each<[string, (values: Values) => object, string]>([
  [
    // Of the same size: only their places tell.
    'labels that are swapped',
    (v) => ({ 'Grey sphere': v['White sphere'], 'White sphere': v['Grey sphere'] }),
    'mm (Grey sphere of spheres)',
  ],
  [
    'a label of another name',
    (v) => ({ 'Grey sphere': v['Grey sphere'], Sphere: v['White sphere'] }),
    'no counterpart',
  ],
  [
    'a volume that is 0.03 ml off',
    (v) => ({ ...v, 'White sphere': larger(v['White sphere'], 0.03) }),
    '0.030 of',
  ],
])('%s: the vectors are not reproduced', async (_, vectors, words) => {
  expect(failedOf(await check(packageOf(LEARNED), vectors))).toMatchObject([
    { name: 'vectors', measured: expect.stringContaining(words) },
  ]);
});

test('a map that does not change with the weights is refused', async () => {
  // Background 0, grey x − 0.25, white 2x − 1, by numbers of no layer.
  const fixed = model(
    [
      makeNode('Sub', ['x', 'x'], { output: ['a'] }),
      makeNode('Sub', ['x', 'low'], { output: ['b'] }),
      makeNode('Add', ['x', 'x'], { output: ['2x'] }),
      makeNode('Sub', ['2x', 'one'], { output: ['c'] }),
      makeNode('Concat', ['a', 'b', 'c'], { output: ['y'], attributes: { axis: 1 } }),
    ],
    [
      ['low', [], [0.25]],
      ['one', [], [1]],
    ],
  );
  expect(failedOf(await check(packageOf(fixed)))).toMatchObject([
    { name: 'randomisation', measured: expect.stringMatching(/^1\.00/) },
  ]);
});

test('a model that reads tiles is run and measured in tiles', async () => {
  const size: [number, number, number] = [16, 16, 16];
  const parsed = parseModel(LEARNED);
  parsed.graph.input[0] = valueInfo('x', DataType.FLOAT, [1, 1, ...size]);
  parsed.graph.output[0] = valueInfo('y', DataType.FLOAT, [1, 3, ...size]);
  const tiles = { size, overlap: 0.25, blend: 'gaussian', by: 'monai' } as const;
  const checked = packageOf(writeModel(parsed), { input: { ...SPEC.input, tiles } });
  const acceptance = await check(checked);
  expect(failedOf(acceptance)).toEqual([]);
  expect(acceptance.checks.find(({ name }) => name === 'gradient')?.measured).toContain('4096 voxels');
});

test('a model of a fixed size is measured on all that it reads', async () => {
  const size = [96, 24, 28] as const;
  const parsed = parseModel(LEARNED);
  for (const [values, channels] of [
    [parsed.graph.input, 1],
    [parsed.graph.output, 3],
  ] as const)
    values[0] = valueInfo(values[0]?.name ?? '', DataType.FLOAT, [1, channels, ...size]);
  const steps = [{ step: 'minmax' }, { step: 'pad', size: [...size], outside: 0 }] as const;
  const { checks } = await check(
    packageOf(writeModel(parsed), { input: { ...SPEC.input, steps: [...steps] as never } }),
  );
  expect(checks.find((c) => c.name === 'gradient')).toMatchObject({
    passed: true,
    measured: expect.stringContaining(`${96 * 24 * 28} voxels`),
  });
});

test('masks that a little noise breaks are refused', async () => {
  const shaky = model(
    [
      makeNode('Mul', ['x', 'many'], { output: ['m'] }),
      makeNode('Sin', ['m'], { output: ['s'] }),
      conv(['s', 'w', 'b'], 'y', 0),
    ],
    [
      ['many', [], [900]],
      ['w', [3, 1, 1, 1, 1], [-1, 1, 0]],
      ['b', [3], [0, 0, -9]],
    ],
  );
  expect(failedOf(await check(packageOf(shaky))).map(({ name }) => name)).toContain('stability');
});

test('a model of other labels than model.yaml says does not run', async () => {
  const labels = SPEC.output.labels.slice(0, 1);
  await expect(check(packageOf(LEARNED, { output: { ...SPEC.output, labels } }))).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
    detail: expect.stringContaining('names 2 channels'),
  });
});

describe('a model that says that it is a rule', () => {
  /** 1 above 0.25, 2 above 0.75. */
  const rule = model(
    [
      makeNode('Less', ['x', 'low'], { output: ['a?'] }),
      makeNode('Cast', ['a?'], { output: ['a'], attributes: { to: DataType.FLOAT } }),
      makeNode('Greater', ['x', 'high'], { output: ['c?'] }),
      makeNode('Cast', ['c?'], { output: ['c'], attributes: { to: DataType.FLOAT } }),
      makeNode('Sum', ['a', 'c'], { output: ['ac'] }),
      makeNode('Sub', ['one', 'ac'], { output: ['b'] }),
      makeNode('Concat', ['a', 'b', 'c'], { output: ['y'], attributes: { axis: 1 } }),
    ],
    [
      ['low', [], [0.25]],
      ['high', [], [0.75]],
      ['one', [], [1]],
    ],
  );

  test('needs no gradient and no map when its words name its thresholds', async () => {
    const checked = packageOf(rule, {
      rule: 'From 0.25 on it is the grey sphere, above 0.75 the white one.',
    });
    const acceptance = await check(checked);
    expect(acceptance.checks.map(({ name }) => name)).toEqual([
      'card',
      'vectors',
      'rule',
      'stability',
      'elements',
      'resources',
    ]);
    expect(failedOf(acceptance)).toEqual([]);
    expect(voidReason(acceptance, checked.identity.digest, checked.spec)).toBeUndefined();
  });

  test.each([
    ['a threshold that is not said', rule, 'From 0.25 on it is a sphere.', 'does not say 0.75'],
    ['learned weights', LEARNED, 'It looks for spheres.', '127 numbers'],
    [
      'a number inside a node',
      model(
        [
          makeNode('Constant', [], { output: ['half'], attributes: { value_float: float(0.5) } }),
          makeNode('Sub', ['half', 'x'], { output: ['a'] }),
          makeNode('Sub', ['x', 'half'], { output: ['b'] }),
          makeNode('Sub', ['a', 'a'], { output: ['c'] }),
          makeNode('Concat', ['a', 'b', 'c'], { output: ['y'], attributes: { axis: 1 } }),
        ],
        [],
      ),
      'From 0.5 on.',
      'hidden inside its nodes',
    ],
  ])('%s: refused', async (_, bytes, words, measured) => {
    expect(failedOf(await check(packageOf(bytes, { rule: words })))).toMatchObject([
      { name: 'rule', measured: expect.stringContaining(measured) },
    ]);
  });

  test('without the rule check it is not accepted, whatever else was measured', async () => {
    const { spec } = packageOf(rule, { rule: 'x' });
    const acceptance = await check(packageOf(LEARNED));
    expect(voidReason(acceptance, acceptance.digest, spec)).toBe(
      'it was never checked for rule: run pellucid model check',
    );
  });
});

test('the segmentation in the box is accepted', async () => {
  expect((await loadModel('models/ct-body-basics', [])).notAccepted).toBeUndefined();
});
