import { readFileSync } from 'node:fs';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { numbersOf, type Tensor } from '../../server/explain/graph/runtime.ts';
import { randomiseWeights } from '../../server/explain/measures/randomisation.ts';
import { gradCam } from '../../server/explain/methods/cam.ts';
import { explainBy } from '../../server/explain/methods/index.ts';
import { type OnnxSubject, openSubject } from '../../server/explain/onnx-subject.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { seededRandom } from '../../server/shared/random.ts';
import { modelOf } from './models.ts';

jest.setTimeout(60_000);

const EDGE = 224;
const chest = new Uint8Array(readFileSync('models/chest-xr-pneumonia/model.onnx'));
const random = seededRandom(4);
/** Smooth blobs: noise alone leaves every unit of the network at its edge. */
const image = Float32Array.from(
  { length: EDGE * EDGE },
  (_, i) => 0.5 + 0.1 * Math.sin(i / 6720) * Math.cos((i % EDGE) / 30) + 0.02 * random(),
);
const open = (
  bytes: Uint8Array,
  more: { of?: string; layer?: string; target?: number } = {},
): Promise<OnnxSubject> =>
  openSubject(bytes, {
    runtime: onnxRuntime(),
    inputDims: [1, 1, EDGE, EDGE],
    of: 'logit',
    target: 0,
    ...more,
  });

test('auto finds the last spatial layer of the chest model, and Grad-CAM there is its exact map', async () => {
  const subject = await open(chest);
  expect(subject.layer).toBe('features');
  const map = await gradCam(subject, image);
  const session = await onnxRuntime().open(chest);
  const { cam } = await session.run({ input: { type: 'float32', dims: [1, 1, EDGE, EDGE], data: image } }, [
    'cam',
  ]);
  // logit = mean(cam) + constant and cam = Σ wₖ Aᵏ: so αₖ = wₖ / 196.
  const exact = numbersOf(cam as Tensor).map((v) => Math.max(v, 0) / 196);
  expect(exact).toHaveLength(196);
  expect(Math.max(...exact)).toBeGreaterThan(0);
  expect(Math.max(...exact.map((v, i) => Math.abs(v - (map.data[i] as number))))).toBeLessThan(1e-5);
  await session.close();
  await subject.close();
});

test('the activation of the layer is the one that a tap gives, without a gradient', async () => {
  const subject = await open(chest);
  const { activation } = await subject.tap(image);
  expect(await subject.activation(image)).toEqual(activation);
  expect(activation.dims).toHaveLength(3);
  await subject.close();
});

test('the gradient is that of ONNX Runtime’s own finite differences', async () => {
  const subject = await open(chest);
  const { score, gradient } = await subject.gradient(image);
  const norm = Math.hypot(...gradient);
  const step = 0.02 / norm;
  const [up = 0, down = 0] = await subject.score([
    image.map((v, i) => v + step * (gradient[i] as number)),
    image.map((v, i) => v - step * (gradient[i] as number)),
  ]);
  expect((up - down) / (2 * step) / norm ** 2).toBeCloseTo(1, 1);
  expect((await subject.score([image]))[0]).toBeCloseTo(score, 4);
  await subject.close();
});

test.each([
  [{ of: 'nothing' }, 'the model has no output nothing; it has prob, logit, cam, features'],
  [{ layer: 'nothing' }, 'nothing is no spatial value before logit'],
  [{ target: 1 }, 'target 1 is not a place in an output of 1 × 1'],
])('%j is refused', async (more, words) => {
  await expect(open(chest, more)).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
    detail: expect.stringContaining(words),
  });
});

test('an operator without a gradient falls back to perturbation, and the record says which and why', async () => {
  const graph = {
    node: [makeNode('Det', ['x'], { output: ['y'], name: 'determinant' })],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 2, 2])],
    output: [valueInfo('y', DataType.FLOAT, [1, 1])],
  };
  const subject = await openSubject(modelOf(graph), {
    runtime: onnxRuntime(),
    inputDims: [1, 1, 2, 2],
    target: 0,
  });
  const x = Float32Array.from([3, 1, 1, 2]);
  const { attribution, fallback } = await explainBy('saliency', {
    subject,
    input: x,
    baseline: new Float32Array(4),
  });
  expect(fallback).toContain('Det (node determinant)');
  expect(fallback).toContain('saliency was replaced by occlusionCoarseToFine');
  // Determinant 5; without the 3: −1, so 6 lost; without a 1: 6, so −1; without the 2: −1.
  expect([...attribution.data]).toEqual([6, -1, -1, 6]);
  await subject.close();
});

