import { z } from 'zod';
import type { Figures } from '../contract/figures.ts';
import { kappa } from './kappa.ts';
import { SELECTED } from './selection.ts';

const VERDICTS = ['agree', 'disagree', 'cannot-tell'] as const;
const Pair = z.object({ first: z.enum(VERDICTS), second: z.enum(VERDICTS), pairs: z.coerce.number() });

/** Pairs of what two readers signed first, since an amendment may have seen the other's. Few results are read twice: they are begun with. */
export const PAIRS = `
  with twice as materialized (
    select analysis from pellucid.review_reading where role = 'reader' and amends is null group by 1 having count(*) > 1
  ),
  said as (
    select t.analysis, t.n,
      jsonb_path_query_first(g.reading, '$.findings[*] ? (@.finding == $n).verdict', jsonb_build_object('n', t.n)) #>> '{}' as verdict,
      row_number() over (partition by t.analysis, t.n order by g.at, g.id) as k
    from (select c.analysis, f.n ${SELECTED} and c.analysis in (select analysis from twice)) t
    join pellucid.review_reading g on g.analysis = t.analysis and g.role = 'reader' and g.amends is null
  )
  select first, second, count(*) as pairs from (
    select max(verdict) filter (where k = 1) as first, max(verdict) filter (where k = 2) as second from said group by analysis, n
  ) p where first is not null and second is not null group by 1, 2`;

/** From the rows of `PAIRS`. */
export function readersOf(counted: unknown): Pick<Figures, 'kappa'> {
  const pairs = z.array(Pair).parse(counted);
  const found = kappa(
    VERDICTS.map((first) =>
      VERDICTS.map((second) => pairs.find((p) => p.first === first && p.second === second)?.pairs ?? 0),
    ),
  );
  return found ? { kappa: found } : {};
}
