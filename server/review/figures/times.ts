import { z } from 'zod';
import type { Figures } from '../contract/figures.ts';

const Row = z.object({
  n: z.coerce.number(),
  median: z.number().nullable(),
  p95: z.number().nullable(),
  judged: z.coerce.number(),
  verdict_median: z.number().nullable(),
  verdict_p95: z.number().nullable(),
});

/** Over `r` and `j`, in seconds; quantiles are linear between neighbours. */
export const TIMES = `
  select n, q[1] / 1000 as median, q[2] / 1000 as p95, judged, w[1] as verdict_median, w[2] as verdict_p95
  from (
    select count(visible_ms) as n, percentile_cont(array[0.5, 0.95]) within group (order by visible_ms) as q from r
  ) visible, (
    select count(judged_at) as judged,
      percentile_cont(array[0.5, 0.95]) within group (order by date_part('epoch', judged_at - made_at)) as w from j
  ) told`;

/** From the row of `TIMES`: from the last image to the result, and from the result to its verdict. */
export function timesOf(taken: unknown): Pick<Figures, 'turnaround' | 'toVerdict'> {
  const [row] = z.array(Row).parse(taken);
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
