import { type AttributeProto, AttributeProto_AttributeType as AttributeType } from 'onnx-buf';
import { type AttributeReader, readAttributes } from './attributes.ts';
import {
  type Attribute,
  type Attributes,
  DataType,
  float,
  type GraphProto,
  makeNode,
  makeTensor,
  type NodeProto,
} from './onnx.ts';
import { inferTypes } from './types.ts';

/** Writes one fused operator as standard ones. */
interface Draft {
  readonly node: NodeProto;
  readonly a: AttributeReader;
  readonly opset: number;
  /** A node; its result has a name of its own unless `output` is said. */
  op(opType: string, inputs: readonly string[], attributes?: Attributes, output?: string): string;
  /** A number of the type of the node's first input. */
  number(value: number): string;
  /** Whole numbers: a list, or one number alone. */
  ints(values: number | readonly number[]): string;
  /** The element type of the node's first input. */
  readonly type: DataType;
}

type Expansion = (d: Draft) => void;

/**
 * Operators that optimised exports bring in, written out as what they fused. Quantised ones become dequantise, compute, quantise:
 * the runtime fuses them again when it loads the model. True when there was one.
 */
export function expandFused({
  graph,
  opset,
}: {
  readonly graph: GraphProto;
  readonly opset: number;
}): boolean {
  if (!graph.node.some((node) => expansionOf(node))) return false;
  const types = inferTypes(graph);
  graph.node = graph.node.flatMap((node) => {
    const expand = expansionOf(node);
    if (!expand) return [node];
    const nodes: NodeProto[] = [];
    const fresh = (what: string) => `${node.output[0]}/${what}${nodes.length}`;
    const type = types.get(node.input[0] ?? '') ?? DataType.FLOAT;
    const constant = (of: DataType, dims: readonly number[], values: readonly number[]): string => {
      const name = fresh(`number${graph.initializer.length}`);
      graph.initializer.push(makeTensor(name, of, { dims, values }));
      return name;
    };
    expand({
      node,
      a: readAttributes(node),
      opset,
      op: (opType, inputs, attributes = {}, output = fresh(opType)) => {
        nodes.push(makeNode(opType, inputs, { name: output, output: [output], attributes }));
        return output;
      },
      type,
      number: (value) => constant(type, [], [value]),
      ints: (values) =>
        typeof values === 'number'
          ? constant(DataType.INT64, [], [values])
          : constant(DataType.INT64, [values.length], values),
    });
    return nodes;
  });
  return true;
}

/** Those with an option or an input that is not written out are left, and so refused. */
const expansionOf = ({ domain, opType, attribute, input, output }: NodeProto): Expansion | undefined => {
  const ours = domain === 'com.microsoft' || opType.startsWith('QLinear');
  const option = attribute.some(({ name, i, ints }) => OPTIONS.has(name) && (i !== 0n || ints.length > 0));
  const more = opType === 'Attention' && (output.length > 1 || input.some((x, i) => x && NOT_WRITTEN.has(i)));
  return ours && !option && !more ? EXPANSIONS[opType] : undefined;
};

const OPTIONS: ReadonlySet<string> = new Set([
  'channels_last',
  'transBatchA',
  'transBatchB',
  'unidirectional',
  'do_rotary',
  'qkv_hidden_sizes',
]);
/** Inputs of Attention: a mask by lengths, and the keys and values of a call before. */
const NOT_WRITTEN: ReadonlySet<number> = new Set([3, 4, 6]);

const kept = ({ node }: Draft, names: readonly string[]): Attributes =>
  Object.fromEntries(node.attribute.filter((a) => names.includes(a.name)).map((a) => [a.name, held(a)]));

function held({ type, f, i, s, ints }: AttributeProto): Attribute {
  if (type === AttributeType.FLOAT) return float(f);
  if (type === AttributeType.INTS) return ints.map(Number);
  return type === AttributeType.STRING ? new TextDecoder().decode(s) : Number(i);
}

const CONV = ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'];

/** The fused activation, or nothing. */
function activate({ node, a, op }: Draft, x: string): void {
  const kind = a.text('activation', '') || 'Identity';
  const [p = 0, q = 0] = a.floats('activation_params', []);
  const parameters: Readonly<Record<string, Attributes | undefined>> = {
    LeakyRelu: { alpha: float(p || a.float('activation_alpha', 0.01)) },
    HardSigmoid: { alpha: float(p), beta: float(q) },
  };
  op(kind, [x], parameters[kind] ?? {}, node.output[0]);
}

/** x/2 (1 + erf(x/√2)) */
function gelu({ node, op, number }: Draft, x: string): void {
  const erf = op('Erf', [op('Mul', [x, number(Math.SQRT1_2)])]);
  op('Mul', [op('Mul', [x, number(0.5)]), op('Add', [erf, number(1)])], {}, node.output[0]);
}

/**
 * Self-attention of BERT: x W + b is cut into queries, keys and values by head; softmax(s Q Kᵀ + bias) V, the heads side by side.
 * s is 1 / √(size of a head) unless said.
 */
