import type { Scored } from '../server/packages/fit-calibration.ts';
import { seededRandom } from '../server/shared/random.ts';

/** A figure with its 95 % bootstrap interval (percentiles of 2,000 resamples, fixed seed). */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** `figure` of the cases, and of 2,000 draws of as many of them with replacement. Draws without a figure (NaN) are left out. */
export function bootstrap<Case>(
  cases: readonly Case[],
  figure: (drawn: readonly Case[]) => number,
): Estimate {
  const random = seededRandom(1);
  const draws = Array.from({ length: 2000 }, () =>
    figure(cases.map(() => cases[Math.floor(random() * cases.length)] as Case)),
  )
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b);
  const at = (share: number): number => draws[Math.floor(share * draws.length) - 1] as number;
  return { value: figure(cases), low: at(0.025), high: at(0.975) };
}

/** Mean with its interval. */
export function bootstrapInterval(values: readonly number[]): { mean: number; low: number; high: number } {
  const { value, low, high } = bootstrap(
    values,
    (drawn) => drawn.reduce((sum, v) => sum + v, 0) / drawn.length,
  );
  return { mean: value, low, high };
}

/** Area under the ROC curve: the share of pairs whose positive has the greater score, equal ones counting half (Mann-Whitney). */
export function areaUnderRoc(cases: readonly Scored[]): number {
  const sorted = [...cases].sort((a, b) => a.score - b.score);
  const positives = cases.filter((c) => c.positive).length;
  let ranks = 0;
  for (let begin = 0; begin < sorted.length; ) {
    let end = begin + 1;
    while (end < sorted.length && sorted[end]?.score === sorted[begin]?.score) end++;
    const rank = (begin + 1 + end) / 2;
    for (let i = begin; i < end; i++) if (sorted[i]?.positive) ranks += rank;
    begin = end;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (cases.length - positives));
}
