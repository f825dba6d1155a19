import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { asFault, Fault } from '../../shared/fault.ts';
import { encodeHalf } from './runtime.ts';

export {
  DataType,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  type ValueInfoProto,
};

/** A protobuf message ends at 2 GiB; larger models keep their weights in files beside. */
export const LARGEST = 2 ** 31 - 1;

/** Many times the largest networks; the runtime takes minutes for more. */
const MOST_NODES = 10_000;

/** Throws MODEL_FILE_INVALID for bytes that are no ONNX model, and for graphs that contradict themselves. */
export function parseModel(bytes: Uint8Array): ModelProto & { graph: GraphProto } {
  if (bytes.length > LARGEST) invalid('the ONNX file is over 2 GiB; store its weights in a file beside it');
  const model = decode(bytes);
  if (!model.graph?.node.length) invalid('the ONNX file holds no graph');
  checkNames(model.graph);
  checkSize(model.graph.node);
  return { ...model, graph: model.graph };
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    return invalid(`the file is no ONNX model: ${asFault(cause).detail}`, { cause });
  }
}

/** Throws MODEL_FILE_INVALID for more nodes than are compiled. */
export function checkSize(nodes: readonly NodeProto[]): void {
  if (nodes.length > MOST_NODES)
    invalid(`the model has ${nodes.length} operators, at most ${MOST_NODES} are handled`);
}

/** What the runtime would not say, or not clearly. */
function checkNames({ node, input, output, initializer }: GraphProto): void {
  const weights = new Set<string>();
  for (const { name } of initializer) {
    if (weights.has(name)) invalid(`two weights have the name ${name}`);
    weights.add(name);
  }
  const known = new Set([...weights, ...input.map((i) => i.name), ...node.flatMap((n) => n.output)]);
  const missing = output.find(({ name }) => !known.has(name));
  if (missing) invalid(`the model declares the output ${missing.name}, which nothing in it makes`);
}

function invalid(detail: string, options?: ErrorOptions): never {
  throw new Fault('MODEL_FILE_INVALID', detail, options);
}

export const writeModel = (model: ModelProto): Uint8Array => toBinary(ModelProtoSchema, model);

/** The operator set that the model was written for. */
export const opsetOf = (model: ModelProto): number =>
  Number(model.opsetImport.find(({ domain }) => isOnnx(domain))?.version ?? 1n);

/** The standard domain has two spellings. */
export const isOnnx = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

export interface Appendix {
  readonly node?: readonly NodeProto[];
  readonly initializer?: readonly TensorProto[];
  readonly input?: readonly ValueInfoProto[];
  readonly output?: readonly ValueInfoProto[];
}

/**
 * The model with more in its graph. Protobuf merges messages that follow each other, so the model's own bytes stay as they
 * are and its weights are never read.
 */
export function append(
  model: Uint8Array,
  { node = [], initializer = [], input = [], output = [] }: Appendix,
): Uint8Array {
  const graph = create(GraphProtoSchema, {
    node: [...node],
    initializer: [...initializer],
    input: [...input],
    output: [...output],
  });
  const more = toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph }));
  const bytes = new Uint8Array(model.length + more.length);
  bytes.set(model);
  bytes.set(more, model.length);
  return bytes;
}

/** A whole number is an INT: write `float(1)` where the operator wants a FLOAT. */
export type Attribute = number | string | readonly number[] | Float | TensorProto;
export type Attributes = Readonly<Record<string, Attribute | undefined>>;
interface Float {
  readonly float: number;
}
export const float = (value: number): Float => ({ float: value });

export interface NodeSpec {
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Attributes;
  readonly docString?: string;
}

export const makeNode = (
  opType: string,
  input: readonly string[],
  { output, attributes = {}, ...rest }: NodeSpec & { readonly output: readonly string[] },
): NodeProto =>
  create(NodeProtoSchema, {
    opType,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [makeAttribute(name, value)],
    ),
    ...rest,
  });

function makeAttribute(name: string, value: Attribute): AttributeProto {
  const make = (type: AttributeType, held: MessageInitShape<typeof AttributeProtoSchema>) =>
    create(AttributeProtoSchema, { name, type, ...held });
  if (typeof value === 'string') return make(AttributeType.STRING, { s: new TextEncoder().encode(value) });
  if (typeof value === 'number') return make(AttributeType.INT, { i: BigInt(value) });
  if ('float' in value) return make(AttributeType.FLOAT, { f: value.float });
  if ('dataType' in value) return make(AttributeType.TENSOR, { t: value });
  return make(AttributeType.INTS, { ints: value.map(BigInt) });
}

export const makeTensor = (
  name: string,
  type: DataType,
  { dims, values }: { readonly dims: readonly number[]; readonly values: readonly number[] },
): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dataType: type,
    dims: dims.map(BigInt),
    rawData: rawBytes(type, values),
  });

function rawBytes(type: DataType, values: readonly number[]): Uint8Array<ArrayBuffer> {
  switch (type) {
    case DataType.FLOAT:
      return new Uint8Array(Float32Array.from(values).buffer);
    case DataType.DOUBLE:
      return new Uint8Array(Float64Array.from(values).buffer);
    case DataType.FLOAT16:
      return new Uint8Array(Uint16Array.from(values, encodeHalf).buffer);
    case DataType.BFLOAT16:
      return new Uint8Array(
        Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (bits) => (bits + 0x8000) >>> 16)
          .buffer,
      );
    case DataType.INT64:
      return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    case DataType.INT32:
      return new Uint8Array(Int32Array.from(values).buffer);
    case DataType.INT8:
      return new Uint8Array(Int8Array.from(values).buffer);
    case DataType.UINT8:
    case DataType.BOOL:
      return Uint8Array.from(values);
    default:
      throw new Fault('INTERNAL', `constants of ONNX type ${DataType[type]} are not written`);
  }
}

/** Without dims, the rank is left open too; a dim that is a name is open. */
export const valueInfo = (
  name: string,
  type: DataType,
  dims?: readonly (number | string)[],
): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: 'tensorType',
        value: create(TypeProto_TensorSchema, { elemType: type, ...(dims ? { shape: shapeOf(dims) } : {}) }),
      },
    }),
  });

const shapeOf = (dims: readonly (number | string)[]) =>
  create(TensorShapeProtoSchema, {
    dim: dims.map((d) =>
      create(TensorShapeProto_DimensionSchema, {
        value:
          typeof d === 'string' ? { case: 'dimParam', value: d } : { case: 'dimValue', value: BigInt(d) },
      }),
    ),
  });