function attention({ node, a, op, number, ints, type }: Draft): void {
  const [x = '', w = '', b = '', , , bias = ''] = node.input;
  const all = op('MatMul', [x, w]);
  const heads = op('Reshape', [b ? op('Add', [all, b]) : all, ints([0, 0, 3, a.int('num_heads', 1), -1])]);
  const apart = op('Transpose', [heads], { perm: [2, 0, 3, 1, 4] });
  const [q = '', k = '', v = ''] = [0, 1, 2].map((i) => op('Gather', [apart, ints(i)], { axis: 0 }));
  const product = op('MatMul', [q, op('Transpose', [k], { perm: [0, 1, 3, 2] })]);
  const size = op('Cast', [op('Gather', [op('Shape', [q]), ints(3)])], { to: type });
  const given = a.float('scale', 0);
  const scaled = given ? op('Mul', [product, number(given)]) : op('Div', [product, op('Sqrt', [size])]);
  const shares = op('Softmax', [bias ? op('Add', [scaled, bias]) : scaled], { axis: 3 });
  const seen = op('Transpose', [op('MatMul', [shares, v])], { perm: [0, 2, 1, 3] });
  op('Reshape', [seen, ints([0, 0, -1])], {}, node.output[0]);
}

/** Three inputs from `at`: tensor, scale, zero point. */
const real = ({ node, op, opset }: Draft, at: number, axis?: number): string =>
  op('DequantizeLinear', node.input.slice(at, at + 3), { axis: opset >= 13 ? axis : undefined });

/** A bias of 32 bits: its scale is the product of two; before op set 13 one for all. */
const integer = ({ op, opset }: Draft, bias: string, scales: readonly string[]): string =>
  op('DequantizeLinear', [bias, op('Mul', scales)], { axis: opset >= 13 ? 0 : undefined });

/** Scale and zero point of the result from `at`. */
const quantise = ({ node, op }: Draft, x: string, at: number): string =>
  op('QuantizeLinear', [x, ...node.input.slice(at, at + 2)], {}, node.output[0]);

const quantisedPair =
  (opType: string): Expansion =>
  (d) => {
    quantise(d, d.op(opType, [real(d, 0), real(d, 3)]), 6);
  };

const quantisedOne =
  (opType: string, attributes: readonly string[] = []): Expansion =>
  (d) => {
    quantise(d, d.op(opType, [real(d, 0)], kept(d, attributes)), 3);
  };

const EXPANSIONS: Readonly<Record<string, Expansion | undefined>> = {
  FusedConv: (d) => {
    const [x = '', w = '', bias = '', sum = ''] = d.node.input;
    const y = d.op('Conv', bias ? [x, w, bias] : [x, w], kept(d, CONV));
    activate(d, sum ? d.op('Add', [y, sum]) : y);
  },
  /** α A′ B′, where ′ swaps the last two axes if asked. */
  FusedMatMul: (d) => {
    const { node, a, op, number } = d;
    const side = (i: number, turned: string) =>
      a.int(turned, 0)
        ? op('Einsum', [node.input[i] ?? ''], { equation: '...ij->...ji' })
        : (node.input[i] ?? '');
    const y = op('MatMul', [side(0, 'transA'), side(1, 'transB')]);
    op('Mul', [y, number(a.float('alpha', 1))], {}, node.output[0]);
  },
  Attention: attention,
  FusedGemm: (d) => activate(d, d.op('Gemm', d.node.input, kept(d, ['alpha', 'beta', 'transA', 'transB']))),
  Gelu: (d) => gelu(d, d.node.input[0] ?? ''),
  BiasGelu: (d) => gelu(d, d.op('Add', d.node.input)),
  /** x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))) */
  FastGelu: (d) => {
    const { node, op, number } = d;
    const x = node.input[1] ? op('Add', node.input) : (node.input[0] ?? '');
    const inner = op('Add', [op('Mul', [op('Mul', [x, x]), number(0.044715)]), number(1)]);
    const t = op('Tanh', [op('Mul', [op('Mul', [x, inner]), number(Math.sqrt(2 / Math.PI))])]);
    op('Mul', [op('Mul', [x, number(0.5)]), op('Add', [t, number(1)])], {}, node.output[0]);
  },
  QuickGelu: ({ node, a, op, number }) => {
    const [x = ''] = node.input;
    op('Mul', [x, op('Sigmoid', [op('Mul', [x, number(a.float('alpha', 1.702))])])], {}, node.output[0]);
  },
  /** The bias is an integer too, of scale x times w. */
  QLinearConv: (d) => {
    const [, xScale = '', , , wScale = '', , , , bias] = d.node.input;
    const inputs = [real(d, 0), real(d, 3, 0)];
    if (bias) inputs.push(integer(d, bias, [xScale, wScale]));
    quantise(d, d.op('Conv', inputs, kept(d, CONV)), 6);
  },
  /** Without a scale for the result it stays real. */
  QGemm: (d) => {
    const [, aScale = '', , , bScale = '', , c = '', scale = ''] = d.node.input;
    const inputs = [real(d, 0), real(d, 3, d.a.int('transB', 0) ? 0 : 1)];
    if (c) inputs.push(integer(d, c, [aScale, bScale]));
    const y = d.op('Gemm', inputs, kept(d, ['alpha', 'transA', 'transB']));
    if (scale) quantise(d, y, 7);
    else d.op('Identity', [y], {}, d.node.output[0]);
  },
  QLinearMatMul: quantisedPair('MatMul'),
  QLinearAdd: quantisedPair('Add'),
  QLinearMul: quantisedPair('Mul'),
  QLinearSigmoid: quantisedOne('Sigmoid'),
  QLinearLeakyRelu: quantisedOne('LeakyRelu', ['alpha']),
  QLinearGlobalAveragePool: quantisedOne('GlobalAveragePool'),
  QLinearAveragePool: quantisedOne('AveragePool', [...CONV, 'ceil_mode', 'count_include_pad']),
};
