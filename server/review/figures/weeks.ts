import { z } from 'zod';
import type { Figures } from '../contract/figures.ts';
import { controlChart } from './control-chart.ts';
import { proportion } from './proportion.ts';
import { WEEK } from './selection.ts';

const Row = z.object({
  week: z.string(),
  results: z.coerce.number(),
  agree: z.coerce.number(),
  disagree: z.coerce.number(),
  flagged: z.coerce.number(),
  rated: z.coerce.number(),
  rating: z.coerce.number().nullable(),
});

/** Over `w` and `j`, by calendar week (ISO 8601, UTC) in which the result was made; weeks without a result are left out. */
export const WEEKS = `
  select to_char(date '1970-01-05' + 7 * week, 'YYYY-MM-DD') as week, results, flagged, coalesce(agree, 0) as agree, coalesce(disagree, 0) as disagree,
    coalesce(rated, 0) as rated, rating
  from (
    select week, sum(results) as results, sum(flagged) as flagged from w group by 1
  ) made left join (
    select ${WEEK} as week, count(*) filter (where verdict = 'agree') as agree,
      count(*) filter (where verdict = 'disagree') as disagree, count(explanation) as rated, avg(explanation) as rating
    from j group by 1
  ) judged using (week) order by week`;

/** From the rows of `WEEKS`. */
export function weeksOf(counted: unknown): Pick<Figures, 'weeks' | 'baseline'> {
  const rows = z.array(Row).parse(counted);
  const { baseline, limits } = controlChart(
    rows.map(({ agree, disagree }) => ({ k: disagree, n: agree + disagree })),
  );
  return {
    ...(baseline ? { baseline } : {}),
    weeks: rows.map(({ week, results, agree, disagree, flagged, rated, rating }, i) => ({
      week,
      discordant: proportion(disagree, agree + disagree),
      outside: false,
      ...limits[i],
      ...(rating === null ? {} : { explanation: { mean: rating, n: rated } }),
      flagged: proportion(flagged, results),
    })),
  };
}
