import type { Value } from '../graph/emitter.ts';
import { range } from '../graph/ops.ts';
import { bySlices } from './by-slices.ts';
import type { Context, Rules } from './rule.ts';
import { between, constant } from './samples.ts';
import { type Convolution, subPixel } from './sub-pixel.ts';
import { padsOf, reach, type Window, windowOf } from './window.ts';

const x = (...dims: number[]) => between(-1, 1, dims);
const w = (...dims: number[]) => constant(between(-0.5, 0.5, dims));

export const CONV: Rules = {
  /**
   * y = W ∗ x. The adjoint correlates g with the weights turned round and transposed: a convolution again with stride 1, one
   * convolution to sub-pixels with a stride, else ConvTranspose. The weights' new order is folded when the model is loaded.
   */
  Conv: {
    differentiable: [0, 2],
    gradient: (c, input) => (input === 2 ? biasAdjoint(c) : convAdjoint(c)),
    samples: [
      {
        x: [x(2, 3, 6, 5), w(4, 3, 3, 3), x(4)],
        a: { pads: [1, 1, 1, 1] },
        opsets: [7, 17, 22],
        float32: true,
      },
      { x: [x(1, 2, 7, 6), w(3, 2, 3, 2)], a: { pads: [0, 2, 1, 0] }, float32: true },
      { x: [x(1, 4, 6, 6), w(6, 2, 3, 3)], a: { group: 2, dilations: [2, 1] }, float32: true },
      {
        x: [x(1, 4, 7, 7), w(4, 1, 3, 3)],
        a: { group: 4, strides: [2, 2], pads: [1, 1, 1, 1] },
        float32: true,
      },
      {
        x: [x(1, 2, 9, 8), w(3, 2, 7, 7)],
        a: { strides: [2, 2], pads: [3, 3, 3, 3] },
        opsets: [7, 17],
        float32: true,
      },
      { x: [x(1, 4, 8, 8), w(6, 2, 4, 4)], a: { group: 2, strides: [4, 4] }, float32: true },
      { x: [x(1, 3, 7, 6), w(2, 3, 1, 1)], a: { strides: [2, 2] }, float32: true },
      { x: [x(1, 2, 9, 9), w(3, 2, 3, 3)], a: { strides: [3, 2], pads: [1, 0, 0, 1] }, float32: true },
      { x: [x(1, 2, 9, 9), w(3, 2, 3, 3)], a: { strides: [2, 2], dilations: [2, 2] }, float32: true },
      { x: [x(1, 2, 5, 6), w(3, 2, 3, 2)], a: { auto_pad: 'SAME_UPPER', strides: [2, 2] }, float32: true },
      { x: [x(1, 2, 5, 6), w(3, 2, 2, 4)], a: { auto_pad: 'SAME_LOWER' }, float32: true },
      { x: [x(1, 2, 5, 6), w(3, 2, 2, 3)], a: { auto_pad: 'VALID' }, float32: true },
      { x: [x(1, 1, 3, 3), w(1, 1, 1, 1)], a: { pads: [2, 2, 2, 2] }, float32: true },
      { x: [x(2, 3, 8), w(4, 3, 3)], a: { pads: [1, 1], strides: [2] }, float32: true },
      { x: [x(1, 2, 4, 5, 6), w(3, 2, 3, 3, 3)], a: { pads: [1, 1, 1, 1, 1, 1] }, float32: true },
      { x: [x(1, 2, 4, 5, 6), w(8, 2, 3, 2, 3)], a: { pads: [1, 1, 0, 0, 1, 1] }, float32: true },
      {
        x: [x(1, 8, 3, 3, 2), w(9, 8, 2, 2, 2), x(9)],
        a: { pads: [1, 0, 1, 0, 1, 0], dilations: [2, 1, 1] },
        opsets: [7, 17],
        float32: true,
      },
      {
        x: [x(1, 2, 5, 4, 6), w(3, 2, 3, 3, 3)],
        a: { pads: [1, 0, 1, 1, 1, 0], strides: [2, 2, 2] },
        float32: true,
      },
      {
        x: [x(1, 1, 6, 6, 6), w(2, 1, 3, 3, 3)],
        a: { pads: [2, 2, 2, 2, 2, 2], dilations: [2, 2, 2] },
        float32: true,
      },
    ],
  },
  /** The adjoint is the convolution with the same weights. */
  ConvTranspose: {
    differentiable: [0, 2],
    gradient: (c, input) => (input === 2 ? biasAdjoint(c) : transposedAdjoint(c)),
    samples: [
      { x: [x(1, 3, 4, 5), w(3, 2, 2, 2), x(2)], a: { strides: [2, 2] }, opsets: [7, 17, 22], float32: true },
      {
        x: [x(1, 4, 4, 3), w(4, 1, 3, 3)],
        a: { strides: [2, 2], pads: [1, 0, 0, 1], output_padding: [1, 1], group: 2 },
        float32: true,
      },
      { x: [x(1, 2, 4, 3), w(2, 3, 3, 3)], a: { auto_pad: 'SAME_UPPER', strides: [2, 2] }, float32: true },
      { x: [x(1, 2, 4, 3), w(2, 3, 4, 3)], a: { auto_pad: 'SAME_LOWER', strides: [3, 2] }, float32: true },
      { x: [x(1, 2, 4, 3), w(2, 3, 3, 3)], a: { output_shape: [8, 6], strides: [2, 2] }, float32: true },
      {
        x: [x(1, 2, 4, 3), w(2, 3, 3, 3)],
        a: { output_shape: [8, 6], strides: [2, 2], auto_pad: 'SAME_UPPER' },
        float32: true,
      },
      {
        x: [x(1, 2, 3, 3, 4), w(2, 2, 2, 2, 2)],
        a: { strides: [2, 2, 2], dilations: [1, 2, 1] },
        float32: true,
      },
      { x: [x(1, 2, 5), w(2, 3, 4)], a: { strides: [2], pads: [1, 1] }, float32: true },
    ],
  },
};

