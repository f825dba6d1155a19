import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  type NodeProto,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from 'onnx-buf';
import type { InferenceSession } from 'onnxruntime-node';
import { compileGradient } from '../../../server/explain/graph/compile.ts';
import { DataType, valueInfo } from '../../../server/explain/graph/onnx.ts';
import { encodeHalf, numbersOf, type Tensor } from '../../../server/explain/graph/runtime.ts';
import { between } from '../../../server/explain/vjp/samples.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { buildModel, checkGradient, type Input, node, tensor } from '../vjp/gradient-check.ts';

const type = DataType.DOUBLE;
const named = (name: string, low: number, high: number, dims: readonly number[]): Input => ({
  ...between(low, high, dims),
  name,
});
const x = named('x', -1, 1, [2, 3]);

/** y = sum of relu(x w)², h = x w inside. */
const perceptron = (): Uint8Array =>
  buildModel({
    opset: 17,
    type,
    inputs: [x],
    weights: [named('w', -1, 1, [3, 4])],
    nodes: [
      node('MatMul', ['x', 'w'], ['h']),
      node('Relu', ['h'], ['r']),
      node('ReduceSumSquare', ['r'], ['y'], { keepdims: 0 }),
    ],
    outputs: ['y'],
  });

const inputDims = { x: [2, 3] };

test('taps: the value inside and its gradient, 2 relu(h) by hand', async () => {
  const compiled = await compileGradient(perceptron(), { of: 'y', wrt: ['h'], inputDims }, onnxRuntime());
  expect(compiled.gradients).toEqual({ h: 'pellucid/gradient/h' });
  expect(compiled.dims).toEqual({ y: [], h: [2, 4] });
  const found = await run(
    compiled.bytes,
    { x: tensor(type, [2, 3], x.values), [compiled.seed.name]: tensor(type, [], [1]) },
    ['h', 'pellucid/gradient/h'],
  );
  const h = numbersOf(found.h as Tensor);
  expect(numbersOf(found['pellucid/gradient/h'] as Tensor)).toEqual(h.map((v) => 2 * Math.max(0, v)));
});

test('only what is asked for is emitted: a tap at the end needs fewer nodes than the input', async () => {
  const nodesFor = async (wrt: readonly string[]) => {
    const { bytes } = await compileGradient(perceptron(), { of: 'y', wrt, inputDims }, onnxRuntime());
    return fromBinary(ModelProtoSchema, bytes).graph?.node.map((n) => n.opType) ?? [];
  };
  expect(await nodesFor(['h'])).not.toContain('Transpose');
  expect(await nodesFor(['x'])).toContain('Transpose');
  expect((await nodesFor(['x', 'h'])).filter((op) => op === 'MatMul')).toHaveLength(2);
});

test('the seed chooses the target: a row of the Jacobian', async () => {
  const compiled = await compileGradient(perceptron(), { of: 'h', wrt: ['x'], inputDims }, onnxRuntime());
  const seed = Array.from({ length: 8 }, (_, i) => (i === 5 ? 1 : 0));
  const found = await run(
    compiled.bytes,
    { x: tensor(type, [2, 3], x.values), [compiled.seed.name]: tensor(type, [2, 4], seed) },
    ['pellucid/gradient/x'],
  );
  const w = named('w', -1, 1, [3, 4]).values;
  expect(numbersOf(found['pellucid/gradient/x'] as Tensor)).toEqual([0, 0, 0, w[1], w[5], w[9]]);
});

test('an operator without a rule beside the path does not matter', async () => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [named('x', -1, 1, [3, 3])],
    nodes: [node('ReduceProd', ['x'], ['d']), node('Tanh', ['x'], ['y'])],
    outputs: ['y', 'd'],
  });
  const request = { of: 'y', wrt: ['x'], inputDims: { x: [3, 3] } };
  await expect(compileGradient(model, request, onnxRuntime())).resolves.toMatchObject({ surrogate: null });
});

