import { type AttributeReader, readAttributes } from './attributes.ts';
import { DataType, type GraphProto, type NodeProto } from './onnx.ts';

/** The element type of every value of the graph. What an operator says nothing about has the type of its first input. */
export function inferTypes(graph: GraphProto): ReadonlyMap<string, DataType> {
  const types = new Map<string, DataType>();
  for (const { name, dataType } of graph.initializer) types.set(name, dataType);
  for (const { name, type } of graph.input) {
    if (type?.value.case === 'tensorType') types.set(name, type.value.value.elemType);
  }
  for (const node of graph.node) {
    const inputs = node.input.map((name) => types.get(name) ?? DataType.FLOAT);
    const rule = OUTPUT_TYPES[node.opType] ?? (() => [inputs[0] ?? DataType.FLOAT]);
    const found = rule(inputs, readAttributes(node), node);
    node.output.forEach((name, i) => {
      types.set(name, found[i] ?? found[0] ?? DataType.FLOAT);
    });
  }
  return types;
}

export const isFloat = (type: DataType): boolean => FLOATS.has(type);
const FLOATS = new Set<DataType>([DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16]);

type TypeRule = (
  inputs: readonly DataType[],
  a: AttributeReader,
  node: NodeProto,
) => readonly (DataType | undefined)[];

const { FLOAT, INT32, INT64, UINT8, BOOL } = DataType;
const always =
  (type: DataType): TypeRule =>
  () => [type];
const as =
  (input: number): TypeRule =>
  (inputs) => [inputs[input]];
const andThen =
  (type: DataType): TypeRule =>
  (inputs) => [inputs[0], type];
const attributeType =
  (name: string, otherwise: DataType): TypeRule =>
  (_, a) => [a.int(name, otherwise)];

const tensorAttribute: TypeRule = (_, __, node) => {
  const held = node.attribute.find((a) => a.name.startsWith('value'));
  if (held?.t) return [held.t.dataType];
  return [held?.name.startsWith('value_int') ? INT64 : FLOAT];
};

const OUTPUT_TYPES: Readonly<Record<string, TypeRule | undefined>> = {
  Cast: attributeType('to', FLOAT),
  CastLike: as(1),
  Constant: tensorAttribute,
  ConstantOfShape: tensorAttribute,
  RandomNormal: attributeType('dtype', FLOAT),
  RandomUniform: attributeType('dtype', FLOAT),
  EyeLike: (inputs, a) => [a.int('dtype', inputs[0] ?? FLOAT)],
  Where: as(1),
  OneHot: as(2),
  Dropout: andThen(BOOL),
  MaxPool: andThen(INT64),
  TopK: andThen(INT64),
  Unique: andThen(INT64),
  QuantizeLinear: (inputs, a) => [inputs[2] ?? (a.int('output_dtype', 0) || UINT8)],
  DequantizeLinear: as(1),
  DynamicQuantizeLinear: () => [UINT8, FLOAT, UINT8],
  QLinearConv: as(7),
  QLinearMatMul: as(7),
  MatMulInteger: always(INT32),
  ConvInteger: always(INT32),
  ...Object.fromEntries(
    ['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero', 'NonMaxSuppression'].map((op) => [op, always(INT64)]),
  ),
  ...Object.fromEntries(
    [
      'Equal',
      'Greater',
      'GreaterOrEqual',
      'Less',
      'LessOrEqual',
      'And',
      'Or',
      'Xor',
      'Not',
      'IsNaN',
      'IsInf',
    ].map((op) => [op, always(BOOL)]),
  ),
};
