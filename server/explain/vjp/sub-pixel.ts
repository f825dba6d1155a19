import type { Value } from '../graph/emitter.ts';
import { range, size } from '../graph/ops.ts';
import type { Context } from './rule.ts';
import type { Window } from './window.ts';

/** A convolution with its weights [m, c / group, …kernel], seen from its output. */
export interface Convolution extends Window {
  readonly c: Context;
  readonly group: number;
  readonly weights: Value;
  readonly channels: number;
  /** Space of the input and of the output. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * The same stride s on all axes: input cell s q + r is reached by the kernel taps k ≡ r + pad (mod s) only. Sorted by r they
 * are sʳᵃⁿᵏ small kernels, run as one convolution whose channels are then laid out as sub-pixels (Shi 2016).
 */
export function subPixel(it: Convolution): Value | undefined {
  const { c, kernel, strides, dilations, group, before, from, to, channels } = it;
  const { e, g } = c;
  const s = strides[0] ?? 1;
  if (strides.some((t) => t !== s) || dilations.some((d) => d !== 1)) return undefined;
  const low = before.map((p) => -Math.floor((s - 1 + p) / s));
  const high = kernel.map((k, i) => Math.floor((k - 1 - (before[i] ?? 0)) / s));
  const taps = high.map((h, i) => h - (low[i] ?? 0) + 1);
  const cells = from.map((n) => Math.ceil(n / s));
  const last = cells.map((q, i) => q - (to[i] ?? 0) - (low[i] ?? 0));
  if (taps.some((t) => t < 1) || [...high, ...last].some((p) => p < 0)) return undefined;
  const rank = kernel.length;
  const [m = 1, perGroup = 1] = it.weights.dims;
  const front = before.map((p, i) => -(s * (low[i] ?? 0) + p));
  const back = kernel.map((k, i) => s * (taps[i] ?? 1) - k - (front[i] ?? 0));
  const whole = e.pad(it.weights, [0, 0, ...front], [0, 0, ...back]);
  const split = e.reshape(whole, [group, m / group, perGroup, ...taps.flatMap((t) => [t, s])]);
  const tapAxes = range(0, rank).map((i) => 3 + 2 * i);
  const turned = e.flip(split, tapAxes);
  const sorted = e.transpose(turned, [0, 2, ...tapAxes.map((a) => a + 1), 1, ...tapAxes]);
  const small = e.reshape(sorted, [channels * s ** rank, m / group, ...taps]);
  const batch = g.dims[0] ?? 1;
  const parts = e.op('Conv', [g, small], {
    dims: [batch, channels * s ** rank, ...cells],
    attributes: { kernel_shape: taps, group, pads: [...high, ...last] },
  });
  const full = interleave(e, parts, { channels, s, cells });
  return e.slice(full, { axes: range(2, 2 + rank), starts: from.map(() => 0), ends: from });
}

/**
 * [n, c · sʳᵃⁿᵏ, …cells] → [n, c, …cells · s], one axis after the other, the last first: each is the swap of two neighbouring
 * axes, which the runtime does faster than one permutation of all.
 */
function interleave(
  e: Context['e'],
  parts: Value,
  { channels, s, cells }: { channels: number; s: number; cells: readonly number[] },
): Value {
  const batch = parts.dims[0] ?? 1;
  const rank = cells.length;
  const laid = range(0, rank)
    .toReversed()
    .reduce((v, i) => {
      const blocks = batch * channels * s ** i;
      const inner = size(cells.slice(i + 1)) * s ** (rank - 1 - i);
      const tail = inner === 1 ? [] : [inner];
      const apart = e.reshape(v, [blocks, s, size(cells.slice(0, i + 1)), ...tail]);
      return e.transpose(apart, tail.length ? [0, 2, 1, 3] : [0, 2, 1]);
    }, parts);
  return e.reshape(laid, [batch, channels, ...cells.map((q) => q * s)]);
}