test('an operator without a rule is VJP_MISSING with its name, its node and the op set', async () => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [named('x', -1, 1, [3, 3])],
    nodes: [node('Det', ['x'], ['y'])],
    outputs: ['y'],
  });
  await expect(
    compileGradient(model, { of: 'y', wrt: ['x'], inputDims: { x: [3, 3] } }, onnxRuntime()),
  ).rejects.toThrow('VJP_MISSING: Det (node Det of the test, y), op set 17');
});

test('an operator of another domain is VJP_MISSING, and the message says to export without optimisation', async () => {
  const attention = node('MultiHeadAttention', ['x'], ['y']);
  attention.domain = 'com.microsoft';
  const model = buildModel({
    opset: 17,
    type: DataType.FLOAT,
    inputs: [x],
    nodes: [attention],
    outputs: ['y'],
  });
  await expect(compileGradient(model, { of: 'y', wrt: ['x'], inputDims }, onnxRuntime())).rejects.toThrow(
    /com\.microsoft\.MultiHeadAttention.*without graph optimisation/,
  );
});

test('weights that depend on the data are refused, not taken as constant', async () => {
  const model = buildModel({
    opset: 17,
    type: DataType.FLOAT,
    inputs: [named('x', -1, 1, [1, 1, 3, 3])],
    nodes: [node('Conv', ['x', 'x'], ['y'])],
    outputs: ['y'],
  });
  await expect(
    compileGradient(model, { of: 'y', wrt: ['x'], inputDims: { x: [1, 1, 3, 3] } }, onnxRuntime()),
  ).rejects.toThrow('input 1 depends on the data');
});

test.each([
  ['unknown output', { of: 'z', wrt: ['x'] }, 'the model has no value z'],
  ['unknown layer', { of: 'y', wrt: ['layer4'] }, 'the model has no value layer4'],
  ['layer that is not on the way', { of: 'h', wrt: ['r'] }, 'h does not depend on r'],
])('%s: MODEL_INPUT_MISMATCH', async (_, request, message) => {
  await expect(compileGradient(perceptron(), { ...request, inputDims }, onnxRuntime())).rejects.toThrow(
    message,
  );
});

test.each([
  ['noise', Uint8Array.from({ length: 100 }, (_, i) => i)],
  ['nothing', new Uint8Array()],
  ['a model that is cut off', perceptron().subarray(0, 90)],
])('%s is MODEL_FILE_INVALID', async (_, bytes) => {
  await expect(compileGradient(bytes, { of: 'y', wrt: ['x'], inputDims }, onnxRuntime())).rejects.toThrow(
    'MODEL_FILE_INVALID',
  );
});

test('a model with open dims is compiled for the dims that are given, and for none without', async () => {
  const model = fromBinary(ModelProtoSchema, perceptron());
  if (model.graph) model.graph.input = [valueInfo('x', type)];
  const open = toBinary(ModelProtoSchema, model);
  for (const rows of [1, 5]) {
    const request = { of: 'h', wrt: ['x'], inputDims: { x: [rows, 3] } };
    const { seed } = await compileGradient(open, request, onnxRuntime());
    expect(seed.dims).toEqual([rows, 4]);
  }
  await expect(compileGradient(open, { of: 'h', wrt: ['x'], inputDims: {} }, onnxRuntime())).rejects.toThrow(
    'the dims of input x are open',
  );
});

test('an input of size zero is MODEL_INPUT_MISMATCH', async () => {
  await expect(
    compileGradient(perceptron(), { of: 'y', wrt: ['x'], inputDims: { x: [0, 3] } }, onnxRuntime()),
  ).rejects.toThrow('input x cannot be of 0 × 3');
});

