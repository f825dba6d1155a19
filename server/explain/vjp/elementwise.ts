import type { Value } from '../graph/emitter.ts';
import { float } from '../graph/onnx.ts';
import type { Context, Rule, Rules, Sample } from './rule.ts';
import { awayFromZero, between, constant, scalar } from './samples.ts';

/** y = f(x), place by place: the adjoint is g · f′(x). */
const slope = (derivative: (c: Context) => Value, samples: readonly Sample[]): Rule => ({
  gradient: (c) => c.e.mul(c.g, derivative(c)),
  samples,
});
const signed: readonly Sample[] = [{ x: [awayFromZero([2, 3])] }];
const signedFloat32: readonly Sample[] = [{ x: [awayFromZero([2, 3])], float32: true }];
const above0: readonly Sample[] = [{ x: [between(0.3, 2, [2, 3])] }];

const withinOne: readonly Sample[] = [{ x: [between(-0.7, 0.7, [2, 3])], float32: true }];
const root = (e: Context['e'], x: Value): Value => e.unary('Sqrt', x);

/** g where the condition holds, else 0. */
const gate = (condition: (c: Context) => Value, samples: readonly Sample[]): Rule => ({
  gradient: (c) => c.e.keepWhere(condition(c), c.g),
  samples,
});

/** Between kinds of floats; to integers the gradient ends. */
const casting = (samples: readonly Sample[]): Rule => ({
  differentiable: [0],
  gradient: ({ e, g, x }) => e.cast(g, x(0).type),
  samples,
});

/** 2 / √π */
const ERF_SLOPE = 2 / Math.sqrt(Math.PI);

