import type { Value } from '../graph/emitter.ts';
import { kept, range, size } from '../graph/ops.ts';
import { axisOf, type Context, positive, type Rule, type Rules, type Sample } from './rule.ts';
import { awayFromZero, between, distinct, int64 } from './samples.ts';

/** A reduction before its axes were taken away: x, and y and g with the reduced axes as 1. */
interface Reduction {
  readonly e: Context['e'];
  readonly x: Value;
  readonly y: Value;
  readonly g: Value;
  readonly axes: readonly number[];
}

/** Axes are an attribute, and since op set 18 (ReduceSum: 13) an input. */
const reduce = (adjoint: (r: Reduction) => Value, x: Sample['x'][number], since = 18): Rule => ({
  differentiable: [0],
  constants: [1],
  gradient: (c) => {
    const { e, g, y } = c;
    const { dims } = c.x(0);
    const axes = axesOf(c);
    const open = kept(dims, axes);
    const found = adjoint({ e, x: c.x(0), y: e.reshape(y, open), g: e.reshape(g, open), axes });
    return e.expand(found, dims);
  },
  samples: [
    { x: [x], a: { axes: [1, -1], keepdims: 0 }, opsets: [11, Math.min(17, since - 1)] },
    { x: [x], opsets: [17] },
    { x: [x, int64(-2)], a: { keepdims: 1 }, opsets: [since, 22] },
    { x: [x], a: { noop_with_empty_axes: 1 }, opsets: [since] },
  ],
});

function axesOf({ a, x, has, constant }: Context): readonly number[] {
  const rank = x(0).dims.length;
  const given = has(1) ? constant(1) : a.ints('axes', []);
  if (given.length) return positive(given, rank);
  return a.int('noop_with_empty_axes', 0) ? [] : range(0, rank);
}

/** The product of all others. Zeros are counted, not divided by: a place has another zero, or the others' product is told. */
const others = ({ e, g, x, axes }: Reduction): Value => {
  const zero = e.cast(e.and(e.atLeast(x, 0), e.atMost(x, 0)), x.type);
  const filled = e.add(x, zero);
  const elsewhere = e.sub(e.sum(zero, axes), zero);
  return e.mul(e.div(e.mul(g, e.prod(filled, axes)), filled), e.cast(e.less(elsewhere, 0.5), x.type));
};

/** Ties share the gradient. */
const chosen = ({ e, g, x, y, axes }: Reduction): Value => {
  const mask = e.cast(e.and(e.atLeast(x, y), e.atMost(x, y)), g.type);
  return e.mul(mask, e.div(g, e.sum(mask, axes)));
};

const dims = [2, 3, 4];
const signed = awayFromZero(dims);
/** The first row of the first matrix has one zero, the second matrix has two. */
const someZero = { dims, values: signed.values.map((v, i) => ([1, 13, 18].includes(i) ? 0 : v)) };

export const REDUCE: Rules = {
  ReduceSum: reduce(({ g }) => g, signed, 13),
  ReduceMean: reduce(({ e, g, x, axes }) => e.mul(g, 1 / size(axes.map((a) => x.dims[a] ?? 1))), signed),
  ReduceMax: reduce(chosen, distinct(dims)),
  ReduceMin: reduce(chosen, distinct(dims)),
  ReduceProd: reduce(others, someZero),
  ReduceL1: reduce(({ e, g, x }) => e.mul(g, e.sign(x)), signed),
  ReduceL2: reduce(({ e, g, x, y }) => e.mul(x, e.div(g, y)), signed),
  ReduceSumSquare: reduce(({ e, g, x }) => e.mul(x, e.mul(g, 2)), signed),
  /** 1 / Σx = exp(−y) */
  ReduceLogSum: reduce(({ e, g, y }) => e.mul(g, e.unary('Exp', e.unary('Neg', y))), between(0.3, 2, dims)),
  /** exp(x − y) */
  ReduceLogSumExp: reduce(({ e, g, x, y }) => e.mul(g, e.unary('Exp', e.sub(x, y))), signed),
  /** y (g − Σ g y) */
  Softmax: softmax(({ e, g, y }, sum) => e.mul(y, e.sub(g, sum(e.mul(g, y))))),
  /** g − exp(y) Σ g */
  LogSoftmax: softmax(({ e, g, y }, sum) => e.sub(g, e.mul(e.unary('Exp', y), sum(g)))),
};

/** Along one axis since op set 13; before, over all axes from `axis` (1) on. */
function softmax(adjoint: (c: Context, sum: (v: Value) => Value) => Value): Rule {
  return {
    gradient: (c) => {
      const axis = axisOf(c, c.e.opset >= 13 ? -1 : 1);
      const axes = c.e.opset >= 13 ? [axis] : range(axis, c.y.dims.length);
      return adjoint(c, (v) => c.e.sum(v, axes));
    },
    samples: [
      { x: [signed], opsets: [7, 11, 13, 17, 22] },
      { x: [signed], a: { axis: 1 }, opsets: [11, 13] },
      { x: [signed], a: { axis: -1 }, opsets: [12, 17] },
      { x: [signed], a: { axis: 0 } },
    ],
  };
}
