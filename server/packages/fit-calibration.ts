import { calibrate } from '../infer/calibrate.ts';
import type { Calibration } from '../models/scores.ts';
import { seededRandom } from '../shared/random.ts';

/** A score, 0..1, and whether what it asks for was there. */
export interface Scored {
  readonly score: number;
  readonly positive: boolean;
}

export type Fit =
  | { method: 'temperature'; temperature: number }
  | { method: 'isotonic'; knots: [number, number][] };
export type FitMethod = Fit['method'];

export const fitCalibration = (method: FitMethod, cases: readonly Scored[]): Fit =>
  method === 'temperature'
    ? { method, temperature: Number(temperatureOf(cases).toPrecision(3)) }
    : { method, knots: knotsOf(cases) };

/** Probabilities of the cases, each by a fit on the four fifths of them that it is not in. */
export function crossFitted(method: FitMethod, cases: readonly Scored[]): readonly Scored[] {
  const random = seededRandom(9);
  const shuffled = cases.map((of) => ({ of, key: random() })).sort((a, b) => a.key - b.key);
  const fits = Array.from({ length: FOLDS }, (_, fold) =>
    fitCalibration(
      method,
      shuffled.filter((_, i) => i % FOLDS !== fold).map(({ of }) => of),
    ),
  );
  return shuffled.map(({ of: { score, positive } }, i) => ({
    score: calibrate(score, { ...(fits[i % FOLDS] as Fit), fittedOn: 'the other folds' } as Calibration),
    positive,
  }));
}
const FOLDS = 5;

/** Expected calibration error: |mean score − share of positives| in ten equal bins of the score, weighed by their cases. */
export function calibrationError(cases: readonly Scored[]): number {
  let error = 0;
  for (let bin = 0; bin < 10; bin++) {
    const inside = cases.filter((c) => Math.min(9, Math.floor(c.score * 10)) === bin);
    error += Math.abs(inside.reduce((sum, c) => sum + c.score - (c.positive ? 1 : 0), 0));
  }
  return error / cases.length;
}

/** T with the least log loss of sigmoid(logit / T), by golden sections: the loss is convex in 1/T (Guo 2017). From 0.05 to 20. */
function temperatureOf(cases: readonly Scored[]): number {
  const logits = cases.map(({ score, positive }) => {
    const kept = Math.min(1 - 1e-7, Math.max(1e-7, score));
    return (positive ? 1 : -1) * Math.log(kept / (1 - kept));
  });
  const loss = (logT: number): number =>
    logits.reduce((sum, z) => sum + Math.log1p(Math.exp(-z / Math.exp(logT))), 0);
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.05), Math.log(20)];
  while (high - low > 1e-5) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/**
 * The rising steps nearest to the truths, by pooling neighbours that fall (Zadrozny 2002), each step from its least to its greatest score. No
 * probability nearer to 0 or 1 than so many cases can tell: 1 / (n + 2).
 */
function knotsOf(cases: readonly Scored[]): [number, number][] {
  const steps: Step[] = [];
  for (const { score, positive } of cases.toSorted((a, b) => a.score - b.score)) {
    const same = steps.at(-1)?.high === score ? steps.pop() : undefined;
    let step: Step = { low: score, high: score, n: 1, positives: Number(positive) };
    if (same) step = joined(same, step);
    for (let last = steps.at(-1); last && shareOf(last) >= shareOf(step); last = steps.at(-1)) {
      steps.pop();
      step = joined(last, step);
    }
    steps.push(step);
  }
  const least = 1 / (cases.length + 2);
  const within = (share: number): number => Math.min(1 - least, Math.max(least, share));
  return steps
    .flatMap((step) => [step.low, step.high].map((at): [number, number] => [at, within(shareOf(step))]))
    .map(([at, share]): [number, number] => [Number(at.toFixed(6)), Number(share.toFixed(4))])
    .filter(([at], i, all) => i === 0 || at > (all[i - 1]?.[0] ?? 0));
}

type Step = { low: number; high: number; n: number; positives: number };
const shareOf = ({ n, positives }: Step): number => positives / n;
const joined = (a: Step, b: Step): Step => ({
  low: a.low,
  high: b.high,
  n: a.n + b.n,
  positives: a.positives + b.positives,
});
