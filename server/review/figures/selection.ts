import type { Sql } from '../../shared/sql.ts';
import type { FigureQuery } from '../contract/figures.ts';

/** One statement with `$1` parameters. */
export type Query = Sql['query'];

/** What the figures are of: one finding of one model. */
export interface Selection extends FigureQuery {
  readonly finding: string;
  readonly from: string;
  readonly to: string;
}

/** Of `made_at`: weeks since Monday, 5 January 1970. To group by a number costs a fifth of grouping by a date. */
export const WEEK = `floor((date_part('epoch', made_at) - 345600) / 604800)::int`;

const OF_MODEL = `c.model_id = $1 and ($3::text is null or c.model_version = $3) and ($4::text is null or c.site = $4)
  and c.made_at >= $5::timestamptz and c.made_at <= $6::timestamptz`;

/**
 * The results of a selection as `c`, their finding as `f`, and as `v` what counts of its readings; $1 to $6 are taken. A result whose images changed is left
 * out unless someone judged it: that is still a judgement of the model.
 */
export const SELECTED = `from pellucid.review_case c
  join pellucid.review_finding f on f.analysis = c.analysis and f.label = $2
  left join pellucid.review_verdict v on v.analysis = f.analysis and v.n = f.n
  where ${OF_MODEL} and (c.current or v.verdict is not null)`;

const OF_CASE =
  'c.analysis, c.made_at, c.visible_ms, c.current, c.model_version, c.scanner, c.site, c.sex, c.age_years';

/**
 * The same as `r`, one row a result; as `w` how many there are by version and week, and as `j` those that are judged, which are few. Of a result with one finding
 * its row knows all that counts, and an index holds it (`review_case_counted`): a hundred thousand are counted without their rows.
 */
export const RESULTS = `u as not materialized (
    select ${OF_CASE}, 0 as n, c.positive, c.flagged from pellucid.review_case c
      where c.findings = 1 and c.label = $2 and ${OF_MODEL}
    union all
    select ${OF_CASE}, f.n, f.positive, f.flagged from pellucid.review_case c
      join pellucid.review_finding f on f.analysis = c.analysis and f.label = $2
      where c.findings <> 1 and ${OF_MODEL}
  ),
  r as materialized (
    select made_at, visible_ms, flagged, model_version from u where u.current
      or exists (select 1 from pellucid.review_verdict v where v.analysis = u.analysis and v.n = u.n)
  ),
  w as materialized (
    select model_version, ${WEEK} as week, count(*) as results, count(*) filter (where flagged) as flagged
      from r group by 1, 2
  ),
  j as materialized (
    select u.*, v.verdict, v.reasons, v.explanation, v.truth_present, v.at as judged_at
      from u join pellucid.review_verdict v on v.analysis = u.analysis and v.n = u.n
  )`;

export const parametersOf = ({ model, finding, version, site, from, to }: Selection): readonly unknown[] => [
  model,
  finding,
  version ?? null,
  site ?? null,
  from,
  to,
];
