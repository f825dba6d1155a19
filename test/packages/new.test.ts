import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { loadModel } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { newPackage } from '../../server/packages/new.ts';
import { studyClassifier } from '../../server/packages/study.ts';
import { modelOf } from '../explain/models.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';
import { ANSWERS, answering } from './answers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-packages-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** x [1, 1, 4, 4] → y [1, 2], whose end the nodes are. */
const small = (dims: readonly number[] = [1, 1, 4, 4]) =>
  modelOf({
    node: [
      makeNode('Relu', ['x'], { output: ['h'] }),
      makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
      makeNode('Flatten', ['p'], { output: ['f'] }),
      makeNode('MatMul', ['f', 'w'], { output: ['y'] }),
    ],
    initializer: [makeTensor('w', DataType.FLOAT, { dims: [1, 2], values: [1, -1] })],
    input: [valueInfo('x', DataType.FLOAT, dims)],
    output: [valueInfo('y', DataType.FLOAT, [1, 2])],
  });
const onnx = (bytes: Uint8Array): string => {
  const path = join(folder, 'given.onnx');
  writeFileSync(path, bytes);
  return path;
};

test('a model that ends in numbers gets the activation that the person names, and is found to explain itself', async () => {
  const answers = { ...ANSWERS, activation: 'Softmax', mean: '0', std: '1' };
  const into = join(folder, 'package');
  await newPackage(onnx(small()), into, answering(answers));
  const { spec, onnxPath } = await loadModel(into, []);
  expect(spec).toMatchObject({
    input: { tensor: 'x', layout: 'NCHW', channels: 1, rows: 4, columns: 4 },
    output: {
      scores: 'pellucid/scores',
      logits: 'y',
      targets: [{ place: 1, threshold: 0.5, calibrated: false, label: { label: 'Pneumonia' } }],
    },
    explanation: { method: 'exactCam' },
  });
  const session = await onnxRuntime().open(new Uint8Array(readFileSync(onnxPath)));
  const x = { type: 'float32', dims: [1, 1, 4, 4], data: new Float32Array(16).fill(1) } as const;
  const { 'pellucid/scores': scores } = await session.run({ x }, ['pellucid/scores']);
  // Softmax of 1 and −1.
  expect(Number(scores?.data[1])).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
  await session.close();
});

test.each([
  ['a missing answer', { why: '' }, 'why'],
  ['a code that is none', { type1: 'Pneumonia' }, 'value|scheme|meaning'],
  ['a threshold above 1', { threshold1: '50' }, 'a number from 0 to 1'],
  ['no finding at all', { label1: '-' }, 'nothing to report'],
  ['an id with capitals', { id: 'Tea' }, 'small letters'],
  ['an activation that is none', { activation: 'Relu' }, 'Sigmoid, Softmax'],
])('%s is refused, and nothing is written', async (_, change, words) => {
  const into = join(folder, 'package');
  const answers = { ...ANSWERS, activation: 'Softmax', ...change };
  await expect(newPackage(onnx(small()), into, answering(answers))).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    detail: expect.stringContaining(words),
  });
  expect(existsSync(into)).toBe(false);
});

test('what is no classifier of one image is refused', () => {
  expect(() => studyClassifier(small([1, 7, 4, 4]))).toThrow('neither one nor three channels');
  expect(() => studyClassifier(small([1, 1, 4, 4, 4]))).toThrow('one input of four dims');
});

describeWithKit('the classifiers of the kit', () => {
  test.each([
    [
      ['B_chest_xray', 'models', 'tm_pneumonia_mobilenetv2.onnx'],
      { layout: 'NCHW', channels: 3, rows: 224, columns: 224 },
      { name: 'probs', activation: 'Softmax', logits: 'dense_Dense2_mm', count: 2 },
    ],
    [
      ['D_other', 'models', 'brain_tumor_2d_nhwc.onnx'],
      { layout: 'NHWC', channels: 3, rows: 224, columns: 224 },
      { activation: 'Softmax', logits: 'Lenet_model_1/dense_2_1/BiasAdd:0', count: 2 },
    ],
  ])('%j is read from its file alone', async (path, input, scores) => {
    const studied = studyClassifier(kitBytes(...path));
    expect(studied).toMatchObject({ input, scores });
    const into = join(folder, 'package');
    const { explanation } = await newPackage(kitPath(...path), into, answering(ANSWERS));
    // Neither has a linear head: a map of the last spatial layer, whose faithfulness `model check` measures.
    expect(explanation.method).toBe('hiResCam');
    expect((await loadModel(into, [])).identity.id).toBe('teachable');
  });
});