export const ELEMENTWISE: Rules = {
  Cast: casting([{ x: [awayFromZero([2, 3])], a: { to: 11 }, opsets: [9, 17] }]),
  CastLike: casting([{ x: [awayFromZero([2, 3]), scalar(1)] }]),
  /** y = max(x, 0). 0 at the kink, as PyTorch. */
  Relu: slope(({ e, y }) => e.step(y), [{ x: [awayFromZero([2, 3])], opsets: [7, 13, 17, 22] }]),
  Neg: { gradient: ({ e, g }) => e.unary('Neg', g), samples: signed },
  Abs: slope(({ e, x }) => e.sign(x(0)), [{ x: [awayFromZero([2, 3])], opsets: [8, 17] }]),
  Sqrt: slope(({ e, y }) => e.div(0.5, y), above0),
  Exp: slope(({ y }) => y, signed),
  Log: { gradient: ({ e, g, x }) => e.div(g, x(0)), samples: above0 },
  /** −1/x² */
  Reciprocal: slope(({ e, y }) => e.unary('Neg', e.square(y)), signed),
  Sin: slope(({ e, x }) => e.unary('Cos', x(0)), signed),
  Cos: slope(({ e, x }) => e.unary('Neg', e.unary('Sin', x(0))), signed),
  /** y (1 − y) */
  Sigmoid: slope(({ e, y }) => e.mul(y, e.complement(y)), signed),
  Tanh: slope(({ e, y }) => e.sub(1, e.square(y)), signed),
  /** 1 + y² */
  Tan: slope(({ e, y }) => e.add(e.square(y), 1), [{ x: [between(-1, 1, [2, 3])], float32: true }]),
  /** ±1 / √(1 − x²) */
  Asin: slope(({ e, x }) => e.div(1, root(e, e.sub(1, e.square(x(0))))), withinOne),
  Acos: slope(({ e, x }) => e.div(-1, root(e, e.sub(1, e.square(x(0))))), withinOne),
  Sinh: slope(({ e, x }) => e.unary('Cosh', x(0)), signedFloat32),
  Cosh: slope(({ e, x }) => e.unary('Sinh', x(0)), signedFloat32),
  Asinh: slope(({ e, x }) => e.div(1, root(e, e.add(e.square(x(0)), 1))), signedFloat32),
  Acosh: slope(
    ({ e, x }) => e.div(1, root(e, e.sub(e.square(x(0)), 1))),
    [{ x: [between(1.5, 3, [2, 3])], float32: true }],
  ),
  Atanh: slope(({ e, x }) => e.div(1, e.sub(1, e.square(x(0)))), withinOne),
  Atan: slope(({ e, x }) => e.unary('Reciprocal', e.add(e.square(x(0)), 1)), signedFloat32),
  /** (2/√π) exp(−x²) */
  Erf: slope(({ e, x }) => e.mul(e.unary('Exp', e.unary('Neg', e.square(x(0)))), ERF_SLOPE), signedFloat32),
  Softplus: slope(({ e, x }) => e.unary('Sigmoid', x(0)), signedFloat32),
  /** 1 / (1 + |x|)² */
  Softsign: slope(
    ({ e, x }) => e.unary('Reciprocal', e.square(e.add(e.unary('Abs', x(0)), 1))),
    signedFloat32,
  ),
  LeakyRelu: slope(
    ({ e, a, x }) => branch(e, x(0), { above: 1, below: a.float('alpha', 0.01) }),
    [
      { x: [awayFromZero([2, 3])] },
      { x: [awayFromZero([2, 3])], a: { alpha: float(0.3) }, opsets: [7], float32: true },
    ],
  ),
  /** x > 0: 1; else α exp(x) = y + α. */
  Elu: slope(
    ({ e, a, x, y }) => {
      const above = e.step(x(0));
      return e.add(above, e.mul(e.sub(1, above), e.add(y, a.float('alpha', 1))));
    },
    [...signedFloat32, { x: [awayFromZero([2, 3])], a: { alpha: float(0.7) }, float32: true }],
  ),
  /** x > 0: γ; else γ α exp(x) = y + γ α. */
  Selu: slope(({ e, a, x, y }) => {
    const [alpha, gamma] = [a.float('alpha', 1.6732632), a.float('gamma', 1.050701)];
    const above = e.step(x(0));
    return e.add(e.mul(above, gamma), e.mul(e.sub(1, above), e.add(y, alpha * gamma)));
  }, signedFloat32),
  Celu: slope(
    ({ e, a, x, y }) => {
      const above = e.step(x(0));
      return e.add(above, e.mul(e.sub(1, above), e.add(e.mul(y, 1 / a.float('alpha', 1)), 1)));
    },
    [{ x: [awayFromZero([2, 3])], a: { alpha: float(0.7) }, float32: true }],
  ),
  ThresholdedRelu: gate(
    ({ e, a, x }) => e.greater(x(0), a.float('alpha', 1)),
    [{ x: [awayFromZero([2, 3])], a: { alpha: float(0.1) }, float32: true }],
  ),
  /** y = clamp(αx + β, 0, 1). */
  HardSigmoid: slope(
    ({ e, a, y }) => e.mul(e.cast(inside(e, y, [0, 1]), y.type), a.float('alpha', 0.2)),
    [
      { x: [awayFromZero([2, 3])], float32: true },
      { x: [between(-3, 3, [9])], a: { alpha: float(0.3), beta: float(0.45) }, float32: true },
    ],
  ),
  /** y = x · clamp(x/6 + ½, 0, 1): x/3 + ½ between −3 and 3. */
  HardSwish: slope(
    ({ e, x }) => {
      const middle = e.keepWhere(inside(e, x(0), [-3, 3]), e.add(e.mul(x(0), 1 / 3), 0.5));
      return e.add(middle, e.cast(e.atLeast(x(0), 3), x(0).type));
    },
    [{ x: [between(-5, 5, [12])], float32: true }],
  ),
  /** y = x s, s = σ(αx): s + α y (1 − s). Op set 24; before, exporters write it as two nodes. */
  Swish: slope(
    ({ e, a, x, y }) => {
      const alpha = a.float('alpha', 1);
      const s = e.unary('Sigmoid', alpha === 1 ? x(0) : e.mul(x(0), alpha));
      const rest = e.mul(y, e.complement(s));
      return e.add(s, alpha === 1 ? rest : e.mul(rest, alpha));
    },
    [
      { x: [awayFromZero([2, 3])], opsets: [24], float32: true },
      { x: [awayFromZero([2, 3])], a: { alpha: float(1.3) }, opsets: [24], float32: true },
    ],
  ),
  /** y = x tanh(softplus(x)): t + x (1 − t²) σ(x) */
  Mish: slope(
    ({ e, x }) => {
      const t = e.unary('Tanh', e.unary('Softplus', x(0)));
      return e.add(t, e.mul(e.mul(x(0), e.sub(1, e.square(t))), e.unary('Sigmoid', x(0))));
    },
    [{ x: [awayFromZero([2, 3])], opsets: [18], float32: true }],
  ),
  Gelu: slope(
    (c) => (c.a.text('approximate', 'none') === 'tanh' ? geluTanh(c) : gelu(c)),
    [
      { x: [awayFromZero([2, 3])], opsets: [20], float32: true },
      { x: [awayFromZero([2, 3])], a: { approximate: 'tanh' }, opsets: [20], float32: true },
    ],
  ),
  /** Bounds as attributes before op set 11, as inputs since. */
  Clip: {
    differentiable: [0],
    constants: [1, 2],
    gradient: (c) => {
      const { e, g, x } = c;
      const [low, high] = [clipBound(c, 'min', 1), clipBound(c, 'max', 2)];
      const above = low === undefined ? g : e.keepWhere(e.atLeast(x(0), low), g);
      return high === undefined ? above : e.keepWhere(e.atMost(x(0), high), above);
    },
    samples: [
      { x: [awayFromZero([2, 6]), scalar(0), scalar(1.1)], opsets: [12, 13, 22] },
      { x: [awayFromZero([2, 6]), scalar(0), scalar(1.1)], opsets: [11], float32: true },
      { x: [awayFromZero([2, 6]), null, scalar(0)] },
      { x: [awayFromZero([2, 6])], a: { min: float(-0.1), max: float(1.1) }, opsets: [7, 10], float32: true },
    ],
  },
  /** y = x above 0, slope · x below; the slope broadcasts. */
  PRelu: {
    gradient: ({ e, x, g }, input) => {
      const below = e.less(x(0), 0);
      if (input === 1) return e.keepWhere(below, e.mul(g, x(0)));
      const mask = e.cast(below, g.type);
      return e.mul(g, e.add(e.sub(1, mask), e.mul(mask, x(1))));
    },
    samples: [
      { x: [awayFromZero([2, 3, 2]), between(0.1, 0.4, [3, 1])], opsets: [7, 16], float32: true },
      { x: [awayFromZero([2, 3, 2]), constant(between(0.1, 0.4, [1]))] },
    ],
  },
};

