import type { Value } from '../graph/emitter.ts';
import { DataType } from '../graph/onnx.ts';
import { axisOf, type Context, type Rules } from './rule.ts';

/**
 * Quantised models have no gradient: rounding is flat. The stand-in passes the gradient straight through the rounding, and
 * stops it where the value was clipped (Bengio 2013; Jacob 2018). The adjoint of an integer tensor is that of the real
 * number it stands for.
 */

const STRAIGHT_THROUGH = 'rounding is passed straight through';

export const QUANTIZE: Rules = {
  QuantizeLinear: {
    differentiable: [0],
    surrogate: STRAIGHT_THROUGH,
    gradient: (c) => notClipped(c),
    samples: [],
  },
  DequantizeLinear: {
    differentiable: [0],
    surrogate: STRAIGHT_THROUGH,
    gradient: ({ g }) => g,
    samples: [],
  },
};

const RANGES: Readonly<Record<number, readonly [number, number] | undefined>> = {
  [DataType.UINT8]: [0, 255],
  [DataType.INT8]: [-128, 127],
  [DataType.UINT16]: [0, 65535],
  [DataType.INT16]: [-32768, 32767],
  [DataType.UINT4]: [0, 15],
  [DataType.INT4]: [-8, 7],
};

/** g where lowest ≤ round(x / scale) + zero ≤ highest. */
function notClipped(c: Context): Value {
  const { e, g, x, y, has, refuse } = c;
  const [low, high] =
    RANGES[y.type] ?? refuse(`quantisation to ONNX type ${DataType[y.type]} is not covered`);
  const along = (v: Value) => perAxis(c, v);
  const zero = has(2) ? along(e.cast(x(2), x(0).type)) : 0;
  const places = e.add(e.div(x(0), along(x(1))), zero);
  return e.keepWhere(e.and(e.greater(places, low - 0.5), e.less(places, high + 0.5)), g);
}

/** One number for the tensor, or one for each entry of an axis. */
function perAxis(c: Context, v: Value): Value {
  if (v.dims.length === 0) return v;
  const rank = c.x(0).dims.length;
  const axis = axisOf(c, 1);
  return c.e.reshape(
    v,
    Array.from({ length: rank }, (_, i) => (i === axis ? (v.dims[0] ?? 1) : 1)),
  );
}
