import { readFileSync } from 'node:fs';
import {
  DataType,
  makeNode,
  makeTensor,
  type NodeProto,
  parseModel,
  type TensorProto,
  valueInfo,
} from '../../server/explain/graph/onnx.ts';
import { viewGraph } from '../../server/explain/graph/view.ts';
import { receptiveField } from '../../server/explain/receptive-field.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { modelOf } from './models.ts';

const N = 24;
const floats = (name: string, dims: readonly number[], values?: readonly number[]) =>
  makeTensor(name, DataType.FLOAT, {
    dims,
    values:
      values ?? Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => 0.3 + ((i * 7) % 5) / 10),
  });
const ints = (name: string, values: readonly number[]) =>
  makeTensor(name, DataType.INT64, { dims: [values.length], values });

/** A chain of operators from x to y on [1, 1, 1, n]; each row says node, attributes and constants. */
type Link = readonly [
  op: string,
  attributes?: NonNullable<Parameters<typeof makeNode>[2]['attributes']>,
  constants?: readonly TensorProto[],
];
const chain = (links: readonly Link[]) => {
  const node = links.map(
    ([op, attributes = {}, constants = []], i): NodeProto =>
      makeNode(op, [i ? `v${i}` : 'x', ...constants.map((t) => t.name)], {
        output: [i === links.length - 1 ? 'y' : `v${i + 1}`],
        name: `${op} ${i}`,
        attributes,
      }),
  );
  return modelOf({
    node,
    initializer: [...new Set(links.flatMap(([, , constants = []]) => constants))],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 1, N])],
    output: [valueInfo('y', DataType.FLOAT)],
  });
};
const fieldOf = (model: Uint8Array) =>
  receptiveField(viewGraph(parseModel(model)), { input: 'x', of: 'y', rank: 2 });

const w3 = floats('w3', [1, 1, 1, 3]);
const w2 = floats('w2', [1, 1, 1, 2]);
const scale = (name: string, s: number) => [floats(`${name}/roi`, [0], []), floats(name, [4], [1, 1, 1, s])];
const same = { pads: [0, 1, 0, 1] };

test.each<[string, readonly Link[], number, number, number]>([
  ['a convolution', [['Conv', same, [w3]]], 1, 1, 1],
  ['its dilation', [['Conv', { pads: [0, 4, 0, 4], dilations: [1, 4] }, [w3]]], 4, 4, 1],
  ['layers add up', [['Conv', same, [w3]], ['Relu'], ['Conv', same, [w3]]], 2, 2, 1],
  ['padding on one side', [['Conv', { pads: [0, 2, 0, 0] }, [w3]]], 2, 0, 1],
  [
    'a Pad before it',
    [
      ['Pad', {}, [ints('pads', [0, 0, 0, 1, 0, 0, 0, 1])]],
      ['Conv', {}, [w3]],
    ],
    1,
    1,
    1,
  ],
  ['pooling at each place', [['AveragePool', { kernel_shape: [1, 3], ...same }]], 1, 1, 1],
])('%s reads %#: by hand', (_, links, before, after, stride) => {
  expect(fieldOf(chain(links))).toEqual({ before: [0, before], after: [0, after], stride: [1, stride] });
});

/** Input places whose change shows at an output place, by the runtime: how far before and after, over all places. */
async function measured(model: Uint8Array): Promise<readonly [number, number]> {
  const session = await onnxRuntime().open(model);
  const base = Float32Array.from({ length: N }, (_, i) => 1 + ((i * 5) % 7) / 10);
  const run = async (data: Float32Array) =>
    (await session.run({ x: { type: 'float32', dims: [1, 1, 1, N], data } }, ['y'])).y?.data as Float32Array;
  const still = (await run(base)).slice();
  let [before, after] = [0, 0];
  for (let i = 0; i < N; i++) {
    const moved = (await run(base.map((v, k) => (k === i ? v + 50 : v)))).slice();
    moved.forEach((v, o) => {
      if (Math.abs(v - (still[o] as number)) < 1e-4) return;
      before = Math.max(before, o - i);
      after = Math.max(after, i - o);
    });
  }
  await session.close();
  return [before, after];
}

