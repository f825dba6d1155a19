import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { explainBy } from '../../server/explain/methods/index.ts';
import { openSubject } from '../../server/explain/onnx-subject.ts';
import { maskedTarget } from '../../server/explain/segmentation-target.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { modelOf } from './models.ts';

/** Two classes on 1 × 3: 0 wins at the first place, 1 at the others. */
const output = { dims: [2, 1, 3], data: Float32Array.from([5, 1, 1, 0, 2, 3]) };

test.each([
  [0, undefined, [0]],
  [1, undefined, [4, 5]],
  [1, [1, 0, 1], [3, 5]],
])('class %i over %j (by hand)', (label, region, expected) => {
  const target = maskedTarget(output, { label, ...(region ? { region: Uint8Array.from(region) } : {}) });
  expect(target).toEqual(expected);
});

test('a single channel is class 1', () => {
  expect(maskedTarget({ dims: [1, 1, 3], data: Float32Array.from([-1, 2, 3]) }, { label: 1 })).toEqual([
    1, 2,
  ]);
});

test.each([
  [output, { label: 2 }, 'there is no class 2; the output has classes 0 to 1'],
  [output, { label: 0.5 }, 'there is no class 0.5'],
  [output, { label: 1, region: new Uint8Array(3) }, 'the region is empty'],
  [output, { label: 1, region: new Uint8Array(4) }, 'the region has 4 places, the output 1 × 3'],
  [{ dims: [2, 1, 3], data: new Float32Array(6) }, { label: 1 }, 'the model marks no place as class 1'],
  [{ dims: [1, 1, 3], data: new Float32Array(3) }, { label: 0 }, 'one channel, which is class 1'],
])('refused: %#', (it, options, words) => {
  expect(() => maskedTarget(it, options)).toThrow(words);
});

/** One 1 × 3 convolution [−1 2 −1] makes class 1 of a line; class 0 is a constant 0. */
const line = modelOf({
  node: [makeNode('Conv', ['x', 'w', 'b'], { output: ['y'], attributes: { pads: [0, 1, 0, 1] } })],
  initializer: [
    makeTensor('w', DataType.FLOAT, { dims: [2, 1, 1, 3], values: [0, 0, 0, -1, 2, -1] }),
    makeTensor('b', DataType.FLOAT, { dims: [2], values: [0, 0] }),
  ],
  input: [valueInfo('x', DataType.FLOAT, [1, 1, 1, 5])],
  output: [valueInfo('y', DataType.FLOAT, [1, 2, 1, 5])],
});

test.each([
  // The mask of class 1 is places 1 and 3 (its values: −2 4 −4 4 −2); the gradient −1 2 −2 2 −1.
  ['saliency', [1, 2, 2, 2, 1]],
  ['inputXGradient', [0, 4, 0, 4, 0]],
  // Without place 1 (x = 2) the sum 8 loses 4.
  ['occlusion', [0, 4, 0, 4, 0]],
] as const)('%s explains a structure by the sum over its own mask (by hand)', async (method, expected) => {
  const input = Float32Array.from([0, 2, 0, 2, 0]);
  const target = maskedTarget(
    { dims: [2, 1, 5], data: Float32Array.from([0, 0, 0, 0, 0, -2, 4, -4, 4, -2]) },
    { label: 1 },
  );
  const subject = await openSubject(line, { runtime: onnxRuntime(), inputDims: [1, 1, 1, 5], target });
  expect(await subject.score([input])).toEqual([8]);
  const { attribution } = await explainBy(method, { subject, input, baseline: new Float32Array(5) });
  for (const [i, v] of expected.entries()) expect(attribution.data[i]).toBeCloseTo(v, 6);
  await subject.close();
});
