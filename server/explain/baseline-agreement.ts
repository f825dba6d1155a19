import { agreement } from './measures/shape.ts';

export interface BaselineAgreement {
  readonly baselines: readonly [string, string];
  /** Spearman's rank correlation of the two maps, −1..1; null when one of them is flat. */
  readonly agreement: number | null;
}

/**
 * How far the maps of one method agree that were made on different baselines, pair by pair: a map that turns with the
 * baseline tells of the baseline. Maps have equal dims.
 */
export function baselineAgreement(
  maps: Readonly<Record<string, Float32Array>>,
): readonly BaselineAgreement[] {
  const named = Object.entries(maps);
  return named.flatMap(([a, left], i) =>
    named
      .slice(i + 1)
      .map(([b, right]) => ({ baselines: [a, b] as const, agreement: agreement(left, right) })),
  );
}
