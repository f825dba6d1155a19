/** Measures of a map alone, or of a map against a mask. Maps are over the space; negative values count as 0, or by their size, as each says. */

/** Gini index of |values|: 0 is even, near 1 is one place. Chalasani 2020; Quantus: `Sparseness`, higher is better. */
export function sparseness(map: Float32Array): number {
  const sorted = map.map(Math.abs).sort();
  const total = sorted.reduce((a, b) => a + b, 0);
  if (total === 0) return 0;
  const n = sorted.length;
  return sorted.reduce((sum, v, i) => sum + (2 * (i + 1) - n - 1) * v, 0) / (n * total);
}

/** Shannon entropy of |values| as a distribution, in nats; small is simple. Bhatt 2020; Quantus: `Complexity`, lower is better. */
export function entropy(map: Float32Array): number {
  const total = map.reduce((a, b) => a + Math.abs(b), 0);
  if (total === 0) return 0;
  return map.reduce((sum, v) => {
    const share = Math.abs(v) / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0);
}

/** Share of the positive attribution inside the mask, 0..1. Arras 2022; Quantus: `RelevanceMassAccuracy`, higher is better. Null without any. */
export function relevanceMass(map: Float32Array, mask: Uint8Array): number | null {
  let [inside, total] = [0, 0];
  map.forEach((v, i) => {
    if (v <= 0) return;
    total += v;
    if (mask[i]) inside += v;
  });
  return total === 0 ? null : inside / total;
}

/** Does the strongest place lie in the mask? Zhang 2018; Quantus: `PointingGame`, higher is better. */
export function pointingGame(map: Float32Array, mask: Uint8Array): boolean {
  const peak = map.reduce((best, v, i) => (v > (map[best] as number) ? i : best), 0);
  return Boolean(mask[peak]);
}

/** Spearman's rank correlation of two maps: how far two methods, or two baselines, agree. Null when one is flat. */
export function agreement(a: Float32Array, b: Float32Array): number | null {
  const [ra, rb] = [ranks(a), ranks(b)];
  const n = a.length;
  const mean = (n + 1) / 2;
  let [cov, va, vb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [da, db] = [(ra[i] as number) - mean, (rb[i] as number) - mean];
    cov += da * db;
    va += da * da;
    vb += db * db;
  }
  return va === 0 || vb === 0 ? null : cov / Math.sqrt(va * vb);
}

/** Ranks from 1; equal values share the mean of their ranks. */
function ranks(values: Float32Array): Float64Array {
  const order = Array.from(values.keys()).sort((i, j) => (values[i] as number) - (values[j] as number));
  const out = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1] as number] === values[order[start] as number])
      end++;
    for (let k = start; k <= end; k++) out[order[k] as number] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return out;
}
