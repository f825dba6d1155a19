import type { Context } from './rule.ts';

/** How a kernel slides over the space of [n, c, …space]. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Cells added before and after each axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The window of a convolution or pool, `auto_pad` worked out. */
export function windowOf({ a, x }: Context, kernel: readonly number[]): Window {
  const space = x(0).dims.slice(2);
  const strides = a.ints(
    'strides',
    kernel.map(() => 1),
  );
  const dilations = a.ints(
    'dilations',
    kernel.map(() => 1),
  );
  const same = space.map((n, i) => {
    const stride = strides[i] ?? 1;
    return Math.max(0, (Math.ceil(n / stride) - 1) * stride + reach(kernel, dilations, i) - n);
  });
  return { kernel, strides, dilations, ...padsOf(a, same) };
}

/** Cells from the first to the last that the kernel touches. */
export const reach = (kernel: readonly number[], dilations: readonly number[], axis: number): number =>
  ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;

/** The pads given, or `total` of each axis shared out; the odd cell comes last, or first with SAME_LOWER. */
export function padsOf(a: Context['a'], total: readonly number[]): Pick<Window, 'before' | 'after'> {
  const mode = a.text('auto_pad', 'NOTSET');
  const rank = total.length;
  if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
    const round = mode === 'SAME_UPPER' ? Math.floor : Math.ceil;
    const before = total.map((t) => round(t / 2));
    return { before, after: total.map((t, i) => t - (before[i] ?? 0)) };
  }
  const pads = mode === 'VALID' ? [] : a.ints('pads', []);
  const part = (from: number) => total.map((_, i) => pads[from + i] ?? 0);
  return { before: part(0), after: part(rank) };
}