test.each<[string, number, readonly Link[]]>([
  [
    'dilated layers',
    1,
    [
      ['Conv', { pads: [0, 2, 0, 2], dilations: [1, 2] }, [w3]],
      ['Conv', same, [w3]],
    ],
  ],
  [
    'pool and transposed convolution',
    2,
    [
      ['MaxPool', { kernel_shape: [1, 2], strides: [1, 2] }],
      ['Conv', same, [w3]],
      ['ConvTranspose', { strides: [1, 2] }, [w2]],
    ],
  ],
  [
    'strided convolution and a wide transposed one',
    2,
    [
      ['Conv', { strides: [1, 2], ...same }, [w3]],
      [
        'ConvTranspose',
        { strides: [1, 2], pads: [0, 1, 0, 1], kernel_shape: [1, 4] },
        [floats('w4', [1, 1, 1, 4])],
      ],
    ],
  ],
  [
    'pool and nearest resize',
    4,
    [
      ['AveragePool', { kernel_shape: [1, 4], strides: [1, 4] }],
      ['Resize', { mode: 'nearest' }, scale('s4', 4)],
    ],
  ],
  [
    'pool and linear resize',
    2,
    [
      ['AveragePool', { kernel_shape: [1, 2], strides: [1, 2] }],
      ['Resize', { mode: 'linear' }, scale('s2', 2)],
    ],
  ],
  [
    'resize down and up',
    2,
    [
      ['Resize', { mode: 'linear', coordinate_transformation_mode: 'asymmetric' }, scale('half', 0.5)],
      ['Resize', { mode: 'cubic' }, scale('twice', 2)],
    ],
  ],
])('%s: no more is read than the graph says, as ONNX Runtime shows', async (_, stride, links) => {
  const model = chain(links);
  const field = fieldOf(model);
  const [before, after] = await measured(model);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThanOrEqual(field.before[1] as number);
  expect(after).toBeLessThanOrEqual(field.after[1] as number);
  // And not much more is claimed than is read.
  expect((field.before[1] as number) + (field.after[1] as number)).toBeLessThanOrEqual(
    before + after + 3 * stride,
  );
  expect(field.stride).toEqual([1, stride]);
});

test.each<[string, readonly Link[], string]>([
  [
    'global pooling',
    [['GlobalAveragePool']],
    'GlobalAveragePool (node GlobalAveragePool 0): it reads all of the space',
  ],
  [
    'instance norm',
    [['Relu'], ['InstanceNormalization', {}, [floats('one', [1]), floats('zero', [1])]]],
    'InstanceNormalization (node InstanceNormalization 1): it reads all of the space',
  ],
  [
    'a mean over the space',
    [['ReduceMean', { axes: [2, 3] }]],
    'ReduceMean (node ReduceMean 0): it reads all of the space',
  ],
  [
    'a fixed size',
    [
      [
        'Resize',
        { mode: 'nearest' },
        [floats('roi', [0], []), floats('none', [0], []), ints('size', [1, 1, 1, N])],
      ],
    ],
    'Resize (node Resize 0): a size, not a known scale',
  ],
  [
    'aligned corners',
    [['Resize', { mode: 'linear', coordinate_transformation_mode: 'align_corners' }, scale('s', 2)]],
    'coordinates align_corners',
  ],
  [
    'places that are moved',
    [['Transpose', { perm: [0, 1, 3, 2] }]],
    'Transpose (node Transpose 0): it moves places',
  ],
  [
    'a constant that varies over the space',
    [['Add', {}, [floats('position', [1, 1, 1, N])]]],
    'an operand that varies over the space',
  ],
  ['softmax along a row', [['Softmax']], 'Softmax (node Softmax 0): along axis -1'],
  [
    'another grid',
    [['MaxPool', { kernel_shape: [1, 2], strides: [1, 2] }]],
    'y has another grid than the input',
  ],
  ['what no rule knows', [['Det']], 'Det (node Det 0): not known to do the same at every place'],
])('%s is refused, and the operator named', (_, links, words) => {
  expect(() => fieldOf(chain(links))).toThrow(words);
  expect(() => fieldOf(chain(links))).toThrow('MODEL_NOT_TILEABLE');
});

test('the chest model pools globally, and is refused', () => {
  const chest = viewGraph(parseModel(readFileSync('models/chest-xr-pneumonia/model.onnx')));
  expect(() =>
    receptiveField(chest, { input: chest.inputs[0]?.name as string, of: 'logit', rank: 2 }),
  ).toThrow('MODEL_NOT_TILEABLE');
});
