import { z } from 'zod';
import type { Figures } from '../contract/figures.ts';
import { parametersOf, type Query, RESULTS, type Selection } from './selection.ts';

const Row = z.object({
  n: z.coerce.number(),
  median: z.number().nullable(),
  p95: z.number().nullable(),
  judged: z.coerce.number(),
  verdict_median: z.number().nullable(),
  verdict_p95: z.number().nullable(),
});

/** From the last image to the result, and from the result to its verdict; quantiles are linear between neighbours. */
export async function times(
  query: Query,
  selection: Selection,
): Promise<Pick<Figures, 'turnaround' | 'toVerdict'>> {
  const [row] = z.array(Row).parse(
    await query(
      `with ${RESULTS}, t as (select visible_ms / 1000.0::float8 as s, extract(epoch from judged_at - made_at)::float8 as v from r)
      select count(s) as n, percentile_cont(0.5) within group (order by s) as median,
        percentile_cont(0.95) within group (order by s) as p95,
        count(v) as judged, percentile_cont(0.5) within group (order by v) as verdict_median,
        percentile_cont(0.95) within group (order by v) as verdict_p95
      from t`,
      parametersOf(selection),
    ),
  );
  return {
    ...named('turnaround', row?.n, row?.median, row?.p95),
    ...named('toVerdict', row?.judged, row?.verdict_median, row?.verdict_p95),
  };
}

const named = <K extends string>(
  name: K,
  n = 0,
  medianS: number | null = null,
  p95S: number | null = null,
): { [P in K]?: { n: number; medianS: number; p95S: number } } =>
  medianS === null || p95S === null
    ? {}
    : ({ [name]: { n, medianS, p95S } } as { [P in K]: { n: number; medianS: number; p95S: number } });
