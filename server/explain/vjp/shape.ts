import { range } from '../graph/ops.ts';
import { axisOf, type Rule, type Rules, type Sample } from './rule.ts';
import { between, int64, scalar } from './samples.ts';

/** Operators that move values about: the adjoint moves them back. */

const x = (...dims: number[]) => between(-1, 1, dims);

/** Same values, other dims. */
const reshaping = (samples: readonly Sample[]): Rule => ({
  differentiable: [0],
  gradient: ({ e, g, x }) => e.reshape(g, x(0).dims),
  samples,
});

export const SHAPE: Rules = {
  Reshape: reshaping([
    { x: [x(2, 3, 4), int64(6, 4)], opsets: [7, 13, 22] },
    { x: [x(2, 3, 4), int64(0, -1)] },
  ]),
  Flatten: reshaping([
    { x: [x(2, 3, 4)], opsets: [7, 17] },
    { x: [x(2, 3, 4)], a: { axis: 2 } },
  ]),
  Squeeze: reshaping([
    { x: [x(2, 1, 3, 1)], a: { axes: [1] }, opsets: [7, 11] },
    { x: [x(2, 1, 3, 1), int64(-1)], opsets: [13, 22] },
    { x: [x(2, 1, 3, 1)] },
  ]),
  Unsqueeze: reshaping([
    { x: [x(2, 3)], a: { axes: [0, 3] }, opsets: [7, 11] },
    { x: [x(2, 3), int64(-1)], opsets: [13, 22] },
  ]),
  Identity: reshaping([{ x: [x(2, 3)], opsets: [7, 17] }]),
  /** At inference it does nothing. */
  Dropout: {
    differentiable: [0],
    constants: [2],
    gradient: ({ g, has, constant, refuse }) =>
      has(2) && constant(2)[0] ? refuse('it drops out at random') : g,
    samples: [
      { x: [x(2, 3)], opsets: [7, 10, 12, 22] },
      { x: [x(2, 3), scalar(0.5), { dims: [], values: [0], kind: 'bool' }] },
    ],
  },
  Transpose: {
    gradient: ({ e, a, g }) => {
      const order = range(0, g.dims.length);
      const perm = a.ints('perm', order.toReversed());
      return e.transpose(
        g,
        order.map((i) => perm.indexOf(i)),
      );
    },
    samples: [
      { x: [x(2, 3, 4)], opsets: [7, 17] },
      { x: [x(2, 3, 4)], a: { perm: [1, 2, 0] } },
    ],
  },
  Concat: {
    gradient: (c, input) => {
      const axis = axisOf(c, 0);
      const ends = range(0, c.inputs).map((i) => c.x(i).dims[axis] ?? 0);
      const start = ends.slice(0, input).reduce((p, q) => p + q, 0);
      return c.e.slice(c.g, { axes: [axis], starts: [start], ends: [start + (ends[input] ?? 0)] });
    },
    samples: [
      { x: [x(2, 3), x(2, 1), x(2, 4)], a: { axis: 1 }, opsets: [7, 9, 17] },
      { x: [x(2, 3), x(1, 3)], a: { axis: -2 } },
    ],
  },
  Split: {
    differentiable: [0],
    allOutputs: true,
    gradient: (c) => c.e.concat(range(0, c.outputs).map(c.adjoint), axisOf(c, 0)),
    samples: [
      { x: [x(2, 6)], a: { axis: 1, split: [1, 2, 3] }, outputs: 3, opsets: [7, 11] },
      { x: [x(2, 6), int64(4, 2)], a: { axis: -1 }, outputs: 2, opsets: [13] },
      { x: [x(2, 7)], a: { axis: 1, num_outputs: 3 }, outputs: 3, opsets: [18] },
    ],
  },
  /** The compiler sums what was repeated. */
  Expand: {
    differentiable: [0],
    gradient: ({ g }) => g,
    samples: [{ x: [x(3, 1), int64(2, 1, 4)], opsets: [8, 17] }],
  },
  Tile: {
    differentiable: [0],
    gradient: ({ e, g, x }) => {
      const { dims } = x(0);
      const apart = e.reshape(
        g,
        dims.flatMap((d, i) => [(g.dims[i] ?? d) / d, d]),
      );
      return e.reshape(
        e.sum(
          apart,
          dims.map((_, i) => 2 * i),
        ),
        dims,
      );
    },
    samples: [{ x: [x(2, 3), int64(2, 3)], opsets: [7, 17] }],
  },
  /** Blocks of channels to blocks of cells: DCR [b, b, c], CRD [c, b, b]. */
  DepthToSpace: {
    gradient: ({ e, a, g, x }) => {
      const [n = 1, c = 1, h = 1, w = 1] = x(0).dims;
      const b = a.int('blocksize', 1);
      const cells = e.reshape(g, [n, c / b / b, h, b, w, b]);
      const order = a.text('mode', 'DCR') === 'CRD' ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
      return e.reshape(e.transpose(cells, order), x(0).dims);
    },
    samples: [
      { x: [x(1, 8, 2, 3)], a: { blocksize: 2 }, opsets: [7, 17] },
      { x: [x(1, 8, 2, 3)], a: { blocksize: 2, mode: 'CRD' }, opsets: [11, 17] },
    ],
  },
  SpaceToDepth: {
    gradient: ({ e, a, g, x }) => {
      const [n = 1, c = 1, h = 1, w = 1] = x(0).dims;
      const b = a.int('blocksize', 1);
      const cells = e.reshape(g, [n, b, b, c, h / b, w / b]);
      return e.reshape(e.transpose(cells, [0, 3, 4, 1, 5, 2]), x(0).dims);
    },
    samples: [{ x: [x(1, 2, 4, 6)], a: { blocksize: 2 }, opsets: [7, 17] }],
  },
  /** Its own adjoint: the same triangle is kept. */
  Trilu: {
    differentiable: [0],
    gradient: ({ e, a, g, x, has }) =>
      e.op('Trilu', has(1) ? [g, x(1)] : [g], { dims: g.dims, attributes: { upper: a.int('upper', 1) } }),
    samples: [
      { x: [x(2, 3, 4)], a: { upper: 0 } },
      { x: [x(3, 4), { dims: [], values: [1], kind: 'int64' }] },
    ],
  },
};
