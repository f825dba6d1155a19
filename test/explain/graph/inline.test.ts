import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  OperatorSetIdProtoSchema,
} from 'onnx-buf';
import { DataType, valueInfo } from '../../../server/explain/graph/onnx.ts';
import { buildModel, checkGradient, node } from '../vjp/gradient-check.ts';

const x = { name: 'x', dims: [2, 3], values: [0.3, -0.7, 1.1, 0.5, -1.2, 0.9] };
const type = DataType.DOUBLE;
const scalarBool = (name: string, value: number) => ({
  name,
  dims: [],
  values: [value],
  type: DataType.BOOL,
});

/** `If` with a branch each; both compute from the outer value x under the same inner names. */
function choice(
  condition: string,
  [then, otherwise]: readonly [readonly NodeProto[], readonly NodeProto[]],
): NodeProto {
  const chosen = node('If', [condition], ['y']);
  const branch = (name: string, nodes: readonly NodeProto[]) =>
    create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.GRAPH,
      g: create(GraphProtoSchema, { name, node: [...nodes], output: [valueInfo('result', type)] }),
    });
  chosen.attribute = [branch('then_branch', then), branch('else_branch', otherwise)];
  return chosen;
}

const branches = [
  [node('Mul', ['x', 'x'], ['inner']), node('Exp', ['inner'], ['result'])],
  [node('Sin', ['x'], ['result'])],
] as const;

test.each([0, 1])('If with the constant %d: the branch taken is differentiated', async (value) => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [x],
    weights: [scalarBool('condition', value)],
    nodes: [choice('condition', branches)],
    outputs: ['y'],
  });
  for (const { measured, compiled } of await checkGradient(model, { inputs: [x], of: 'y', type }))
    expect(compiled).toBeCloseTo(measured, 7);
});

test('If whose condition follows from a shape is decided by the shape', async () => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [x],
    weights: [{ name: 'two', dims: [1], values: [2], type: DataType.INT64 }],
    nodes: [
      node('Shape', ['x'], ['shape'], { end: 1 }),
      node('Equal', ['shape', 'two'], ['condition']),
      choice('condition', branches),
    ],
    outputs: ['y'],
  });
  for (const { measured, compiled } of await checkGradient(model, { inputs: [x], of: 'y', type }))
    expect(compiled).toBeCloseTo(measured, 7);
});

test('If on the data is refused', async () => {
  const model = buildModel({
    opset: 17,
    type,
    inputs: [x],
    weights: [{ name: 'zero', dims: [], values: [0] }],
    nodes: [
      node('ReduceSum', ['x'], ['sum'], { keepdims: 0 }),
      node('Greater', ['sum', 'zero'], ['condition']),
      choice('condition', branches),
    ],
    outputs: ['y'],
  });
  await expect(checkGradient(model, { inputs: [x], of: 'y', type })).rejects.toThrow(
    /does not depend on|VJP_MISSING: If/,
  );
});

test('local functions are written out, with their attributes and in each other', async () => {
  const bytes = buildModel({
    opset: 17,
    type,
    inputs: [x],
    nodes: [node('Twice', ['x'], ['once'], { axis: 1 }), node('Twice', ['once'], ['y'], { axis: 0 })],
    outputs: ['y'],
  });
  const model = fromBinary(ModelProtoSchema, bytes);
  for (const n of model.graph?.node ?? []) n.domain = 'local';
  const imports = [
    create(OperatorSetIdProtoSchema, { domain: '', version: 17n }),
    create(OperatorSetIdProtoSchema, { domain: 'local', version: 1n }),
  ];
  model.opsetImport = imports;
  const softmax = node('Softmax', ['a'], ['b']);
  softmax.attribute = [
    create(AttributeProtoSchema, {
      name: 'axis',
      refAttrName: 'axis',
      type: AttributeProto_AttributeType.INT,
    }),
  ];
  const inner = node('Square', ['b'], ['c']);
  inner.domain = 'local';
  model.functions = [
    create(FunctionProtoSchema, {
      domain: 'local',
      name: 'Twice',
      input: ['a'],
      output: ['c'],
      attribute: ['axis'],
      opsetImport: imports,
      node: [softmax, inner],
    }),
    create(FunctionProtoSchema, {
      domain: 'local',
      name: 'Square',
      input: ['a'],
      output: ['b'],
      opsetImport: imports,
      node: [node('Mul', ['a', 'a'], ['b'])],
    }),
  ];
  const checks = await checkGradient(toBinary(ModelProtoSchema, model), { inputs: [x], of: 'y', type });
  for (const { measured, compiled } of checks) expect(compiled).toBeCloseTo(measured, 7);
});
