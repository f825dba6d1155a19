import { z } from 'zod';
import type { Figures } from '../contract/figures.ts';
import { kappa } from './kappa.ts';

const VERDICTS = ['agree', 'disagree', 'cannot-tell'] as const;
const Pair = z.object({ first: z.enum(VERDICTS), second: z.enum(VERDICTS), pairs: z.coerce.number() });

/** Over `r`: pairs of what two readers signed first, since an amendment may have seen the other's. */
export const PAIRS = `
  with twice as (
    select analysis from pellucid.review_reading where role = 'reader' and amends is null group by 1 having count(*) > 1
  ),
  said as (
    select r.analysis, e ->> 'verdict' as verdict, row_number() over (partition by r.analysis, r.n order by g.at, g.id) as k
    from twice join r using (analysis) join pellucid.review_reading g on g.analysis = r.analysis and g.role = 'reader' and g.amends is null
    cross join lateral jsonb_array_elements(g.reading -> 'findings') e
    where (e ->> 'finding')::int = r.n
  )
  select a.verdict as first, b.verdict as second, count(*) as pairs
  from said a join said b on b.analysis = a.analysis and a.k = 1 and b.k = 2 group by 1, 2`;

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
