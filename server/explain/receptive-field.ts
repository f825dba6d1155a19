import { Fault } from '../shared/fault.ts';
import { type AttributeReader, readAttributes } from './graph/attributes.ts';
import { isOnnx, type NodeProto } from './graph/onnx.ts';
import { describe, type GraphView } from './graph/view.ts';
import { neededFor } from './needed.ts';

/** By axis of the space: what a place of the output reads of the input. */
export interface ReceptiveField {
  /** Places before and after its own. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Moving the input by a multiple of this moves the output as far: the product of the strides. */
  readonly stride: readonly number[];
}

/** Where a value's place i reads, on one axis: from i·jump + low to i·jump + high of the input. */
interface Reach {
  readonly jump: number;
  readonly low: number;
  readonly high: number;
}

interface Question {
  readonly input: string;
  readonly of: string;
  /** Axes of the space. */
  readonly rank: number;
}

/**
 * The neighbourhood that each place of the output reads, from the graph alone. Throws MODEL_NOT_TILEABLE, naming the node, for
 * operators that read all of the space (global pooling, instance norm, attention), that fix its size, or that are not known to
 * do the same at every place.
 */
export function receptiveField(view: GraphView, { input, of, rank }: Question): ReceptiveField {
  const found = new Map<string, readonly Reach[]>([
    [input, Array.from({ length: rank }, () => ({ jump: 1, low: 0, high: 0 }))],
  ]);
  let stride = Array<number>(rank).fill(1);
  for (const node of neededFor(view.nodes, of)) {
    const read = node.input.filter((name) => found.has(name));
    if (read.length === 0) continue;
    const refuse: Refuse = (why) => {
      throw new Fault('MODEL_NOT_TILEABLE', `${describe(node)}: ${why}`);
    };
    const rule = isOnnx(node.domain) ? RULES[node.opType] : undefined;
    const it = { node, a: readAttributes(node), view, rank, refuse, read };
    const next = (rule ?? refuse(WHY[node.opType] ?? 'not known to do the same at every place'))(
      merge(
        read.map((name) => found.get(name) as readonly Reach[]),
        refuse,
      ),
      it,
    );
    stride = stride.map((s, axis) => Math.max(s, (next[axis] as Reach).jump));
    for (const name of node.output) if (name) found.set(name, next);
  }
  const end = found.get(of);
  if (!end) throw new Fault('MODEL_INPUT_MISMATCH', `${of} does not depend on ${input}`);
  if (end.some(({ jump }) => jump !== 1))
    throw new Fault('MODEL_NOT_TILEABLE', `${of} has another grid than the input`);
  return {
    before: end.map(({ low }) => Math.max(0, -Math.floor(low))),
    after: end.map(({ high }) => Math.max(0, Math.ceil(high))),
    stride,
  };
}

type Refuse = (why: string) => never;

interface Node {
  readonly node: NodeProto;
  readonly a: AttributeReader;
  readonly view: GraphView;
  readonly rank: number;
  readonly refuse: Refuse;
  /** Inputs that depend on the model's input. */
  readonly read: readonly string[];
}

type Rule = (reach: readonly Reach[], it: Node) => readonly Reach[];

/** What any of the inputs reads; they must lie on one grid. */
function merge(all: readonly (readonly Reach[])[], refuse: Refuse): readonly Reach[] {
  return all.reduce((a, b) =>
    a.map((p, axis) => {
      const q = b[axis] as Reach;
      if (p.jump !== q.jump) refuse('its inputs lie on different grids');
      return { jump: p.jump, low: Math.min(p.low, q.low), high: Math.max(p.high, q.high) };
    }),
  );
}

/** The same at each place; constants must not vary over the space. */
const pointwise: Rule = (reach, { node, view, rank, refuse, read }) => {
  for (const name of node.input.filter((n) => n && !read.includes(n))) {
    const dims = view.tensors.get(name)?.dims ?? refuse('an operand of unknown size');
    if (dims.slice(-rank).some((n) => n !== 1n)) refuse('an operand that varies over the space');
  }
  return reach;
};

/** The parameters are one a channel. */
const perChannel: Rule = (reach, { read, refuse }) =>
  read.length > 1 ? refuse('parameters that depend on the image') : reach;

/** Along the channels alone. */
const onChannels =
  (otherwise: number): Rule =>
  (reach, { a, rank, refuse }) => {
    const axis = a.int('axis', otherwise);
    return axis === 1 || axis === 1 - (rank + 2) ? reach : refuse(`along axis ${axis}`);
  };

/** Place o reads from o·stride − before, `extent` places on. */
const window = (
  { jump, low, high }: Reach,
  { stride, before, extent }: { stride: number; before: number; extent: number },
): Reach => ({
  jump: jump * stride,
  low: low - before * jump,
  high: high + (extent - before) * jump,
});

const windowed: Rule = (reach, it) => {
  const { strides, dilations, kernel, before } = windowOf(it);
  return reach.map((r, axis) =>
    window(r, {
      stride: strides[axis] as number,
      before: before[axis] as number,
      extent: ((kernel[axis] as number) - 1) * (dilations[axis] as number),
    }),
  );
};

/** Place o is reached from (o + before − t·dilation) / stride for each tap t. */
const transposed: Rule = (reach, it) => {
  const { strides, dilations, kernel, before } = windowOf(it);
  if (it.a.has('output_shape')) it.refuse('a fixed output size');
  return reach.map(({ jump, low, high }, axis) => {
    const finer = jump / (strides[axis] as number);
    const taps = ((kernel[axis] as number) - 1) * (dilations[axis] as number);
    const pad = before[axis] as number;
    return { jump: finer, low: low + (pad - taps) * finer, high: high + pad * finer };
  });
};

