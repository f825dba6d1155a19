import type { Finding, Score } from './result.ts';

export const isAbove = ({ value, threshold }: Score): boolean =>
  threshold === undefined || value >= threshold;

/** Indices of the findings as they are listed: those with scores from the highest down, those above their threshold first; all others as the report has them. */
export function inOrder(findings: readonly Finding[]): readonly number[] {
  const indices = findings.map((_, i) => i);
  if (!findings.every((f) => f.score)) return indices;
  const rank = (i: number): number => {
    const score = findings[i]?.score as Score;
    return (isAbove(score) ? 1 : 0) + score.value / 2;
  };
  return indices.sort((a, b) => rank(b) - rank(a));
}
