import { readFileSync } from 'node:fs';
import { blur } from '../../../server/explain/baselines.ts';
import { numbersOf, type Tensor } from '../../../server/explain/graph/runtime.ts';
import { exactCam } from '../../../server/explain/methods/exact-cam.ts';
import { openSubject } from '../../../server/explain/onnx-subject.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { layer } from '../subjects.ts';

/** Two channels on 1 × 2 cells, gradients as of a mean: score = Σ A·G. */
const pooled = (more: object) => ({
  ...layer([2, 1, 2], [1, 3, 2, 4], [0.5, 0.5, -0.25, -0.25]),
  exactLayer: 'features',
  ...more,
});
const any = new Float32Array(2);

test('each cell’s share is Σₖ Gᵏ Aᵏ, signed (by hand), and the constant is what is left', async () => {
  const map = await exactCam(pooled({}), any, any);
  // 0.5·1 − 0.25·2 = 0 and 0.5·3 − 0.25·4 = 0.5.
  expect([...map.data]).toEqual([0, 0.5]);
  expect(map).toMatchObject({ dims: [1, 2], bias: 0, completenessGap: 0 });
});

test.each([
  ['another head', { exactLayer: undefined }, 'MODEL_INPUT_MISMATCH', 'hiResCam serves other heads'],
  ['another layer', { exactLayer: 'pooled' }, 'MODEL_INPUT_MISMATCH', 'needs the layer pooled, not features'],
])('%s is refused', async (_, more, code, words) => {
  await expect(exactCam(pooled(more), any, any)).rejects.toMatchObject({
    code,
    detail: expect.stringContaining(words),
  });
});

test('a map that does not add up to the score stops the explanation', async () => {
  const input = Float32Array.from([1, 0]);
  const score = async (inputs: readonly Float32Array[]) => inputs.map((x) => (x === input ? 0.51 : 0.5));
  await expect(exactCam(pooled({ score }), input, any)).rejects.toMatchObject({
    code: 'EXPLANATION_UNFAITHFUL',
    detail: expect.stringContaining('1.00e-2'),
  });
});

test('on the chest model it is the map that the model itself gives, found without being told where', async () => {
  const edge = 224;
  const bytes = new Uint8Array(readFileSync('models/chest-xr-pneumonia/model.onnx'));
  const input = Float32Array.from(
    { length: edge * edge },
    (_, i) => 0.5 + 0.3 * Math.sin(i / 900) * Math.cos((i % edge) / 17),
  );
  const subject = await openSubject(bytes, {
    runtime: onnxRuntime(),
    inputDims: [1, 1, edge, edge],
    of: 'logit',
    target: 0,
  });
  const map = await exactCam(subject, input, blur(input, subject.dims, 16));
  const session = await onnxRuntime().open(bytes);
  const { cam } = await session.run({ input: { type: 'float32', dims: [1, 1, edge, edge], data: input } }, [
    'cam',
  ]);
  const own = numbersOf(cam as Tensor).map((v) => v / map.data.length);
  expect(Math.max(...own.map((v, i) => Math.abs(v - (map.data[i] as number))))).toBeLessThan(1e-6);
  // The constant that PyTorch had when it was exported.
  expect(map.bias).toBeCloseTo(0.07675258070230484, 5);
  await session.close();
  await subject.close();
});