function windowOf({ node, a, view, rank, refuse, read }: Node) {
  if (read.length > 1) refuse('weights that depend on the image');
  const padding = a.text('auto_pad', 'NOTSET');
  if (padding !== 'NOTSET' && padding !== 'VALID') refuse(`auto_pad ${padding}`);
  if (a.int('ceil_mode', 0)) refuse('ceil_mode');
  const ones = Array<number>(rank).fill(1);
  const held = view.tensors
    .get(node.input[1] ?? '')
    ?.dims.slice(2)
    .map(Number);
  return {
    strides: a.ints('strides', ones),
    dilations: a.ints('dilations', ones),
    kernel: a.has('kernel_shape') ? a.ints('kernel_shape', []) : (held ?? refuse('weights of unknown size')),
    before: a.ints('pads', Array<number>(2 * rank).fill(0)).slice(0, rank),
  };
}

const pad: Rule = (reach, { node, a, view, rank, refuse }) => {
  const pads = a.has('pads') ? a.ints('pads', []) : (view.numbers(node.input[1] ?? '') ?? []);
  if (pads.length !== 2 * (rank + 2) || node.input[3]) refuse('pads that are not known, one for each axis');
  return reach.map((r, axis) => window(r, { stride: 1, before: pads[axis + 2] as number, extent: 0 }));
};

/** By a whole factor, or a whole part; linear and nearest read one place on each side, cubic two. */
const resize: Rule = (reach, { node, a, view, rank, refuse }) => {
  const upsample = node.opType === 'Upsample';
  const scales = view.numbers(node.input[upsample || node.input.length === 2 ? 1 : 2] ?? '') ?? [];
  if (node.input[3] || scales.length !== rank + 2) refuse('a size, not a known scale');
  const mode = a.text('coordinate_transformation_mode', upsample ? 'asymmetric' : 'half_pixel');
  if (!['half_pixel', 'pytorch_half_pixel', 'asymmetric'].includes(mode)) refuse(`coordinates ${mode}`);
  if (a.int('antialias', 0)) refuse('antialias');
  const side = a.text('mode', 'nearest') === 'cubic' ? 2 : 1;
  return reach.map(({ jump, low, high }, axis) => {
    const scale = scales[axis + 2] as number;
    if (!Number.isInteger(scale) && !Number.isInteger(1 / scale)) refuse(`a scale of ${scale}`);
    const off = mode === 'asymmetric' ? 0 : 0.5 / scale - 0.5;
    return { jump: jump / scale, low: low + (off - side) * jump, high: high + (off + side) * jump };
  });
};

const depthToSpace: Rule = (reach, { a }) =>
  reach.map(({ jump, low, high }) => {
    const block = a.int('blocksize', 1);
    return { jump: jump / block, low: low - (1 - 1 / block) * jump, high };
  });

const spaceToDepth: Rule = (reach, { a }) =>
  reach.map((r) => {
    const block = a.int('blocksize', 1);
    return window(r, { stride: block, before: 0, extent: block - 1 });
  });

/** Softmax and its like flatten everything behind the axis before op set 13. */
const softmax: Rule = (reach, it) =>
  it.view.opset < 13 ? it.refuse('before op set 13 it reads all behind its axis') : onChannels(-1)(reach, it);

const reduce: Rule = (reach, { node, a, view, refuse }) => {
  const axes = a.has('axes') ? a.ints('axes', []) : (view.numbers(node.input[1] ?? '') ?? []);
  return axes.length === 1 && axes[0] === 1 && a.int('keepdims', 1) === 1
    ? reach
    : refuse('it reads all of the space');
};

const slice: Rule = (reach, { node, a, view, refuse }) => {
  const axes = a.has('axes') ? a.ints('axes', []) : (view.numbers(node.input[3] ?? '') ?? []);
  return axes.length > 0 && axes.every((axis) => axis === 1) ? reach : refuse('it cuts the space');
};

const all = (names: string, rule: Rule): Readonly<Record<string, Rule>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

const RULES: Readonly<Record<string, Rule | undefined>> = {
  ...all(
    'Abs Cast Ceil Celu Clip Cos Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Swish Tanh ThresholdedRelu',
    pointwise,
  ),
  ...all(
    'Add And Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mul Or PRelu Pow Sub Sum Where',
    pointwise,
  ),
  ...all('BatchNormalization QuantizeLinear DequantizeLinear LRN', perChannel),
  ...all('Conv MaxPool AveragePool LpPool', windowed),
  ConvTranspose: transposed,
  Pad: pad,
  ...all('Resize Upsample', resize),
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Concat: onChannels(1),
  Split: onChannels(0),
  ...all('Softmax LogSoftmax', softmax),
  ...all('ReduceMean ReduceMax ReduceMin ReduceSum ReduceL2 ReduceSumSquare', reduce),
  Slice: slice,
};

const WHOLE = 'it reads all of the space';
const MOVES = 'it moves places';
const WHY: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(
    'GlobalAveragePool GlobalMaxPool GlobalLpPool InstanceNormalization GroupNormalization LayerNormalization MeanVarianceNormalization MatMul Gemm Einsum Flatten CumSum LSTM GRU RNN'
      .split(' ')
      .map((name) => [name, WHOLE]),
  ),
  ...Object.fromEntries(
    'Reshape Transpose Gather GatherND GatherElements ScatterND Squeeze Unsqueeze Tile Expand'
      .split(' ')
      .map((name) => [name, MOVES]),
  ),
};