test('a tap on a join that another join begins with counts only its own use', async () => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [x],
    nodes: [
      node('Sin', ['x'], ['s']),
      node('Concat', ['x', 's'], ['p'], { axis: 1 }),
      node('Cos', ['p'], ['c']),
      node('Concat', ['x', 's', 'c'], ['q'], { axis: 1 }),
      node('ReduceSumSquare', ['q'], ['y'], { keepdims: 0 }),
    ],
    outputs: ['y'],
  });
  const compiled = await compileGradient(model, { of: 'y', wrt: ['p'], inputDims }, onnxRuntime());
  const feeds = { x: tensor(type, [2, 3], x.values), [compiled.seed.name]: tensor(type, [], [1]) };
  const found = await run(compiled.bytes, feeds, ['p', 'pellucid/gradient/p']);
  const p = numbersOf(found.p as Tensor);
  numbersOf(found['pellucid/gradient/p'] as Tensor).forEach((v, i) => {
    expect(v).toBeCloseTo(-Math.sin(2 * (p[i] as number)), 12);
  });
  const [check] = await checkGradient(model, { inputs: [x], of: 'y', type });
  expect(check?.compiled).toBeCloseTo(check?.measured as number, 7);
});

test('a slice that starts where the data say is refused, not frozen', async () => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [x],
    weights: [
      { name: 'end', dims: [1], values: [99], type: DataType.INT64 },
      { name: 'first', dims: [1], values: [0], type: DataType.INT64 },
    ],
    nodes: [
      node('ReduceMax', ['x'], ['m'], { keepdims: 0 }),
      node('Unsqueeze', ['m', 'first'], ['m1']),
      node('Cast', ['m1'], ['start'], { to: DataType.INT64 }),
      node('Slice', ['x', 'start', 'end'], ['y']),
    ],
    outputs: ['y'],
  });
  await expect(compileGradient(model, { of: 'y', wrt: ['x'], inputDims }, onnxRuntime())).rejects.toThrow(
    'Slice (node Slice of the test, y), op set 17: input 1 depends on the data',
  );
});

test('integers that stand for real numbers may be moved, not computed with', async () => {
  const quantised = (moved: ReturnType<typeof node>) =>
    buildModel({
      opset: 17,
      type: DataType.FLOAT,
      inputs: [x],
      weights: [
        { name: 's', dims: [], values: [0.01] },
        { name: 'z', dims: [], values: [0], type: DataType.INT8 },
      ],
      nodes: [
        node('QuantizeLinear', ['x', 's', 'z'], ['q']),
        moved,
        node('DequantizeLinear', ['r', 's', 'z'], ['y']),
      ],
      outputs: ['y'],
    });
  const request = { of: 'y', wrt: ['x'], inputDims };
  await expect(
    compileGradient(quantised(node('Transpose', ['q'], ['r'])), request, onnxRuntime()),
  ).resolves.toMatchObject({
    surrogate: 'rounding is passed straight through',
  });
  await expect(
    compileGradient(quantised(node('Max', ['q', 'z'], ['r'])), request, onnxRuntime()),
  ).rejects.toThrow('it computes with quantised values');
});

test('a tie of Max is shared: the larger of x and x is x', async () => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [x],
    nodes: [node('Max', ['x', 'x'], ['y'])],
    outputs: ['y'],
  });
  const [check] = await checkGradient(model, { inputs: [x], of: 'y', type });
  expect(check?.compiled).toBeCloseTo(check?.measured as number, 7);
});

test.each(['ReduceMax', 'GlobalMaxPool', 'Max'])('ties of %s share the gradient equally', async (op) => {
  const tied = { name: 'x', dims: [1, 1, 4], values: [2, 1, 2, -1] };
  const by: Record<string, NodeProto> = {
    ReduceMax: node('ReduceMax', ['x'], ['y']),
    GlobalMaxPool: node('GlobalMaxPool', ['x'], ['y']),
    Max: node('Max', ['x', 'two'], ['y']),
  };
  const model = buildModel({
    opset: 17,
    type: DataType.FLOAT,
    inputs: [tied],
    weights: [{ name: 'two', dims: [1], values: [2] }],
    nodes: [by[op] as NodeProto],
    outputs: ['y'],
  });
  const compiled = await compileGradient(
    model,
    { of: 'y', wrt: ['x'], inputDims: { x: tied.dims } },
    onnxRuntime(),
  );
  const ones = compiled.seed.dims.reduce((a, b) => a * b, 1);
  const feeds = {
    x: tensor(DataType.FLOAT, tied.dims, tied.values),
    [compiled.seed.name]: tensor(DataType.FLOAT, compiled.seed.dims, Array<number>(ones).fill(1)),
  };
  const found = await run(compiled.bytes, feeds, ['pellucid/gradient/x']);
  expect(numbersOf(found['pellucid/gradient/x'] as Tensor)).toEqual([0.5, 0, 0.5, 0]);
});

