import { z } from 'zod';
import { Fault } from '../../shared/fault.ts';
import type { CompareQuery, Comparison, ThresholdEffect, ThresholdQuery } from '../contract/acts.ts';
import type { Query } from '../figures/selection.ts';

/** So many of the cases that would change are named. */
const NAMED = 100;

const Effect = z.object({
  now: z.number().nullable(),
  results: z.coerce.number(),
  positive_now: z.coerce.number(),
  positive_then: z.coerce.number(),
  known: z.coerce.number(),
  present: z.coerce.number(),
  tp_now: z.coerce.number(),
  tp_then: z.coerce.number(),
  tn_now: z.coerce.number(),
  tn_then: z.coerce.number(),
});
const Changed = z.object({ analysis: z.string(), name: z.string(), score: z.number() });

/**
 * What another threshold would have said of the current results of a model: it is only worked out, nothing is changed. A score counts from the threshold on.
 * The threshold of now is the newest result's. Throws NOT_FOUND without a scored result.
 */
export async function thresholdEffect(
  query: Query,
  model: string,
  { finding, at }: ThresholdQuery,
): Promise<ThresholdEffect> {
  const scored = `from pellucid.review_case c
    join pellucid.review_finding f on f.analysis = c.analysis and f.label = $2 and f.score is not null
    left join pellucid.review_verdict v on v.analysis = f.analysis and v.n = f.n
    where c.model_id = $1 and c.current`;
  const values = [model, finding, at];
  const [row] = z.array(Effect).parse(
    await query(
      `select (array_agg(f.threshold order by c.made_at desc, c.analysis))[1] as now, count(*) as results,
        count(*) filter (where f.positive) as positive_now, count(*) filter (where f.score >= $3) as positive_then,
        count(v.truth_present) as known, count(*) filter (where v.truth_present) as present,
        count(*) filter (where v.truth_present and f.positive) as tp_now,
        count(*) filter (where v.truth_present and f.score >= $3) as tp_then,
        count(*) filter (where not v.truth_present and not f.positive) as tn_now,
        count(*) filter (where not v.truth_present and f.score < $3) as tn_then
      ${scored}`,
      values,
    ),
  );
  if (!row || row.now === null)
    throw new Fault('NOT_FOUND', `${model} has no scored result with the finding "${finding}"`);
  const changed = z
    .array(Changed)
    .parse(
      await query(
        `select c.analysis, c.name, f.score ${scored} and f.positive <> (f.score >= $3) order by c.made_at desc, c.analysis limit ${NAMED}`,
        values,
      ),
    );
  const absent = row.known - row.present;
  return {
    now: row.now,
    at,
    results: row.results,
    positiveNow: row.positive_now,
    positiveThen: row.positive_then,
    truth: {
      n: row.known,
      ...(row.present > 0
        ? { sensitivityNow: row.tp_now / row.present, sensitivityThen: row.tp_then / row.present }
        : {}),
      ...(absent > 0 ? { specificityNow: row.tn_now / absent, specificityThen: row.tn_then / absent } : {}),
    },
    changed,
  };
}

const Compared = z.object({
  n: z.coerce.number(),
  agreed: z.coerce.number(),
  difference: z.number().nullable(),
});
const Pair = z.object({
  a: z.string(),
  b: z.string(),
  series: z.string(),
  score_a: z.number(),
  score_b: z.number(),
});

/** Two versions on the same images, in shadow or not: the newest result of each. Scores as b − a. */
export async function compareVersions(
  query: Query,
  model: string,
  { finding, a, b }: CompareQuery,
): Promise<Comparison> {
  const scored = (
    version: string,
  ): string => `select distinct on (a.series, a.fingerprint) a.id, a.series, a.fingerprint, f.score, f.positive
    from pellucid.analysis a join pellucid.review_finding f on f.analysis = a.id and f.label = $2 and f.score is not null
    where a.model_id = $1 and a.model_version = ${version} order by a.series, a.fingerprint, a.created_at desc, f.n`;
  const both = `with a as (${scored('$3')}), b as (${scored('$4')}),
    p as (select a.id as a, b.id as b, a.series, a.score as score_a, b.score as score_b, a.positive = b.positive as same
      from a join b using (series, fingerprint))`;
  const values = [model, finding, a, b];
  const [row] = z
    .array(Compared)
    .parse(
      await query(
        `${both} select count(*) as n, count(*) filter (where same) as agreed, avg(score_b - score_a) as difference from p`,
        values,
      ),
    );
  const changed = z
    .array(Pair)
    .parse(
      await query(
        `${both} select * from p where not same order by abs(score_b - score_a) desc, a limit ${NAMED}`,
        values,
      ),
    );
  return {
    n: row?.n ?? 0,
    agreed: row?.agreed ?? 0,
    ...(row?.difference == null ? {} : { meanDifference: row.difference }),
    changed: changed.map(({ a: first, b: second, series, score_a, score_b }) => ({
      a: first,
      b: second,
      name: series,
      scoreA: score_a,
      scoreB: score_b,
    })),
  };
}
