import { z } from 'zod';
import type { Sql } from '../shared/sql.ts';
import type { Case } from './contract/case.ts';

/** Results beside the one that is looked at. */
const Earlier = z.object({
  analysis: z.string(),
  model: z.string(),
  version: z.string(),
  state: z.string(),
  sentence: z.string(),
  at: z.date().transform((d) => d.toISOString()),
});

/** What else was made of the same series, the newest first. */
export const earlierOf = async (
  sql: Sql,
  { id, series }: { readonly id: string; readonly series: string },
): Promise<Case['earlier']> =>
  z.array(Earlier).parse(
    await sql.query(
      `select a.id as analysis, a.model_id as model, coalesce(a.model_version, '') as version,
          case when a.mode = 'shadow' then 'shadow' else a.state end as state,
          coalesce(c.sentence, a.findings -> 0 ->> 'sentence', a.reason, '') as sentence, a.updated_at as at
        from pellucid.analysis a left join pellucid.review_case c on c.analysis = a.id
        where a.series = $1 and a.id <> $2 and a.model_id is not null order by a.updated_at desc limit 50`,
      [series, id],
    ),
  );

/** What is current of other studies, in their order. */
export async function priorsOf(
  sql: Sql,
  studies: readonly { readonly study: string; readonly at: string }[],
): Promise<Case['priors']> {
  if (studies.length === 0) return [];
  const rows = z
    .array(z.object({ study: z.string(), sentence: z.string() }))
    .parse(
      await sql.query(
        `select study, sentence from pellucid.review_case where current and study = any($1::text[]) order by made_at desc limit 200`,
        [studies.map(({ study }) => study)],
      ),
    );
  return studies.flatMap(({ study, at }) =>
    rows
      .filter((row) => row.study === study)
      .map(({ sentence }) => ({ StudyInstanceUID: study, sentence, at })),
  );
}