test('integers between floats stop the gradient, as rounding does', async () => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [x],
    nodes: [node('Floor', ['x'], ['f']), node('Mul', ['x', 'f'], ['y'])],
    outputs: ['y'],
  });
  const [check] = await checkGradient(model, { inputs: [x], of: 'y', type });
  expect(check?.compiled).toBeCloseTo(check?.measured as number, 7);
});

test('a float16 model gives its gradients as float32', async () => {
  const model = buildModel({
    opset: 17,
    type: DataType.FLOAT16,
    inputs: [x],
    weights: [named('w', -1, 1, [3, 4])],
    nodes: [node('MatMul', ['x', 'w'], ['h']), node('Sigmoid', ['h'], ['s']), node('Mul', ['s', 'h'], ['y'])],
    outputs: ['y'],
  });
  const half = (dims: readonly number[], values: readonly number[]): Tensor => ({
    type: 'float16',
    dims,
    data: Uint16Array.from(values, encodeHalf),
  });
  const ones = Array.from({ length: 8 }, () => 1);
  const compiled = await compileGradient(model, { of: 'y', wrt: ['x'], inputDims }, onnxRuntime());
  expect(compiled.seed.type).toBe('float32');
  const found = await run(
    compiled.bytes,
    { x: half([2, 3], x.values), [compiled.seed.name]: tensor(DataType.FLOAT, [2, 4], ones) },
    ['pellucid/gradient/x'],
  );
  const w = named('w', -1, 1, [3, 4]).values;
  const expected = x.values.map((_, at) => {
    const [row, column] = [Math.floor(at / 3), at % 3];
    return [0, 1, 2, 3].reduce((sum, k) => {
      const h = [0, 1, 2].reduce(
        (s, j) => s + (x.values[row * 3 + j] as number) * (w[j * 4 + k] as number),
        0,
      );
      const s = 1 / (1 + Math.exp(-h));
      return sum + (s + h * s * (1 - s)) * (w[column * 4 + k] as number);
    }, 0);
  });
  numbersOf(found['pellucid/gradient/x'] as Tensor).forEach((v, i) => {
    expect(Math.abs(v - (expected[i] as number))).toBeLessThan(5e-3);
  });
});

test('weights in a file beside the model stay there: the runtime brings them', async () => {
  const model = fromBinary(ModelProtoSchema, perceptron());
  const w = model.graph?.initializer[0];
  if (!w) throw new Error('no weight');
  const data = w.rawData;
  w.rawData = new Uint8Array();
  w.dataLocation = TensorProto_DataLocation.EXTERNAL;
  w.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: 'w.bin' })];
  const runtime = onnxRuntime({
    externalData: [{ path: 'w.bin', data }],
  } satisfies InferenceSession.SessionOptions);
  const compiled = await compileGradient(
    toBinary(ModelProtoSchema, model),
    { of: 'y', wrt: ['x'], inputDims },
    runtime,
  );
  const plain = await compileGradient(perceptron(), { of: 'y', wrt: ['x'], inputDims }, onnxRuntime());
  const feeds = { x: tensor(type, [2, 3], x.values), [compiled.seed.name]: tensor(type, [], [1]) };
  const output = ['pellucid/gradient/x'];
  expect(await run(compiled.bytes, feeds, output, runtime)).toEqual(await run(plain.bytes, feeds, output));
});

async function run(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  fetches: readonly string[],
  runtime = onnxRuntime(),
): Promise<Readonly<Record<string, Tensor>>> {
  const open = await runtime.open(bytes);
  return open.run(feeds, fetches).finally(() => open.close());
}
