import { z } from 'zod';
import type { Figures } from '../contract/figures.ts';
import { kolmogorovSmirnov, PSI_ACT, PSI_WATCH, scoreShares, stabilityIndex } from './drift.ts';
import { parametersOf, type Query, RESULTS, type Selection } from './selection.ts';

type Drift = Figures['drift'][number];

/** How many results say what was usual, and how many at most stand for now. */
const REFERENCE = 1_000;
const NOW = 10_000;
/** Of now: the weeks before the end of the selection. */
const WEEKS = 8;
/** With fewer on either side chance alone moves the index by 9 / n + 9 / m, which is not far from "watch". */
const LEAST = 200;

const Row = z.object({
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  inputs: z.record(z.string(), z.number()),
});
type Row = z.infer<typeof Row>;

/**
 * Scores and inputs of the last weeks against those of the acceptance: what the model said in shadow, before it was let on patients, or without that
 * the first results.
 */
export async function moved(query: Query, selection: Selection): Promise<Pick<Figures, 'drift' | 'scores'>> {
  const parameters = parametersOf(selection);
  const accepted = z.array(Row).parse(
    await query(
      `select f.score, f.threshold, coalesce(a.context -> 'inputs', '{}') as inputs
      from pellucid.analysis a join pellucid.review_finding f on f.analysis = a.id and f.label = $2
      where a.model_id = $1 and a.mode = 'shadow' and ($3::text is null or a.model_version = $3)
      order by a.created_at limit ${REFERENCE}`,
      parameters.slice(0, 3),
    ),
  );
  const isAccepted = accepted.length >= LEAST;
  const then = isAccepted ? accepted : await first(query, parameters.slice(0, 4));
  const now = z.array(Row).parse(
    await query(
      `with ${RESULTS}, first as (select c.analysis ${FIRST} limit $7::int)
      select r.score, r.threshold, c.inputs from r join pellucid.review_case c on c.analysis = r.analysis
      where r.made_at > $6::timestamptz - interval '${WEEKS} weeks' and not exists (select 1 from first where first.analysis = r.analysis)
      order by r.made_at desc limit ${NOW}`,
      [...parameters, isAccepted ? 0 : then.length],
    ),
  );
  const reference = isAccepted ? 'acceptance' : 'first weeks';
  const names = [...new Set(now.flatMap(({ inputs }) => Object.keys(inputs)))].sort();
  const [scoresThen, scoresNow] = [scoresOf(then), scoresOf(now)];
  const threshold = now.find((row) => row.threshold !== null)?.threshold;
  return {
    drift: [
      ...driftOf('score', scoresThen, scoresNow, reference),
      ...names.flatMap((name) => driftOf(name, inputOf(then, name), inputOf(now, name), reference)),
    ],
    scores: {
      n: scoresNow.length,
      shares: [...scoreShares(scoresNow)],
      ...(scoresThen.length > 0 ? { reference: [...scoreShares(scoresThen)] } : {}),
      ...(threshold == null ? {} : { threshold }),
    },
  };
}

/** The first results ever, whatever the period that is asked for. */
const FIRST = `from pellucid.review_case c join pellucid.review_finding f on f.analysis = c.analysis and f.label = $2
  where c.model_id = $1 and ($3::text is null or c.model_version = $3) and ($4::text is null or c.site = $4)
  order by c.made_at, c.analysis`;

async function first(query: Query, parameters: readonly unknown[]): Promise<readonly Row[]> {
  return z
    .array(Row)
    .parse(await query(`select f.score, f.threshold, c.inputs ${FIRST} limit ${REFERENCE}`, parameters));
}

function driftOf(
  name: string,
  then: readonly number[],
  now: readonly number[],
  from: Drift['reference']['from'],
): readonly Drift[] {
  const psi = stabilityIndex(then, now);
  const ks = kolmogorovSmirnov(then, now);
  if (psi === undefined || ks === undefined) return [];
  const isFew = Math.min(then.length, now.length) < LEAST;
  const state = isFew ? 'too few' : psi >= PSI_ACT ? 'act' : psi >= PSI_WATCH ? 'watch' : 'stable';
  return [{ name, psi, ks, n: now.length, reference: { n: then.length, from }, state }];
}

const scoresOf = (rows: readonly Row[]): readonly number[] => rows.flatMap(({ score }) => score ?? []);
const inputOf = (rows: readonly Row[], name: string): readonly number[] =>
  rows.flatMap(({ inputs }) => inputs[name] ?? []);
