import { seededRandom } from '../../shared/random.ts';
import { keepRegions, paint, type Regions } from '../regions.ts';
import { type Attribution, type Subject, scoreOf } from '../subject.ts';
import { weightedLeastSquares } from './least-squares.ts';

export interface SurrogateOptions {
  readonly baseline: Float32Array;
  /** Usually superpixels. */
  readonly regions: Regions;
  readonly nSamples: number;
  readonly seed?: number;
}

/**
 * Shapley values of the regions by weighted regression over sampled coalitions; they sum to score(input) −
 * score(baseline) exactly, for that is a constraint of the fit. Lundberg 2017, theorem 2.
 */
export async function kernelShap(
  subject: Subject,
  input: Float32Array,
  options: SurrogateOptions,
): Promise<Attribution> {
  const { baseline, regions, nSamples, seed = 1 } = options;
  const n = regions.count;
  const whole = await scoreOf(subject, input);
  const none = await scoreOf(subject, baseline);
  const random = seededRandom(seed);
  // The kernel's weight of all coalitions of one size is proportional to (n − 1) / (s (n − s)): draw sizes so, and then
  // all samples weigh the same. Each comes with its complement, which halves the variance.
  const sizes = Array.from({ length: n - 1 }, (_, i) => (n - 1) / ((i + 1) * (n - 1 - i)));
  const rows: number[][] = [];
  const values: number[] = [];
  for (let sample = 0; sample < nSamples; sample += 2) {
    const chosen = choose(n, pick(sizes, random) + 1, random);
    for (const kept of [chosen, chosen.map((k) => !k)]) {
      values.push(
        await scoreOf(subject, keepRegions(input, baseline, { regions, kept: (r) => kept[r] as boolean })),
      );
      rows.push(kept.map(Number));
    }
  }
  // The constraint Σφ = whole − none takes out the last region.
  const total = whole - none;
  const reduced = rows.map((row) => row.slice(0, -1).map((z) => z - (row[n - 1] as number)));
  const targets = values.map((v, i) => v - none - (rows[i]?.[n - 1] as number) * total);
  const fitted = weightedLeastSquares(reduced, targets, { weights: targets.map(() => 1), ridge: 1e-9 });
  const shares = [...fitted, total - fitted.reduce((a, b) => a + b, 0)];
  return {
    method: 'kernelShap',
    dims: regions.dims,
    data: paint(regions, shares),
    parameters: { nSamples, seed, regions: n },
  };
}

/** Coefficients of a local linear model on which regions are kept, near ones weighing more. Ribeiro 2016. */
export async function lime(
  subject: Subject,
  input: Float32Array,
  {
    baseline,
    regions,
    nSamples,
    seed = 1,
    kernelWidth = 0.25,
  }: SurrogateOptions & { readonly kernelWidth?: number },
): Promise<Attribution> {
  const n = regions.count;
  const random = seededRandom(seed);
  const rows: number[][] = [];
  const values: number[] = [];
  for (let sample = 0; sample < nSamples; sample++) {
    const kept = Array.from({ length: n }, () => sample === 0 || random() < 0.5);
    values.push(
      await scoreOf(subject, keepRegions(input, baseline, { regions, kept: (r) => kept[r] as boolean })),
    );
    rows.push([...kept.map(Number), 1]);
  }
  const weights = rows.map((row) => {
    const share = row.slice(0, n).reduce((a, b) => a + b, 0) / n;
    const distance = 1 - Math.sqrt(share); // cosine distance to the whole
    return Math.exp(-(distance ** 2) / kernelWidth ** 2);
  });
  const coefficients = weightedLeastSquares(rows, values, { weights, ridge: 1e-3 }).slice(0, n);
  return {
    method: 'lime',
    dims: regions.dims,
    data: paint(regions, coefficients),
    parameters: { nSamples, seed, kernelWidth, regions: n },
  };
}

/** An index drawn with probability proportional to its weight. */
function pick(weights: readonly number[], random: () => number): number {
  let at = random() * weights.reduce((a, b) => a + b, 0);
  return Math.max(
    0,
    weights.findIndex((w) => {
      at -= w;
      return at < 0;
    }),
  );
}

/** `count` of n, each set equally likely. */
function choose(n: number, count: number, random: () => number): readonly boolean[] {
  const order = Array.from({ length: n }, (_, i) => ({ i, key: random() })).sort((a, b) => a.key - b.key);
  const chosen = new Set(order.slice(0, count).map((o) => o.i));
  return Array.from({ length: n }, (_, i) => chosen.has(i));
}
