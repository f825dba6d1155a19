import { Fault } from '../../shared/fault.ts';
import { keepRegions, type Regions } from '../regions.ts';
import type { Subject } from '../subject.ts';

/** 2^10 forwards are the most that is asked of a model. */
export const MAX_REGIONS = 10;

export interface RegionShares {
  /** By region; their sum is score(input) − score(baseline), to rounding. */
  readonly shares: readonly number[];
  readonly whole: number;
  readonly none: number;
}

/**
 * Exact Shapley values of at most ten regions: the mean, over all orders in which regions could be revealed on the
 * baseline, of what each adds. Shapley 1953; 2^regions forwards. Throws MODEL_INPUT_MISMATCH for more regions.
 */
export async function exactShapley(
  subject: Subject,
  input: Float32Array,
  { baseline, regions }: { readonly baseline: Float32Array; readonly regions: Regions },
): Promise<RegionShares> {
  const n = regions.count;
  if (n > MAX_REGIONS)
    throw new Fault('MODEL_INPUT_MISMATCH', `exact shares are for at most ${MAX_REGIONS} regions, not ${n}`);
  const scores: number[] = [];
  for (let coalition = 0; coalition < 2 ** n; coalition++) {
    const kept = keepRegions(input, baseline, { regions, kept: (r) => Boolean((coalition >> r) & 1) });
    scores.push(...(await subject.score([kept])));
  }
  const weight = Array.from(
    { length: n },
    (_, members) => (factorial(members) * factorial(n - members - 1)) / factorial(n),
  );
  const shares = Array.from({ length: n }, (_, r) =>
    scores.reduce((sum, without, coalition) => {
      if ((coalition >> r) & 1) return sum;
      const added = (scores[coalition | (1 << r)] as number) - without;
      return sum + (weight[members(coalition)] as number) * added;
    }, 0),
  );
  return { shares, whole: scores[2 ** n - 1] as number, none: scores[0] as number };
}

const members = (coalition: number): number => [...coalition.toString(2)].filter((b) => b === '1').length;

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
