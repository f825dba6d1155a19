import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { infer } from '../../server/infer/infer.ts';
import { type Acceptance, voidReason } from '../../server/models/acceptance.ts';
import { loadModel } from '../../server/models/load.ts';
import { checkPackage } from '../../server/packages/check.ts';
import { pictureOf } from '../../server/packages/known-images.ts';
import type { ImageModel } from '../../server/packages/labelled.ts';
import { newPackage } from '../../server/packages/new.ts';
import type { Sample } from '../../server/packages/samples.ts';
import { type Values, valuesOf } from '../../server/packages/vectors.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { gaussian, seededRandom } from '../../server/shared/random.ts';
import { modelOf } from '../explain/models.ts';
import { ANSWERS, answering } from './answers.ts';

const EDGE = 16;
const random = seededRandom(5);
const weights = (count: number) => Array.from({ length: count }, () => gaussian(random));
/** Eight filters that see bright places, pooled into two linear units: the second speaks for bright spots. */
const NET = modelOf({
  node: [
    makeNode('Conv', ['x', 'k', 'b'], { output: ['c'], attributes: { pads: [3, 3, 3, 3] } }),
    makeNode('Relu', ['c'], { output: ['h'] }),
    makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
    makeNode('Flatten', ['p'], { output: ['f'] }),
    makeNode('MatMul', ['f', 'w'], { output: ['y'] }),
  ],
  initializer: [
    makeTensor('k', DataType.FLOAT, {
      dims: [8, 1, 7, 7],
      values: weights(392).map((w, i) => (i % 49 === 24 ? 1 : 0) + 0.02 * w),
    }),
    makeTensor('b', DataType.FLOAT, { dims: [8], values: Array(8).fill(-0.4) }),
    makeTensor('w', DataType.FLOAT, {
      dims: [8, 2],
      values: weights(16).map((w, i) => (i % 2 ? 4 : -4) + w),
    }),
  ],
  input: [valueInfo('x', DataType.FLOAT, [1, 1, EDGE, EDGE])],
  output: [valueInfo('y', DataType.FLOAT, [1, 2])],
});

let folder: string;
let model: ImageModel;
let samples: readonly Sample[];
beforeAll(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'pellucid-check-')), 'package');
  const given = `${folder}.onnx`;
  writeFileSync(given, NET);
  await newPackage(given, folder, answering({ ...ANSWERS, activation: 'Softmax', mean: '0', std: '1' }));
  model = (await loadModel(folder, [])) as ImageModel;
  samples = await samplesOf(model);
  mkdirSync(join(folder, 'reference'));
});
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
beforeEach(() => writeVectors((scores) => scores));

/** Bright spots on noise. */
async function samplesOf(of: ImageModel): Promise<readonly Sample[]> {
  const made: Sample[] = [];
  for (let n = 0; n < 6; n++) {
    const at = [2 + 2 * n, 13 - 2 * n] as const;
    const values = Float32Array.from({ length: EDGE ** 2 }, (_, i) => {
      const distance = Math.hypot((i % EDGE) - at[0], Math.floor(i / EDGE) - at[1]);
      return 255 * (Math.exp(-((distance / 1.5) ** 2)) + 0.1 * random());
    });
    const volume = pictureOf({ rows: EDGE, columns: EDGE, values, samples: 1 });
    const prediction = await infer(of, volume, { threads: 1 });
    made.push({
      name: `${n}.dcm`,
      digest: sha256(`${n}`),
      values: valuesOf(prediction, volume),
      ms: 1,
      prediction,
      read: async () => volume,
    });
  }
  return made;
}

const writeVectors = (change: (scores: Values) => object): void =>
  writeFileSync(
    join(folder, 'reference', 'vectors.json'),
    JSON.stringify(Object.fromEntries(samples.map(({ digest, values }) => [digest, change(values)]))),
  );

const check = (of = model, on = samples): Promise<Acceptance> =>
  checkPackage(of, folder, {
    samples: on,
    threads: 1,
    limits: { ms: 1000, memoryMb: 100_000 },
    checkedAt: '2026-11-25T10:00:00Z',
    progress: () => undefined,
  });
const failedOf = ({ checks }: Acceptance): readonly string[] =>
  checks.filter(({ passed }) => !passed).map(({ name }) => name);

test('a package with its card, its vectors and a faithful map is accepted, with a figure for each check', async () => {
  const acceptance = await check();
  expect(acceptance.checks.map(({ name }) => name)).toEqual([
    'card',
    'vectors',
    'samples',
    'gradient',
    'randomisation',
    'faithfulness',
    'stability',
    'elements',
    'resources',
  ]);
  expect(acceptance.checks.filter(({ passed }) => !passed)).toEqual([]);
  expect(acceptance.checks.every(({ measured }) => /\d/.test(measured))).toBe(true);
  expect(voidReason(acceptance, model.identity.digest, model.spec)).toBeUndefined();
});

test('a swapped label does not reproduce the vectors', async () => {
  writeVectors(({ Pneumonia }) => ({ Pneumonia: 1 - Number(Pneumonia) }));
  expect(failedOf(await check())).toContain('vectors');
  writeVectors(({ Pneumonia = 0 }) => ({ Effusion: Pneumonia }));
  const { checks } = await check();
  expect(checks[1]).toMatchObject({ passed: false, measured: expect.stringContaining('no counterpart') });
});

