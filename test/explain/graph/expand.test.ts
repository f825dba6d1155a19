import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, OperatorSetIdProtoSchema } from 'onnx-buf';
import { compileGradient } from '../../../server/explain/graph/compile.ts';
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
  readonly weights?: readonly Weights[];
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
];

test.each(fused)('$op is differentiated as what it fused', async ({ op, x, weights = [], a }) => {
  const names = ['x', ...weights.map((w) => w.name)];
  const model = microsoft(
    buildModel({ opset: 17, type, inputs: [x], weights, nodes: [node(op, names, ['y'], a)], outputs: ['y'] }),
  );
  const [check] = await checkGradient(model, { inputs: [x], of: 'y', type });
  expect(check?.compiled).toBeCloseTo(check?.measured as number, 3);
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
