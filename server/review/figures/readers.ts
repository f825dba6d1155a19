import { z } from 'zod';
import type { Figures } from '../contract/figures.ts';
import { kappa } from './kappa.ts';
import { parametersOf, type Query, RESULTS, type Selection } from './selection.ts';

const VERDICTS = ['agree', 'disagree', 'cannot-tell'] as const;
const Pair = z.object({ first: z.enum(VERDICTS), second: z.enum(VERDICTS), pairs: z.coerce.number() });

/** How far two readers say the same: of each what was signed first, since an amendment may have seen the other's. */
export async function readers(query: Query, selection: Selection): Promise<Pick<Figures, 'kappa'>> {
  const pairs = z.array(Pair).parse(
    await query(
      `with ${RESULTS}, said as (
        select r.analysis, e ->> 'verdict' as verdict, row_number() over (partition by r.analysis, r.n order by g.at, g.id) as k
        from r join pellucid.review_reading g on g.analysis = r.analysis and g.role = 'reader' and g.amends is null
        cross join lateral jsonb_array_elements(g.reading -> 'findings') e
        where (e ->> 'finding')::int = r.n
      )
      select a.verdict as first, b.verdict as second, count(*) as pairs
      from said a join said b on b.analysis = a.analysis and a.k = 1 and b.k = 2 group by 1, 2`,
      parametersOf(selection),
    ),
  );
  const found = kappa(
    VERDICTS.map((first) =>
      VERDICTS.map((second) => pairs.find((p) => p.first === first && p.second === second)?.pairs ?? 0),
    ),
  );
  return found ? { kappa: found } : {};
}
