import type { Value } from '../graph/emitter.ts';
import { range } from '../graph/ops.ts';
import type { Context } from './rule.ts';

interface Kernel {
  /** [m, c, depth, height, width] */
  readonly weights: Value;
  readonly dilations: readonly number[];
  /** Cells added on each axis of the space. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The block of channels that the runtime's fast layout has. */
const BLOCK = 8;

/**
 * A convolution over a volume, stride 1, as convolutions over its slices: the runtime has a fast layout for two dimensions only.
 * Depth becomes the batch, and each plane of the kernel a kernel of its own; their results are added, shifted in depth. With few
 * results the planes are run as one. Undefined for what gains nothing by it: more than one volume, few channels.
 */
export function bySlices(
  e: Context['e'],
  x: Value,
  { weights, dilations, before, after }: Kernel,
): Value | undefined {
  const [n = 1, c = 1, ...space] = x.dims;
  const [m = 1, , planes = 1, ...plane] = weights.dims;
  const few = m * planes <= BLOCK;
  if (space.length !== 3 || n !== 1 || planes === 1 || c < BLOCK || (m < BLOCK && !few)) return undefined;
  const [before0 = 0, after0 = 0, dilation = 1] = [before[0], after[0], dilations[0]];
  const slices = swapFirst(e, e.reshape(x, x.dims.slice(1)));
  const to = space.map(
    (d, i) => d + (before[i] ?? 0) + (after[i] ?? 0) - ((weights.dims[2 + i] ?? 1) - 1) * (dilations[i] ?? 1),
  );
  const padded = (v: Value): Value => e.pad(v, [before0, 0, 0, 0], [after0, 0, 0, 0]);
  const shifted = (v: Value, k: number): Value =>
    e.slice(v, { axes: [0], starts: [k * dilation], ends: [k * dilation + (to[0] ?? 1)] });
  const run = (v: Value, w: Value): Value =>
    e.op('Conv', [v, w], {
      dims: [v.dims[0] ?? 1, w.dims[0] ?? 1, ...to.slice(1)],
      attributes: {
        kernel_shape: plane,
        dilations: dilations.slice(1),
        pads: [...before.slice(1), ...after.slice(1)],
      },
    });
  const sum = few ? together() : apart();
  return e.reshape(swapFirst(e, sum), [1, m, ...to]);

  function together(): Value {
    const sorted = e.transpose(weights, [2, 0, 1, 3, 4]);
    const all = padded(run(slices, e.reshape(sorted, [planes * m, c, ...plane])));
    const one = (k: number): Value => e.slice(all, { axes: [1], starts: [k * m], ends: [(k + 1) * m] });
    return e.total(range(0, planes).map((k) => shifted(one(k), k))) as Value;
  }

  function apart(): Value {
    const deep = padded(slices);
    const only = (k: number): Value =>
      e.reshape(e.slice(weights, { axes: [2], starts: [k], ends: [k + 1] }), [m, c, ...plane]);
    return range(0, planes)
      .map((k) => run(shifted(deep, k), only(k)))
      .reduce((a, b) => e.add(a, b));
  }
}

/** Swaps channels and slices. */
const swapFirst = (e: Context['e'], v: Value): Value => {
  const [a = 1, b = 1, ...rest] = v.dims;
  return a === 1 || b === 1 ? e.reshape(v, [b, a, ...rest]) : e.transpose(v, [1, 0, 2, 3]);
};