type E = Context['e'];

const clipBound = ({ a, has, constant }: Context, name: string, input: number): number | undefined => {
  if (has(input)) return constant(input)[0];
  return a.has(name) ? a.float(name, 0) : undefined;
};

const branch = (e: E, x: Value, { above, below }: { above: number; below: number }): Value =>
  e.add(e.mul(e.step(x), above - below), below);

const inside = (e: E, x: Value, [low, high]: readonly [number, number]): Value =>
  e.and(e.greater(x, low), e.less(x, high));

/** Φ(x) + x φ(x), Φ and φ of the normal distribution. */
function gelu({ e, x }: Context): Value {
  const half = e.mul(e.add(e.unary('Erf', e.mul(x(0), Math.SQRT1_2)), 1), 0.5);
  const density = e.mul(e.unary('Exp', e.mul(e.square(x(0)), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return e.add(half, e.mul(x(0), density));
}

/** y = x/2 (1 + t), t = tanh(k (x + 0.044715 x³)): (1 + t)/2 + x/2 (1 − t²) k (1 + 0.134145 x²). */
function geluTanh({ e, x }: Context): Value {
  const k = Math.sqrt(2 / Math.PI);
  const squared = e.square(x(0));
  const t = e.unary('Tanh', e.mul(e.mul(x(0), e.add(e.mul(squared, 0.044715), 1)), k));
  const inner = e.mul(e.add(e.mul(squared, 3 * 0.044715), 1), k);
  const rest = e.mul(e.mul(x(0), e.sub(1, e.square(t))), inner);
  return e.mul(e.add(e.add(t, 1), rest), 0.5);
}
