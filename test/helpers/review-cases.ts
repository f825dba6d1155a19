import type { Sql } from '../../server/jobs/database.ts';

/** What a case of the review tables is made of; what is left out is the same in all. */
export interface BuiltCase {
  readonly score: number;
  readonly positive: boolean;
  readonly threshold?: number;
  readonly label?: string;
  readonly model?: string;
  readonly version?: string;
  readonly scanner?: string | null;
  readonly site?: string | null;
  readonly ageYears?: number | null;
  readonly sex?: string | null;
  readonly inputs?: Readonly<Record<string, number>>;
  readonly madeAt?: string;
  readonly visibleMs?: number;
  readonly flagged?: boolean;
  readonly current?: boolean;
  /** What the readers signed, in this order. */
  readonly readings?: readonly { readonly verdict: string; readonly at?: string }[];
  /** What counts in the end. */
  readonly verdict?: string | undefined;
  readonly reasons?: readonly string[];
  readonly explanation?: number | null;
  readonly truth?: boolean | null;
  readonly judgedAt?: string;
}

const MADE_AT = '2026-11-02T10:00:00.000Z';
const id = (i: number): string => i.toString(16).padStart(32, '0');

/** Writes cases as the triggers and the readings would have left them; their analyses' ids, in order. `from` keeps several calls apart. */
export async function insertCases(
  sql: Pick<Sql, 'query'>,
  cases: readonly BuiltCase[],
  from = 1,
): Promise<readonly string[]> {
  const rows = cases.map((c, i) => ({
    analysis: id(from + i),
    at: MADE_AT,
    model: 'm',
    version: '1.0.0',
    label: 'Nodule',
    threshold: 0.5,
    visibleMs: 10_000,
    flagged: false,
    current: true,
    inputs: {},
    reasons: [],
    readings: [],
    ...c,
    madeAt: c.madeAt ?? MADE_AT,
    judgedAt: c.judgedAt ?? c.madeAt ?? MADE_AT,
  }));
  const json = [JSON.stringify(rows)];
  const from$ = `jsonb_array_elements($1::jsonb) with ordinality x (v, i)`;
  await sql.query(
    `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, model_digest, mode, state, created_at)
      select v ->> 'analysis', '1.2.' || i, '1.3.' || i, 'f', 1, v ->> 'madeAt', v ->> 'model', v ->> 'version', 'd', 'clinical', 'done', v ->> 'madeAt' from ${from$}`,
    json,
  );
  await sql.query(
    `insert into pellucid.review_case (analysis, study, series, name, model_id, model_version, model_digest, findings, headline, label, sentence,
        positive, score, threshold, distance, flags, flagged, scanner, site, age_years, sex, inputs, made_at, visible_ms, current, state)
      select v ->> 'analysis', '1.2.' || i, '1.3.' || i, 'S-' || lpad(i::text, 5, '0'), v ->> 'model', v ->> 'version', 'd', 1, 0, v ->> 'label', 'A sentence.',
        (v ->> 'positive')::boolean, (v ->> 'score')::float8, (v ->> 'threshold')::float8, abs((v ->> 'score')::float8 - (v ->> 'threshold')::float8),
        case when (v ->> 'flagged')::boolean then '["Flagged."]'::jsonb else '[]' end, (v ->> 'flagged')::boolean, v ->> 'scanner', v ->> 'site',
        (v ->> 'ageYears')::int, v ->> 'sex', v -> 'inputs', (v ->> 'madeAt')::timestamptz, (v ->> 'visibleMs')::bigint, (v ->> 'current')::boolean,
        case when v ->> 'verdict' is null then 'unread' else 'judged' end
      from ${from$}`,
    json,
  );
  await sql.query(
    `insert into pellucid.review_finding (analysis, n, label, sentence, positive, score, threshold, flagged)
      select v ->> 'analysis', 0, v ->> 'label', 'A sentence.', (v ->> 'positive')::boolean, (v ->> 'score')::float8, (v ->> 'threshold')::float8, (v ->> 'flagged')::boolean
      from ${from$}`,
    json,
  );
  await sql.query(
    `insert into pellucid.review_reading (id, analysis, subject, name, role, reading, at, key)
      select (v ->> 'analysis') || k, v ->> 'analysis', 'reader-' || k, 'Reader ' || k, 'reader',
        jsonb_build_object('findings', jsonb_build_array(jsonb_build_object('finding', 0, 'verdict', g ->> 'verdict', 'reasons', '[]'::jsonb))),
        coalesce((g ->> 'at')::timestamptz, (v ->> 'madeAt')::timestamptz + k * interval '1 minute'), gen_random_uuid()
      from ${from$}, jsonb_array_elements(v -> 'readings') with ordinality y (g, k)`,
    json,
  );
  await sql.query(
    `insert into pellucid.review_verdict (analysis, n, verdict, reasons, explanation, truth_present, at, subject, name, role)
      select v ->> 'analysis', 0, v ->> 'verdict', array(select jsonb_array_elements_text(v -> 'reasons')), (v ->> 'explanation')::float8,
        (v ->> 'truth')::boolean, (v ->> 'judgedAt')::timestamptz, 'reader-1', 'Reader 1', 'reader'
      from ${from$} where v ->> 'verdict' is not null`,
    json,
  );
  return rows.map(({ analysis }) => analysis);
}
