import type { Value } from '../graph/emitter.ts';
import { float } from '../graph/onnx.ts';
import { range, size } from '../graph/ops.ts';
import { axisOf, type Context, type Rules } from './rule.ts';
import { between, constant } from './samples.ts';

const x = (...dims: number[]) => between(-1, 1, dims);
const above0 = (...dims: number[]) => between(0.5, 1.5, dims);

export const NORM: Rules = {
  /** y = s (x − mean) / √(var + ε) + b with the stored mean and variance: a scale for each channel. */
  BatchNormalization: {
    differentiable: [0],
    gradient: ({ e, a, g, x, refuse }) => {
      if (a.int('training_mode', 0) || a.int('spatial', 1) === 0)
        refuse('only inference over channels is covered');
      const deviation = e.unary('Sqrt', e.add(x(4), a.float('epsilon', 1e-5)));
      return e.scaleChannels(g, e.perChannel(e.div(x(1), deviation), g.dims.length));
    },
    samples: [
      {
        x: [x(2, 3, 4, 5), constant(above0(3)), constant(x(3)), constant(x(3)), constant(above0(3))],
        a: { epsilon: float(0.01) },
        opsets: [7, 9, 14, 17],
      },
      { x: [x(4, 3), constant(above0(3)), constant(x(3)), constant(x(3)), constant(above0(3))] },
    ],
  },
  /** Over the space of each channel. */
  InstanceNormalization: {
    gradient: ({ e, a, g, x }, input) => {
      const rank = g.dims.length;
      const space = range(2, rank);
      const it = normalise(e, x(0), { axes: space, epsilon: a.float('epsilon', 1e-5) });
      if (input === 0) return throughNorm(e, e.mul(g, e.perChannel(x(1), rank)), it);
      const felt = input === 1 ? e.mul(g, it.normal) : g;
      return e.reshape(e.sum(felt, [0, ...space]), x(input).dims);
    },
    samples: [
      { x: [x(2, 3, 4, 5), above0(3), x(3)], opsets: [7, 17, 22], float32: true },
      { x: [x(1, 2, 3, 4, 3), above0(2), x(2)], a: { epsilon: float(0.1) }, float32: true },
    ],
  },
  /** Over all axes from `axis` on. */
  LayerNormalization: {
    gradient: (c, input) => {
      const { e, a, g, x } = c;
      if (input === 2) return g;
      const axes = range(axisOf(c, -1), g.dims.length);
      const it = normalise(e, x(0), { axes, epsilon: a.float('epsilon', 1e-5) });
      return input === 1 ? e.mul(g, it.normal) : throughNorm(e, e.mul(g, x(1)), it);
    },
    samples: [
      { x: [x(2, 3, 5), above0(5), x(5)], opsets: [17, 22] },
      { x: [x(2, 3, 4), above0(3, 4)], a: { axis: 1, epsilon: float(0.1) } },
    ],
  },
  /** Over the channels of each group and their space. Scale and bias: one a group before op set 21, one a channel since. */
  GroupNormalization: {
    gradient: ({ e, a, g, x }, input) => {
      const [n = 1, channels = 1, ...space] = g.dims;
      const groups = a.int('num_groups', 1);
      const grouped = [n, groups, channels / groups, ...space];
      const perGroup = (v: Value) => e.reshape(v, [1, groups, size(v.dims) / groups, ...space.map(() => 1)]);
      const axes = range(2, grouped.length);
      const it = normalise(e, e.reshape(x(0), grouped), { axes, epsilon: a.float('epsilon', 1e-5) });
      const adjoint = e.reshape(g, grouped);
      if (input === 0) return e.reshape(throughNorm(e, e.mul(adjoint, perGroup(x(1))), it), g.dims);
      const felt = input === 1 ? e.mul(adjoint, it.normal) : adjoint;
      const each = e.reshape(e.sum(felt, [0, ...range(3, grouped.length)]), [groups, channels / groups]);
      return e.reshape(e.opset >= 21 ? each : e.sum(each, [1]), x(input).dims);
    },
    samples: [
      { x: [x(2, 4, 3, 2), above0(2), x(2)], a: { num_groups: 2 }, opsets: [18], float32: true },
      { x: [x(2, 4, 3, 2), above0(4), x(4)], a: { num_groups: 2 }, opsets: [21], float32: true },
    ],
  },
  /** y = x / ‖x‖₂ along one axis: (g − y ⟨y, g⟩) / ‖x‖₂. */
  LpNormalization: {
    gradient: (c) => {
      const { e, a, g, x, y, refuse } = c;
      if (a.int('p', 2) !== 2) refuse('only p = 2 is covered');
      const axes = [axisOf(c, -1)];
      const length = e.unary('Sqrt', e.sum(e.square(x(0)), axes));
      return e.div(e.sub(g, e.mul(y, e.sum(e.mul(y, g), axes))), length);
    },
    samples: [{ x: [x(2, 3, 4)], a: { axis: 1 } }],
  },
  /**
   * y = x s^−β, s = bias + α/n Σ x² over the n channels around (n is odd): g s^−β − x (2αβ/n) Σ g x s^(−β−1) over the same
   * channels. Krizhevsky 2012.
   */
  LRN: {
    gradient: ({ e, a, g, x }) => {
      const [n, alpha, beta] = [a.int('size', 1), a.float('alpha', 1e-4), a.float('beta', 0.75)];
      const channels = g.dims[1] ?? 1;
      const all = range(0, channels);
      const near = all.flatMap((c) => all.map((other) => Number(Math.abs(c - other) <= n >> 1)));
      const neighbours = (v: Value) => e.alongAxis(v, 1, { matrix: near, to: channels });
      const squares = neighbours(e.square(x(0)));
      const s = e.add(e.mul(squares, alpha / n), a.float('bias', 1));
      const scaled = e.mul(g, e.pow(s, -beta));
      const felt = neighbours(e.div(e.mul(scaled, x(0)), s));
      return e.sub(scaled, e.mul(e.mul(x(0), felt), (2 * alpha * beta) / n));
    },
    samples: [
      {
        x: [x(2, 6, 2, 3)],
        a: { size: 3, alpha: float(0.5), beta: float(0.7) },
        opsets: [7, 17],
        float32: true,
      },
      { x: [x(1, 7, 2, 2)], a: { size: 5, alpha: float(0.8), bias: float(2) }, float32: true },
    ],
  },
};

interface Normalised {
  readonly axes: readonly number[];
  /** (x − mean) / √(var + ε) */
  readonly normal: Value;
  /** 1 / √(var + ε) */
  readonly inverse: Value;
}

function normalise(
  e: Context['e'],
  x: Value,
  { axes, epsilon }: { readonly axes: readonly number[]; readonly epsilon: number },
): Normalised {
  const centred = e.sub(x, e.mean(x, axes));
  const variance = e.mean(e.square(centred), axes);
  const inverse = e.unary('Reciprocal', e.unary('Sqrt', e.add(variance, epsilon)));
  return { axes, normal: e.mul(centred, inverse), inverse };
}

/** h is the adjoint of x̂ = `normal`; that of x is (h − mean(h) − x̂ mean(h x̂)) / √(var + ε). Ba 2016. */
function throughNorm(e: Context['e'], h: Value, { axes, normal, inverse }: Normalised): Value {
  const alike = e.mul(normal, e.mean(e.mul(h, normal), axes));
  return e.mul(inverse, e.sub(e.sub(h, e.mean(h, axes)), alike));
}