test('layers inside fused operators are found: the model is written out first', async () => {
  const graph = {
    node: [
      makeNode('Gelu', ['x'], { output: ['h'], domain: 'com.microsoft' }),
      makeNode('GlobalAveragePool', ['h'], { output: ['y'] }),
    ],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 2, 2])],
    output: [valueInfo('y', DataType.FLOAT, [1, 1, 1, 1])],
  };
  const subject = await openSubject(modelOf(graph, { '': 17n, 'com.microsoft': 1n }), {
    runtime: onnxRuntime(),
    inputDims: [1, 1, 2, 2],
    target: 0,
  });
  const { data } = await gradCam(subject, Float32Array.from([2, 0, -1, 1]));
  // The mean's gradient is 1/4 of each cell; GELU of 2, 0, −1, 1 is 1.9545, 0, −0.1587, 0.8413.
  for (const [i, v] of [1.9545 / 4, 0, 0, 0.8413 / 4].entries()) expect(data[i]).toBeCloseTo(v, 3);
  await subject.close();
});

test('shuffled weights keep shapes and values, and change the score', async () => {
  const subject = await open(randomiseWeights(chest, 1));
  const [own = 0] = await (await open(chest)).score([image]);
  const [other = 0] = await subject.score([image]);
  expect(Math.abs(own - other)).toBeGreaterThan(0.1);
  expect(randomiseWeights(chest, 1)).toEqual(randomiseWeights(chest, 1));
  await subject.close();
});

test('a model with its channels last is the same subject: [c, …space] in and out, layers with channels first', async () => {
  const weights = makeTensor('w', DataType.FLOAT, { dims: [1, 2, 1, 1], values: [1, -3] });
  const body = (x: string) => [
    makeNode('Conv', [x, 'w'], { output: ['h'] }),
    makeNode('Relu', ['h'], { output: ['r'] }),
  ];
  const end = (r: string) => [
    makeNode('Flatten', [r], { output: ['f'] }),
    makeNode('ReduceSum', ['f'], { output: ['y'] }),
  ];
  const turn = (from: string, to: string, perm: readonly number[]) =>
    makeNode('Transpose', [from], { output: [to], attributes: { perm } });
  const last = modelOf({
    node: [turn('x', 't', [0, 3, 1, 2]), ...body('t'), turn('r', 'u', [0, 2, 3, 1]), ...end('u')],
    initializer: [weights],
    input: [valueInfo('x', DataType.FLOAT, [1, 2, 2, 2])],
    output: [valueInfo('y', DataType.FLOAT, [1, 1])],
  });
  const first = modelOf({
    node: [...body('x'), ...end('r')],
    initializer: [weights],
    input: [valueInfo('x', DataType.FLOAT, [1, 2, 2, 2])],
    output: [valueInfo('y', DataType.FLOAT, [1, 1])],
  });
  const options = { runtime: onnxRuntime(), inputDims: [1, 2, 2, 2], target: 0 };
  const subjects = [
    await openSubject(first, options),
    await openSubject(last, { ...options, layout: 'NHWC' as const }),
  ];
  // Channel 0 counts once, channel 1 three times against: only places with 5 > 3·1 are alive.
  const x = Float32Array.from([5, 1, 5, 1, 1, 1, 2, 1]);
  for (const subject of subjects) {
    expect(subject.dims).toEqual([2, 2, 2]);
    expect(subject.layer).toBe('r');
    const { score, gradient } = await subject.gradient(x);
    expect(score).toBe(2);
    expect([...gradient]).toEqual([1, 0, 0, 0, -3, 0, 0, 0]);
    expect((await subject.tap(x)).activation).toMatchObject({ dims: [1, 2, 2] });
    await subject.close();
  }
});