test('a card that says nothing bad is no card', async () => {
  const path = join(folder, 'card.md');
  const card = readFileSync(path, 'utf8');
  writeFileSync(path, '# Perfect\n\n## What is bad about it\n\n## Made of\nDreams.\n');
  expect(failedOf(await check())).toEqual(['card']);
  writeFileSync(path, card);
});

test('a map that does not change with the weights is refused', async () => {
  // Eigen-CAM of a layer that the weights never reach: the input, doubled.
  const fixed = modelOf({
    node: [
      makeNode('Add', ['x', 'x'], { output: ['h'] }),
      makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
      makeNode('Flatten', ['p'], { output: ['f'] }),
      makeNode('MatMul', ['f', 'w'], { output: ['y'] }),
      makeNode('Softmax', ['y'], { output: ['pellucid/scores'], attributes: { axis: 1 } }),
    ],
    initializer: [makeTensor('w', DataType.FLOAT, { dims: [1, 2], values: [1, 3] })],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, EDGE, EDGE])],
    output: [valueInfo('y', DataType.FLOAT, [1, 2]), valueInfo('pellucid/scores', DataType.FLOAT, [1, 2])],
  });
  const onnxPath = `${folder}-fixed.onnx`;
  writeFileSync(onnxPath, fixed);
  const spec = { ...model.spec, explanation: { ...model.spec.explanation, method: 'eigenCam' as const } };
  const { checks } = await check({ ...model, onnxPath, spec });
  expect(checks.find(({ name }) => name === 'randomisation')).toMatchObject({
    passed: false,
    measured: '1.00 in the mean',
  });
});

test('few images, or none that the model calls, are no acceptance', async () => {
  const few = await check(model, samples.slice(0, 3));
  expect(few.checks.find(({ name }) => name === 'samples')).toMatchObject({
    passed: false,
    measured: '3 images',
  });
  const [first] = model.spec.output.targets;
  const targets = [{ ...first, threshold: 1 }];
  const spec = { ...model.spec, output: { ...model.spec.output, targets } };
  expect((await check({ ...model, spec } as ImageModel)).checks[2]).toMatchObject({
    passed: false,
    measured: '6 images; none reaches the threshold of Pneumonia',
  });
});

test('an element that the decision needs and no sample gives is refused with the reason', async () => {
  const { checks } = await checkOf(spotsOr(['Blind']));
  expect(checks.find(({ name }) => name === 'elements')).toMatchObject({
    passed: false,
    measured: expect.stringMatching(/localization is absent: .*, 6 samples explained$/),
  });
});

test('each label is measured: one whose map says nothing is refused by name, whatever the first one gives', async () => {
  const { checks } = await checkOf(spotsOr(['Spots', 'Blind']));
  expect(checks.find(({ name }) => name === 'faithfulness')).toMatchObject({
    passed: false,
    measured: expect.stringMatching(
      /^Spots against random: deletion \+0\.\d+, insertion \+0\.\d+; FAILED Blind .*\+0\.000.* \(6 images of each label\)$/,
    ),
  });
  expect(checks.find(({ name }) => name === 'elements')).toMatchObject({ passed: true });
});

const checkOf = async (of: ImageModel): Promise<Acceptance> => check(of, await samplesOf(of));

/** A model of brightness, and of nothing: what the image shows has no part in the second score. */
function spotsOr(labels: readonly ('Spots' | 'Blind')[]): ImageModel {
  const bytes = modelOf({
    node: [
      makeNode('Relu', ['x'], { output: ['h'] }),
      makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
      makeNode('Flatten', ['p'], { output: ['f'] }),
      makeNode('MatMul', ['f', 'w'], { output: ['y'] }),
      makeNode('Sigmoid', ['y'], { output: ['pellucid/scores'] }),
    ],
    initializer: [makeTensor('w', DataType.FLOAT, { dims: [1, 2], values: [9, 0] })],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, EDGE, EDGE])],
    output: [valueInfo('y', DataType.FLOAT, [1, 2]), valueInfo('pellucid/scores', DataType.FLOAT, [1, 2])],
  });
  const onnxPath = `${folder}-spots.onnx`;
  writeFileSync(onnxPath, bytes);
  const [first] = model.spec.output.targets;
  const targets = labels.map((label) => ({
    ...first,
    place: label === 'Spots' ? 0 : 1,
    label: { ...first?.label, label },
  }));
  return {
    ...model,
    onnxPath,
    spec: { ...model.spec, output: { ...model.spec.output, targets } },
  } as ImageModel;
}

test('a layer that the model does not have: the checks that need it fail by name, the others run', async () => {
  const spec = { ...model.spec, explanation: { ...model.spec.explanation, layer: 'nowhere' } };
  await expect(check({ ...model, spec })).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
    detail: expect.stringContaining('nowhere is no spatial value'),
  });
});

test('a changed weight file voids the acceptance, and the loader refuses it', async () => {
  const acceptance = await check();
  expect(voidReason(acceptance, sha256('another'), model.spec)).toContain('a file changed');
  expect(voidReason(undefined, model.identity.digest, model.spec)).toContain('never checked');
  appendFileSync(join(folder, 'model.onnx'), ' ');
  await expect(loadModel(folder, [])).rejects.toMatchObject({ code: 'MODEL_PACKAGE_INVALID' });
  writeFileSync(join(folder, 'model.onnx'), readFileSync(join(folder, 'model.onnx')).subarray(0, -1));
});

test('the package in the box was checked as it is now, by the scores that PyTorch gave', async () => {
  const { notAccepted } = await loadModel('models/chest-xr-pneumonia', []);
  expect(notAccepted).toBeUndefined();
});
