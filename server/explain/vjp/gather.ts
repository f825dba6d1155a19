import type { Value } from '../graph/emitter.ts';
import { DataType } from '../graph/onnx.ts';
import { size } from '../graph/ops.ts';
import { axisOf, type Context, type Rules } from './rule.ts';
import { between, int64s } from './samples.ts';

/** Looking up by index, and its adjoint: adding where it was looked up. Indices may be computed; they carry no gradient. */

const x = (...dims: number[]) => between(-1, 1, dims);

export const GATHER: Rules = {
  /** The indices as one-hot rows M: y = M x along the axis, so Mᵀ g. One constant index: zeros around g. */
  Gather: {
    differentiable: [0],
    gradient: (c) => gatherAdjoint(c),
    samples: [
      { x: [x(3, 4), int64s([], [1])], a: { axis: 1 }, opsets: [9, 17, 22] },
      { x: [x(3, 4, 2), int64s([1], [-1])], a: { axis: -2 } },
      { x: [x(3, 4, 2), int64s([2, 3], [0, 3, -1, 0, 1, 0])], a: { axis: 1 }, opsets: [9, 13] },
      { x: [x(4), int64s([3], [0, 3, 3])] },
    ],
  },
  GatherElements: {
    differentiable: [0],
    gradient: (c) => {
      const { e, g, x } = c;
      const attributes = { axis: axisOf(c, 0), reduction: adding(c) };
      return e.op('ScatterElements', [e.zeros(x(0).dims, g.type), x(1), g], { dims: x(0).dims, attributes });
    },
    samples: [
      { x: [x(3, 4), int64s([3, 3], [0, 0, -1, 1, 2, 1, 3, 3, 3])], a: { axis: 1 }, opsets: [16, 18] },
    ],
  },
  GatherND: {
    differentiable: [0],
    gradient: (c) => {
      const { e, a, g, x, refuse } = c;
      if (a.int('batch_dims', 0)) refuse('batch_dims is not covered');
      const attributes = { reduction: adding(c) };
      return e.op('ScatterND', [e.zeros(x(0).dims, g.type), x(1), g], { dims: x(0).dims, attributes });
    },
    samples: [
      { x: [x(3, 4, 2), int64s([3, 2], [0, 1, 2, 3, 0, 1])], opsets: [16, 18] },
      { x: [x(3, 4), int64s([2, 2, 1], [0, 2, 2, 1])] },
    ],
  },
  /** What is written over loses its gradient, what is written takes it. */
  ScatterND: {
    differentiable: [0, 2],
    gradient: (c, input) => {
      const { e, g, x } = c;
      notReducing(c);
      if (input === 2) return e.op('GatherND', [g, x(1)], { dims: x(2).dims });
      return e.op('ScatterND', [g, x(1), e.zeros(x(2).dims, g.type)], { dims: g.dims });
    },
    samples: [{ x: [x(4, 3), int64s([2, 1], [2, 0]), x(2, 3)], opsets: [12, 17] }],
  },
  ScatterElements: {
    differentiable: [0, 2],
    gradient: (c, input) => {
      const { e, g, x } = c;
      notReducing(c);
      const attributes = { axis: axisOf(c, 0) };
      if (input === 2) return e.op('GatherElements', [g, x(1)], { dims: x(2).dims, attributes });
      return e.op('ScatterElements', [g, x(1), e.zeros(x(2).dims, g.type)], { dims: g.dims, attributes });
    },
    samples: [
      { x: [x(3, 4), int64s([3, 2], [0, 1, 2, 1, 3, 0]), x(3, 2)], a: { axis: 1 }, opsets: [11, 17] },
    ],
  },
};

function gatherAdjoint(c: Context): Value {
  const { e, g, x } = c;
  const axis = axisOf(c, 0);
  const { dims } = x(0);
  const [before, after] = [dims.slice(0, axis), dims.slice(axis + 1)];
  const from = dims[axis] ?? 1;
  const only = size(x(1).dims) === 1 ? c.known(1)?.[0] : undefined;
  if (only !== undefined) return around(c, axis, only < 0 ? only + from : only);
  const count = size(x(1).dims);
  const rows = e.reshape(e.cast(x(1), DataType.INT64), [count]);
  const values = e.constant(DataType.FLOAT, [2], [0, 1]);
  const depth = e.constant(DataType.INT64, [], [from]);
  const oneHot = e.op('OneHot', [rows, depth, values], { dims: [count, from], type: DataType.FLOAT });
  const matrix = e.matrixTranspose(e.cast(oneHot, g.type));
  const folded = e.reshape(g, [size(before), count, size(after)]);
  return e.reshape(e.matMul(matrix, folded), dims);
}

/** Zeros on both sides of the one entry along the axis. */
function around({ e, g, x }: Context, axis: number, place: number): Value {
  const { dims } = x(0);
  const entry = e.reshape(
    g,
    dims.map((d, i) => (i === axis ? 1 : d)),
  );
  const only = (n: number) => dims.map((_, i) => (i === axis ? n : 0));
  return e.pad(entry, only(place), only((dims[axis] ?? 1) - place - 1));
}

const adding = ({ e, refuse }: Context): string =>
  e.opset >= 16 ? 'add' : refuse('needs op set 16 or later');

const notReducing = ({ a, refuse }: Context): void => {
  if (a.text('reduction', 'none') !== 'none') refuse('a scatter that reduces is not covered');
};
