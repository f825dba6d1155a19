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

/** Ties share the gradient. */
const chosen = ({ e, g, x, y, axes }: Reduction): Value => {
  const mask = e.cast(e.and(e.atLeast(x, y), e.atMost(x, y)), g.type);
  return e.mul(mask, e.div(g, e.sum(mask, axes)));
};

const dims = [2, 3, 4];
const signed = awayFromZero(dims);

export const REDUCE: Rules = {
  ReduceSum: reduce(({ g }) => g, signed, 13),
  ReduceMean: reduce(({ e, g, x, axes }) => e.mul(g, 1 / size(axes.map((a) => x.dims[a] ?? 1))), signed),
  ReduceMax: reduce(chosen, distinct(dims)),
  ReduceMin: reduce(chosen, distinct(dims)),
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
