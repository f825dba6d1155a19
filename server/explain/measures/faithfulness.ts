import { gaussian, seededRandom } from '../../shared/random.ts';
import { keepRegions, type Regions } from '../regions.ts';
import { type Subject, scoreOf } from '../subject.ts';

export interface FaithfulnessOptions {
  readonly baseline: Float32Array;
  readonly regions: Regions;
  readonly nSamples?: number;
  readonly seed?: number;
}

/**
 * Pearson correlation, over random subsets of regions, of the attribution that is taken away and the score that is lost.
 * 1 is best. Bhatt 2020; Quantus: `FaithfulnessCorrelation`, higher is better. Null when either never varies.
 */
export async function faithfulnessCorrelation(
  subject: Subject,
  input: Float32Array,
  { map, baseline, regions, nSamples = 50, seed = 1 }: FaithfulnessOptions & { readonly map: Float32Array },
): Promise<number | null> {
  const random = seededRandom(seed);
  const weight = new Float64Array(regions.count);
  regions.label.forEach((r, i) => {
    weight[r] = (weight[r] as number) + (map[i] as number);
  });
  const whole = await scoreOf(subject, input);
  const taken: number[] = [];
  const lost: number[] = [];
  for (let n = 0; n < nSamples; n++) {
    const kept = Array.from({ length: regions.count }, () => random() < 0.5);
    taken.push(weight.reduce((sum, w, r) => (kept[r] ? sum : sum + w), 0));
    lost.push(
      whole -
        (await scoreOf(subject, keepRegions(input, baseline, { regions, kept: (r) => kept[r] as boolean }))),
    );
  }
  return correlation(taken, lost);
}

export interface InfidelityOptions {
  /** Standard deviation of the noise. */
  readonly sigma: number;
  readonly nSamples?: number;
  readonly seed?: number;
}

/**
 * Mean of (Σ δ·attribution − (score(x) − score(x − δ)))² over Gaussian δ: 0 is best, for attributions that are derivatives.
 * Yeh 2019, eq. 2; Captum and Quantus: `Infidelity`, lower is better.
 */
export async function infidelity(
  subject: Subject,
  input: Float32Array,
  { attribution, sigma, nSamples = 20, seed = 1 }: InfidelityOptions & { readonly attribution: Float32Array },
): Promise<number> {
  const random = seededRandom(seed);
  const whole = await scoreOf(subject, input);
  let sum = 0;
  for (let n = 0; n < nSamples; n++) {
    const noise = input.map(() => sigma * gaussian(random));
    const predicted = noise.reduce((s, d, i) => s + d * (attribution[i] as number), 0);
    const lost =
      whole -
      (await scoreOf(
        subject,
        input.map((v, i) => v - (noise[i] as number)),
      ));
    sum += (predicted - lost) ** 2;
  }
  return sum / nSamples;
}

export interface SensitivityOptions {
  /** Radius of the perturbation of each value. */
  readonly radius: number;
  readonly nSamples?: number;
  readonly seed?: number;
}

/**
 * The largest relative change of the map, in Euclidean norm, under small changes of the input. 0 is best. Yeh 2019, eq. 5;
 * Quantus: `MaxSensitivity`, lower is better.
 */
export async function maxSensitivity(
  explain: (input: Float32Array) => Promise<Float32Array>,
  input: Float32Array,
  { radius, nSamples = 10, seed = 1 }: SensitivityOptions,
): Promise<number> {
  const random = seededRandom(seed);
  const map = await explain(input);
  const norm = Math.sqrt(map.reduce((s, v) => s + v * v, 0));
  let worst = 0;
  for (let n = 0; n < nSamples; n++) {
    const other = await explain(input.map((v) => v + radius * (2 * random() - 1)));
    const change = Math.sqrt(other.reduce((s, v, i) => s + (v - (map[i] as number)) ** 2, 0));
    worst = Math.max(worst, norm === 0 ? change : change / norm);
  }
  return worst;
}

/** Pearson's r of two lists of the same length; null when one of them does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const n = a.length;
  const mean = (x: ArrayLike<number>) => Array.from(x).reduce((s, v) => s + v, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  let [cov, va, vb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [da, db] = [(a[i] as number) - ma, (b[i] as number) - mb];
    cov += da * db;
    va += da * da;
    vb += db * db;
  }
  return va === 0 || vb === 0 ? null : cov / Math.sqrt(va * vb);
}
