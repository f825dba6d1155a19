import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { distanceFrom } from '../../server/explain/checks/likeness.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { readReference } from '../../server/models/read-reference.ts';
import { writeReference } from '../../server/packages/reference.ts';
import { seededRandom } from '../../server/shared/random.ts';
import { modelOf } from '../explain/models.ts';

const ONNX = 'a'.repeat(64);
const EDGE = 16;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-reference-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type ImageModel = Parameters<typeof writeReference>[0];
const SCORES = { kind: 'classification', output: { logits: 'logit', targets: [{ place: 0 }] } };

/** x [1, 1, 16, 16] → its means over 8 × 8 blocks → logit. */
function model(kind: object = SCORES): ImageModel {
  const onnxPath = join(folder, 'model.onnx');
  writeFileSync(
    onnxPath,
    modelOf({
      node: [
        makeNode('AveragePool', ['x'], {
          output: ['h'],
          attributes: { kernel_shape: [8, 8], strides: [8, 8] },
        }),
        makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
        makeNode('Flatten', ['p'], { output: ['f'] }),
        makeNode('MatMul', ['f', 'w'], { output: ['logit'] }),
      ],
      initializer: [makeTensor('w', DataType.FLOAT, { dims: [1, 1], values: [8] })],
      input: [valueInfo('x', DataType.FLOAT, [1, 1, EDGE, EDGE])],
      output: [valueInfo('logit', DataType.FLOAT, [1, 1])],
    }),
  );
  const input = {
    layout: 'NCHW',
    channels: 1,
    rows: EDGE,
    columns: EDGE,
    window: 'exact',
    mean: [0.5],
    std: [0.5],
  };
  return {
    onnxPath,
    spec: {
      onnx: { sha256: ONNX },
      input,
      explanation: { layer: 'auto' },
      ...kind,
    },
  } as unknown as ImageModel;
}

/** Pictures of noise around a brightness, in a folder of their truth. */
function pictures(set: string, truth: string, brightness: number, seed: number): string {
  const place = join(folder, set, truth);
  mkdirSync(place, { recursive: true });
  const random = seededRandom(seed);
  for (let n = 0; n < 40; n++) {
    const png = new PNG({ width: EDGE, height: EDGE });
    const level = brightness + 40 * (random() - 0.5);
    for (let i = 0; i < EDGE * EDGE; i++) {
      png.data.fill(Math.round(level + 20 * random()), 4 * i, 4 * i + 3);
      png.data[4 * i + 3] = 255;
    }
    writeFileSync(join(place, `patient-${seed}-${n}.png`), PNG.sync.write(png));
  }
  return join(folder, set);
}

test('statistics and cases of pictures, as the package reads them again', async () => {
  pictures('known', 'Normal', 80, 1);
  const samples = pictures('known', 'Viral pneumonia', 120, 2);
  const heldOut = pictures('held', '', 100, 3);
  const written = await writeReference(model(), folder, {
    samples,
    heldOut,
    cases: 5,
    threads: 1,
    progress: () => undefined,
  });
  const reference = await readReference(folder, ONNX);
  expect(reference?.statistics).toEqual(written);
  expect(written).toMatchObject({
    fitted: 80,
    heldOut: 40,
    features: { layer: 'h' },
    texture: { layer: 'h' },
  });
  expect(written.flagged).toBeLessThanOrEqual(0.03);
  // The one feature is the mean grey: (100 + 10) / 255 as the package normalises it.
  expect(written.features.mean[0]).toBeCloseTo((110 / 255 - 0.5) / 0.5, 1);
  expect(distanceFrom(written.features, [(250 / 255 - 0.5) / 0.5])).toBeGreaterThan(written.features.limit);
  expect(reference?.gallery?.cases.map(({ id, truth }) => `${id} ${truth}`)).toEqual([
    'case-001 Normal',
    'case-002 Normal',
    'case-003 Normal',
    'case-004 Viral pneumonia',
    'case-005 Viral pneumonia',
  ]);
  // Nothing is kept of the names, and the pictures are what the model saw.
  expect(JSON.stringify(reference)).not.toContain('patient');
  expect(readdirSync(join(folder, 'reference', 'cases'))).toEqual(
    [1, 2, 3, 4, 5].map((n) => `case-00${n}.png`),
  );
  const { width, height, data } = PNG.sync.read(
    readFileSync(join(folder, 'reference', 'cases', 'case-001.png')),
  );
  expect([width, height]).toEqual([96, 96]);
  expect(data[0]).toBeGreaterThan(50);
  expect(data[0]).toBeLessThan(125);
});

test('of models that give quantities or boxes, the same is kept', async () => {
  const samples = pictures('known', '', 80, 1);
  const options = { samples, heldOut: samples, cases: 0, threads: 1, progress: () => undefined };
  const targets = [{ place: 0 }];
  const quantity = model({ kind: 'regression', output: { values: 'logit', targets } });
  const boxes = model({ kind: 'detection', output: { scores: 'logit', targets } });
  const written = await writeReference(quantity, folder, options);
  expect(written).toMatchObject({ fitted: 40, features: { layer: 'h' } });
  expect(await writeReference(boxes, folder, options)).toEqual(written);
});

test('too few images, and cases without a truth, are refused by name', async () => {
  const options = { cases: 0, threads: 1, progress: () => undefined };
  const samples = pictures('known', '', 80, 1);
  mkdirSync(join(folder, 'few'));
  await expect(
    writeReference(model(), folder, { ...options, samples, heldOut: join(folder, 'few') }),
  ).rejects.toMatchObject({ code: 'REQUEST_INVALID', detail: expect.stringContaining('holds no .dcm') });
  await expect(
    writeReference(model(), folder, { ...options, cases: 3, samples, heldOut: samples }),
  ).rejects.toMatchObject({ detail: expect.stringContaining('cases need a truth') });
});

test.each([
  ['another ONNX file', { onnx: 'b'.repeat(64) }, 'statistics.json: it is of another ONNX file'],
  ['a missing part', { layout: undefined }, 'layout'],
  ['a direction of another length', { features: { directions: [[1, 2]] } }, 'as long as the mean'],
])('a reference with %s refuses the package', async (_, change, words) => {
  const space = { mean: [0], directions: [[1]], variances: [1], rest: 1, usual: 1, limit: 2 };
  const statistics = {
    schema: 1,
    onnx: ONNX,
    fitted: 40,
    heldOut: 40,
    flagged: 0,
    layout: space,
    histogram: space,
    ...change,
    texture: { ...space, layer: 'h' },
    features: { ...space, layer: 'h', ...('features' in change ? change.features : {}) },
  };
  mkdirSync(join(folder, 'reference'));
  writeFileSync(join(folder, 'reference', 'statistics.json'), JSON.stringify(statistics));
  await expect(readReference(folder, ONNX)).rejects.toMatchObject({
    code: 'MODEL_PACKAGE_INVALID',
    detail: expect.stringContaining(words),
  });
});

test('a package that keeps nothing has no reference; a gallery alone is refused', async () => {
  expect(await readReference(folder, ONNX)).toBeUndefined();
  const cases = ['001', '002', '003'].map((n) => ({ id: `case-${n}`, truth: 'Normal', at: [0] }));
  mkdirSync(join(folder, 'reference'));
  writeFileSync(join(folder, 'reference', 'gallery.json'), JSON.stringify({ schema: 1, onnx: ONNX, cases }));
  await expect(readReference(folder, ONNX)).rejects.toMatchObject({
    detail: expect.stringContaining('statistics.json is missing beside it'),
  });
});
