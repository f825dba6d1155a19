/** How far the values of now lie from those of a reference. Both are of finite numbers, in any order. */

/** Below 0.10 nothing has moved, from 0.25 on somebody acts: the usual reading of the index (Siddiqi 2006). */
export const PSI_WATCH = 0.1;
export const PSI_ACT = 0.25;

const BINS = 10;
/** An empty bin counts as this share: the logarithm of none has no value. */
const LEAST = 1e-4;

/**
 * Population stability index: Σ (now − then) · ln(now / then) over bins that hold a tenth of the reference each. Values that are equal share a bin, so
 * there may be fewer. Undefined when either is empty.
 */
export function stabilityIndex(reference: readonly number[], now: readonly number[]): number | undefined {
  if (reference.length === 0 || now.length === 0) return undefined;
  const edges = decileEdges(reference);
  const then = shares(reference, edges);
  const since = shares(now, edges);
  return then.reduce((total, share, i) => {
    const a = Math.max(since[i] ?? 0, LEAST);
    const b = Math.max(share, LEAST);
    return total + (a - b) * Math.log(a / b);
  }, 0);
}

/** Two-sample Kolmogorov–Smirnov statistic: the greatest distance between the two distribution functions, 0..1. */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  const [x, y] = [sorted(a), sorted(b)];
  let [i, j, greatest] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i] ?? 0, y[j] ?? 0);
    while (i < x.length && (x[i] ?? 0) <= value) i++;
    while (j < y.length && (y[j] ?? 0) <= value) j++;
    greatest = Math.max(greatest, Math.abs(i / x.length - j / y.length));
  }
  return greatest;
}

/** Share of the values in each of ten bins of the range 0..1; 1 belongs to the last. */
export function scoreShares(values: readonly number[]): readonly number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor(value * BINS));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => (values.length === 0 ? 0 : count / values.length));
}

/** The nine deciles, linear between neighbours, each once. A value belongs to the bin that its edge closes. */
function decileEdges(values: readonly number[]): readonly number[] {
  const all = sorted(values);
  const at = (share: number): number => {
    const place = share * (all.length - 1);
    const [low, high] = [all[Math.floor(place)] ?? 0, all[Math.ceil(place)] ?? 0];
    return low + (high - low) * (place - Math.floor(place));
  };
  return [...new Set(Array.from({ length: BINS - 1 }, (_, i) => at((i + 1) / BINS)))];
}

function shares(values: readonly number[], edges: readonly number[]): readonly number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    const found = edges.findIndex((edge) => value <= edge);
    const bin = found === -1 ? edges.length : found;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => count / values.length);
}

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();