/** The bias is added to every cell. */
const biasAdjoint = ({ e, g }: Context): Value =>
  e.reshape(e.sum(g, [0, ...range(2, g.dims.length)]), [g.dims[1] ?? 1]);

function convAdjoint(c: Context): Value {
  const weights = c.x(1);
  const it: Convolution = {
    ...windowOf(c, weights.dims.slice(2)),
    c,
    weights,
    group: c.a.int('group', 1),
    channels: c.x(0).dims[1] ?? 1,
    from: c.x(0).dims.slice(2),
    to: c.y.dims.slice(2),
  };
  if (it.strides.every((s) => s === 1)) return unitStride(it) ?? byConvTranspose(it);
  return subPixel(it) ?? byConvTranspose(it);
}

/** Stride 1: the convolution with the weights turned round and transposed. */
function unitStride(it: Convolution): Value | undefined {
  const { c, kernel, dilations, group, before, from, to } = it;
  const first = before.map((p, i) => reach(kernel, dilations, i) - 1 - p);
  const last = first.map((p, i) => (from[i] ?? 0) - (to[i] ?? 0) - p + reach(kernel, dilations, i) - 1);
  if ([...first, ...last].some((p) => p < 0)) return undefined;
  const turned = swapChannels(it, c.e.flip(it.weights, range(2, it.weights.dims.length)));
  const sliced =
    group === 1 ? bySlices(c.e, c.g, { weights: turned, dilations, before: first, after: last }) : undefined;
  if (sliced) return sliced;
  return c.e.op('Conv', [c.g, turned], {
    dims: c.x(0).dims,
    attributes: { kernel_shape: kernel, dilations, group, pads: [...first, ...last] },
  });
}

/** [m, c / group, …] → [c, m / group, …]. */
function swapChannels({ c: { e }, group, channels }: Convolution, weights: Value): Value {
  const [m = 1, perGroup = 1, ...rest] = weights.dims;
  const grouped = e.reshape(weights, [group, m / group, perGroup, ...rest]);
  const swapped = e.transpose(grouped, [0, 2, 1, ...range(3, grouped.dims.length)]);
  return e.reshape(swapped, [channels, m / group, ...rest]);
}

/** What is left: other strides on each axis, dilation with stride, pads beyond the kernel. */
function byConvTranspose({
  c,
  weights,
  kernel,
  strides,
  dilations,
  group,
  before,
  after,
  from,
  to,
}: Convolution): Value {
  const output_padding = from.map(
    (n, i) =>
      n -
      ((strides[i] ?? 1) * ((to[i] ?? 1) - 1) +
        reach(kernel, dilations, i) -
        (before[i] ?? 0) -
        (after[i] ?? 0)),
  );
  return c.e.op('ConvTranspose', [c.g, weights], {
    dims: c.x(0).dims,
    attributes: {
      kernel_shape: kernel,
      strides,
      dilations,
      group,
      pads: [...before, ...after],
      output_padding,
    },
  });
}

function transposedAdjoint(c: Context): Value {
  const { e, a, g, x, y } = c;
  const weights = x(1);
  const kernel = weights.dims.slice(2);
  const { strides, dilations } = windowOf(c, kernel);
  const extra = a.ints(
    'output_padding',
    kernel.map(() => 0),
  );
  const total = kernel.map((_, i) => {
    const full =
      (strides[i] ?? 1) * ((x(0).dims[2 + i] ?? 1) - 1) + reach(kernel, dilations, i) + (extra[i] ?? 0);
    return full - (y.dims[2 + i] ?? 1);
  });
  const { before, after } = a.has('output_shape') ? shareOut(a, total) : padsOf(a, total);
  return e.op('Conv', [g, weights], {
    dims: x(0).dims,
    attributes: {
      kernel_shape: kernel,
      strides,
      dilations,
      group: a.int('group', 1),
      pads: [...before, ...after],
    },
  });
}

/** Pads that follow from a given output shape: ONNX puts the odd cell first unless SAME_UPPER is said. */
function shareOut(a: Context['a'], total: readonly number[]): Pick<Window, 'before' | 'after'> {
  const round = a.text('auto_pad', 'NOTSET') === 'SAME_UPPER' ? Math.floor : Math.ceil;
  const before = total.map((t) => round(t / 2));
  return { before, after: total.map((t, i) => t - (before[i] ?? 0)) };
}
