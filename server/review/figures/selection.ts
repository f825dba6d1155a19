import type { FigureQuery } from '../contract/figures.ts';

/** One statement with `$1` parameters. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly unknown[]>;

/** What the figures are of: one finding of one model. */
export interface Selection extends FigureQuery {
  readonly finding: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The results of a selection as `c`, their finding as `f`, and as `v` what counts of its readings; $1 to $6 are taken. A result whose images changed is left
 * out unless someone judged it: that is still a judgement of the model.
 */
export const SELECTED = `from pellucid.review_case c
  join pellucid.review_finding f on f.analysis = c.analysis and f.label = $2
  left join pellucid.review_verdict v on v.analysis = f.analysis and v.n = f.n
  where c.model_id = $1 and ($3::text is null or c.model_version = $3) and ($4::text is null or c.site = $4)
    and c.made_at >= $5::timestamptz and c.made_at <= $6::timestamptz and (c.current or v.verdict is not null)`;

/** `r`: one row a result. */
export const RESULTS = `r as materialized (
  select c.analysis, c.model_version, c.made_at, c.visible_ms, c.scanner, c.site, c.sex, c.age_years, f.n,
    f.positive, f.flagged, v.verdict, v.reasons, v.explanation, v.truth_present, v.at as judged_at
  ${SELECTED}
)`;

export const parametersOf = ({ model, finding, version, site, from, to }: Selection): readonly unknown[] => [
  model,
  finding,
  version ?? null,
  site ?? null,
  from,
  to,
];
