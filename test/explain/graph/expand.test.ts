import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, OperatorSetIdProtoSchema } from 'onnx-buf';
import { compileGradient } from '../../../server/explain/graph/compile.ts';
import { inline } from '../../../server/explain/graph/inline.ts';
import { type Attributes, DataType, float, type NodeProto } from '../../../server/explain/graph/onnx.ts';
import { numbersOf, type Tensor } from '../../../server/explain/graph/runtime.ts';
import { between } from '../../../server/explain/vjp/samples.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { buildModel, checkGradient, type Input, node, tensor, type Weights } from '../vjp/gradient-check.ts';

const type = DataType.FLOAT;
const input = (dims: readonly number[]): Input => ({ ...between(-1, 1, dims), name: 'x' });
const weight = (name: string, dims: readonly number[]): Weights => ({ ...between(-0.6, 0.5, dims), name });

interface Fused {
  readonly op: string;
  readonly x: Input;
  /** `null` leaves an input out. */
  readonly weights?: readonly (Weights | null)[];
  readonly a?: Attributes;
}

const fused: readonly Fused[] = [
  {
    op: 'FusedConv',
    x: input([1, 2, 5, 5]),
    weights: [weight('w', [3, 2, 3, 3]), weight('b', [3])],
    a: { activation: 'Tanh', kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
  },
  {
    op: 'FusedGemm',
    x: input([2, 3]),
    weights: [weight('w', [4, 3]), weight('b', [4])],
    a: { transB: 1, activation: 'Sigmoid', alpha: float(0.5) },
  },
  { op: 'Gelu', x: input([2, 3]) },
  { op: 'BiasGelu', x: input([2, 3]), weights: [weight('b', [3])] },
  { op: 'FastGelu', x: input([2, 3]), weights: [weight('b', [3])] },
  { op: 'QuickGelu', x: input([2, 3]), a: { alpha: float(1.702) } },
  { op: 'FusedMatMul', x: input([2, 3, 4]), weights: [weight('w', [4, 5])], a: { alpha: float(0.3) } },
  { op: 'FusedMatMul', x: input([2, 4, 3]), weights: [weight('w', [2, 5, 4])], a: { transA: 1, transB: 1 } },
  {
    op: 'Attention',
    x: input([2, 3, 4]),
    weights: [weight('w', [4, 12]), weight('b', [12])],
    a: { num_heads: 2 },
  },
  {
    op: 'Attention',
    x: input([1, 3, 4]),
    weights: [weight('w', [4, 12]), weight('b', [12]), null, null, weight('bias', [1, 2, 3, 3])],
    a: { num_heads: 2, scale: float(0.4) },
  },
];

test.each(fused)('$op is differentiated as what it fused', async ({ op, x, weights = [], a }) => {
  const names = ['x', ...weights.map((w) => w?.name ?? '')];
  const held = weights.filter((w) => w !== null);
  const nodes = [node(op, names, ['y'], a)];
  const model = microsoft(buildModel({ opset: 17, type, inputs: [x], weights: held, nodes, outputs: ['y'] }));
  const [check] = await checkGradient(model, { inputs: [x], of: 'y', type });
  expect(check?.compiled).toBeCloseTo(check?.measured as number, 3);
});

test.each<[string, string, Attributes, readonly string[]]>([
  ['causal attention', 'Attention', { num_heads: 1, unidirectional: 1 }, ['x', 'w', 'b']],
  ['attention with a mask', 'Attention', { num_heads: 1 }, ['x', 'w', 'b', 'mask']],
  ['batches that are turned', 'FusedMatMul', { transBatchA: 1 }, ['x', 'w']],
])('%s is refused, and named', async (_, op, a, names) => {
  const weights = [weight('w', [4, 12]), weight('b', [12]), { ...int8('mask', [2]), type: DataType.INT32 }];
  const model = microsoft(
    buildModel({
      opset: 17,
      type,
      inputs: [input([2, 3, 4])],
      weights: weights.filter((w) => names.includes(w.name)),
      nodes: [node(op, names, ['y'], a)],
      outputs: ['y'],
    }),
  );
  await expect(
    compileGradient(model, { of: 'y', wrt: ['x'], inputDims: { x: [2, 3, 4] } }, onnxRuntime()),
  ).rejects.toMatchObject({ code: 'VJP_MISSING', detail: expect.stringContaining(`com.microsoft.${op}`) });
});

const STANDARD = new Set(['QuantizeLinear', 'DequantizeLinear', 'QLinearConv', 'QLinearMatMul']);

const scalar = (name: string, value: number, of = type): Weights => ({
  name,
  dims: [],
  values: [value],
  type: of,
});
const int8 = (name: string, dims: readonly number[]): Weights => ({
  name,
  dims,
  values: between(-90, 90, dims).values.map(Math.round),
  type: DataType.INT8,
});
const scales = [scalar('s', 0.01), scalar('z', 0, DataType.INT8), scalar('ws', 0.004), scalar('ys', 0.02)];
const around = {
  before: node('QuantizeLinear', ['x', 's', 'z'], ['q']),
  after: node('DequantizeLinear', ['r', 'ys', 'z'], ['y']),
};

interface Quantised {
  readonly op: string;
  readonly x: Input;
  readonly weights: readonly [Weights, ...Weights[]];
  readonly inputs: readonly string[];
  readonly a?: Attributes;
  readonly plain: (x: string) => NodeProto;
}

const quantisedOps: readonly Quantised[] = [
  {
    op: 'QLinearConv',
    x: input([1, 2, 4, 4]),
    weights: [int8('w', [3, 2, 3, 3]), { ...int8('b', [3]), type: DataType.INT32 }],
    inputs: ['q', 's', 'z', 'w', 'ws', 'z', 'ys', 'z', 'b'],
    plain: (x: string) => node('Conv', [x, 'wr'], ['y']),
  },
  {
    op: 'QLinearMatMul',
    x: input([2, 4]),
    weights: [int8('w', [4, 3])],
    inputs: ['q', 's', 'z', 'w', 'ws', 'z', 'ys', 'z'],
    plain: (x: string) => node('MatMul', [x, 'wr'], ['y']),
  },
  {
    op: 'QGemm',
    x: input([2, 4]),
    weights: [int8('w', [3, 4]), { ...int8('b', [3]), type: DataType.INT32 }],
    inputs: ['q', 's', 'z', 'w', 'ws', 'z', 'b', 'ys', 'z'],
    a: { transB: 1 },
    plain: (x: string) => node('Gemm', [x, 'wr'], ['y'], { transB: 1 }),
  },
  {
    op: 'QLinearMul',
    x: input([2, 4]),
    weights: [int8('w', [2, 4])],
    inputs: ['q', 's', 'z', 'w', 'ws', 'z', 'ys', 'z'],
    plain: (x: string) => node('Mul', [x, 'wr'], ['y']),
  },
];

test.each(quantisedOps)(
  '$op: the stand-in is the gradient of the real operator',
  async ({ op, x, weights, inputs, plain, a: attributes = {} }: Quantised) => {
    const [w] = weights;
    const quantised = microsoft(
      buildModel({
        opset: 17,
        type,
        inputs: [x],
        weights: [...scales, ...weights],
        nodes: [around.before, node(op, inputs, ['r'], attributes), around.after],
        outputs: ['y'],
      }),
    );
    const exact = buildModel({
      opset: 17,
      type,
      inputs: [x],
      weights: [{ name: 'wr', dims: w.dims, values: w.values.map((v) => 0.004 * v) }],
      nodes: [plain('x')],
      outputs: ['y'],
    });
    const [a, b] = await Promise.all([gradientOf(quantised, x), gradientOf(exact, x)]);
    expect(a.surrogate).toMatch('straight through');
    expect(b.surrogate).toBeNull();
    a.values.forEach((v, i) => {
      expect(v).toBeCloseTo(b.values[i] as number, 5);
    });
  },
);

/** Multiples of the scale: quantising them changes nothing, so the slope by hand is exact. */
const whole = (dims: readonly number[]): Input => {
  const x = input(dims);
  return { ...x, values: x.values.map((v) => 0.01 * Math.round(100 * v)) };
};
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const upstream = (i: number): number => Math.sin(i);

interface ByHand {
  readonly op: string;
  readonly x: Input;
  readonly weights?: readonly Weights[];
  readonly inputs: readonly string[];
  readonly a?: Attributes;
  /** The real operator, and ∂(Σ sin(i) yᵢ)/∂xⱼ, both in float64. */
  readonly value: (x: readonly number[]) => readonly number[];
  readonly slope: (x: readonly number[], j: number) => number;
}

const one = ['q', 's', 'z', 'ys', 'z'];
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
/** 2 × 2 windows of a 3 × 3 image, one step apart: where each starts, and which places it has. */
const windows = [0, 1, 3, 4].map((start) => [start, start + 1, start + 3, start + 4]);
const addend = int8('w', [2, 4]);
const byHand: readonly ByHand[] = [
  {
    op: 'QLinearAdd',
    x: whole([2, 4]),
    weights: [addend],
    inputs: ['q', 's', 'z', 'w', 'ws', 'z', 'ys', 'z'],
    value: (x) => x.map((v, i) => v + 0.004 * (addend.values[i] as number)),
    slope: (_, j) => upstream(j),
  },
  {
    op: 'QLinearSigmoid',
    x: whole([2, 4]),
    inputs: one,
    value: (x) => x.map(sigmoid),
    slope: (x, j) => upstream(j) * sigmoid(x[j] as number) * (1 - sigmoid(x[j] as number)),
  },
  {
    op: 'QLinearLeakyRelu',
    x: whole([2, 4]),
    inputs: one,
    a: { alpha: float(0.25) },
    value: (x) => x.map((v) => (v < 0 ? 0.25 * v : v)),
    slope: (x, j) => upstream(j) * ((x[j] as number) < 0 ? 0.25 : 1),
  },
  {
    op: 'QLinearGlobalAveragePool',
    x: whole([1, 2, 3, 3]),
    inputs: one,
    a: { channels_last: 0 },
    value: (x) => [mean(x.slice(0, 9)), mean(x.slice(9))],
    slope: (_, j) => upstream(Math.floor(j / 9)) / 9,
  },
  {
    op: 'QLinearAveragePool',
    x: whole([1, 1, 3, 3]),
    inputs: one,
    a: { kernel_shape: [2, 2], strides: [1, 1] },
    value: (x) => windows.map((places) => mean(places.map((i) => x[i] as number))),
    slope: (_, j) => windows.reduce((sum, places, i) => sum + (places.includes(j) ? upstream(i) / 4 : 0), 0),
  },
];

test.each(byHand)('$op: value and slope are those worked out in float64', async (it) => {
  const { op, x, weights = [], inputs, a = {}, value, slope } = it;
  const model = microsoft(
    buildModel({
      opset: 17,
      type,
      inputs: [x],
      weights: [...scales, ...weights],
      nodes: [around.before, node(op, inputs, ['r'], a), around.after],
      outputs: ['y'],
    }),
  );
  const options = { inputDims: { x: x.dims }, runtime: onnxRuntime() };
  const [theirs, ours] = await Promise.all(
    [model, await inline(model, options)].map(async (bytes) => {
      const open = await onnxRuntime().open(bytes);
      const { y } = await open.run({ x: tensor(type, x.dims, x.values) }, ['y']).finally(() => open.close());
      return numbersOf(y as Tensor);
    }),
  );
  const exact = value(x.values);
  // Half a step of the result, which is 0.02.
  for (const [i, v] of exact.entries()) {
    expect(Math.abs((ours?.[i] as number) - v)).toBeLessThanOrEqual(0.0101);
    expect(Math.abs((theirs?.[i] as number) - v)).toBeLessThanOrEqual(0.0101);
  }
  const gradient = await gradientOf(model, x);
  expect(gradient.surrogate).toMatch('straight through');
  expect(gradient.values).toHaveLength(x.values.length);
  for (const [j, g] of gradient.values.entries()) expect(g).toBeCloseTo(slope(x.values, j), 5);
});

async function gradientOf(model: Uint8Array, x: Input) {
  const compiled = await compileGradient(
    model,
    { of: 'y', wrt: ['x'], inputDims: { x: x.dims } },
    onnxRuntime(),
  );
  const open = await onnxRuntime().open(compiled.bytes);
  const n = compiled.seed.dims.reduce((p, q) => p * q, 1);
  const seed = tensor(
    type,
    compiled.seed.dims,
    Array.from({ length: n }, (_, i) => Math.sin(i)),
  );
  const output = compiled.gradients.x as string;
  const found = await open
    .run({ x: tensor(type, x.dims, x.values), [compiled.seed.name]: seed }, [output])
    .finally(() => open.close());
  return { surrogate: compiled.surrogate, values: numbersOf(found[output] as Tensor) };
}

/** The same model with the domain of the fused operators imported, and its fused nodes in it. */
function microsoft(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  for (const n of model.graph?.node ?? []) if (!STANDARD.has(n.opType)) n.domain = 'com.microsoft';
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: 'com.microsoft', version: 1n }));
  return toBinary(ModelProtoSchema, model);
}
