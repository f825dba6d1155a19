import { readFileSync } from 'node:fs';
import { DataType, makeNode, valueInfo } from '../../server/explain/graph/onnx.ts';
import { ablationCam } from '../../server/explain/methods/ablation-cam.ts';
import { gradCam } from '../../server/explain/methods/cam.ts';
import { openSubject } from '../../server/explain/onnx-subject.ts';
import { tailOf } from '../../server/explain/tail.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { modelOf } from './models.ts';

const runtime = onnxRuntime();

test('behind the last layer of the chest model the score is the whole model’s, and channels add up: its head is linear', async () => {
  const EDGE = 224;
  const chest = new Uint8Array(readFileSync('models/chest-xr-pneumonia/model.onnx'));
  const image = Float32Array.from(
    { length: EDGE * EDGE },
    (_, i) => 0.5 + 0.1 * Math.sin(i / 6720) * Math.cos((i % EDGE) / 30),
  );
  const subject = await openSubject(chest, {
    runtime,
    inputDims: [1, 1, EDGE, EDGE],
    of: 'logit',
    target: 0,
  });
  const { score, activation } = await subject.tap(image);
  expect(await subject.scoreFrom(image, activation.data)).toBeCloseTo(score, 5);
  // score = Σ αₖ ΣAᵏ + constant: what a channel takes with it is αₖ ΣAᵏ, so the map is Σ αₖ (ΣAᵏ) Aᵏ.
  const [channels = 0, ...space] = activation.dims;
  const cells = space.reduce((a, b) => a * b);
  const { data } = await ablationCam(subject, image, { channels });
  const { gradient } = await subject.tap(image);
  const expected = new Float64Array(cells);
  for (let k = 0; k < channels; k++) {
    const own = activation.data.subarray(k * cells, (k + 1) * cells);
    const weight = (gradient.data[k * cells] as number) * own.reduce((a, b) => a + b, 0);
    own.forEach((a, i) => {
      expected[i] = (expected[i] as number) + weight * a;
    });
  }
  const peak = Math.max(...expected);
  expect(peak).toBeGreaterThan(0);
  for (const [i, v] of expected.entries())
    expect(Math.abs(Math.max(v, 0) - (data[i] as number)) / peak).toBeLessThan(1e-4);
  await subject.close();
});

test('a way round the layer stays: the tail then reads the input as well (by hand)', async () => {
  const model = modelOf({
    node: [
      makeNode('Relu', ['x'], { output: ['h'] }),
      makeNode('Add', ['h', 'x'], { output: ['s'] }),
      makeNode('GlobalAveragePool', ['s'], { output: ['y'] }),
      makeNode('Neg', ['x'], { output: ['unused'] }),
    ],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 1, 2])],
    output: [valueInfo('y', DataType.FLOAT, [1, 1, 1, 1]), valueInfo('unused', DataType.FLOAT, [1, 1, 1, 2])],
  });
  const tail = tailOf(model, { of: 'y', layer: 'h', dims: [1, 1, 1, 2] });
  expect(tail.alsoReads).toEqual(['x']);
  const subject = await openSubject(model, {
    runtime,
    inputDims: [1, 1, 1, 2],
    of: 'y',
    target: 0,
    layer: 'h',
  });
  const x = Float32Array.from([3, -1]);
  // mean of (h + x): with h = 3 0 it is 2.5; with h = 10 20, 16.
  expect(await subject.scoreFrom(x, Float32Array.from([3, 0]))).toBeCloseTo(2.5, 6);
  expect(await subject.scoreFrom(x, Float32Array.from([10, 20]))).toBeCloseTo(16, 6);
  // The way round: ∂/∂h is ½ each, and removing h loses 1.5.
  expect([...(await gradCam(subject, x)).data]).toEqual([1.5, 0]);
  expect([...(await ablationCam(subject, x)).data]).toEqual([4.5, 0]);
  await subject.close();
});
