import { z } from 'zod';
import type { Figures } from '../contract/figures.ts';
import { kolmogorovSmirnov, PSI_ACT, PSI_WATCH, scoreShares, stabilityIndex } from './drift.ts';
import { parametersOf, type Query, type Selection } from './selection.ts';

type Drift = Figures['drift'][number];

/** How many results say what was usual, and how many at most stand for now. */
const REFERENCE = 1_000;
const NOW = 2_000;
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
  const initial = isAccepted ? [] : await first(query, parameters.slice(0, 4));
  const then = isAccepted ? accepted : initial;
  const last = initial.at(-1);
  const now = z.array(Row).parse(
    await query(
      `select f.score, f.threshold, c.inputs ${OF_MODEL}
          and c.made_at <= $5::timestamptz and c.made_at > $5::timestamptz - interval '${WEEKS} weeks' and c.made_at >= $6::timestamptz
          and c.current and ($7::timestamptz is null or (c.made_at, c.analysis) > ($7::timestamptz, $8::text))
          order by c.made_at desc, c.analysis desc limit ${NOW}`,
      [
        ...parameters.slice(0, 4),
        selection.to,
        selection.from,
        last?.made_at ?? null,
        last?.analysis ?? null,
      ],
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

const OF_MODEL = `from pellucid.review_case c join pellucid.review_finding f on f.analysis = c.analysis and f.label = $2
  where c.model_id = $1 and ($3::text is null or c.model_version = $3) and ($4::text is null or c.site = $4)`;

/** The first results ever, whatever the period that is asked for. */
async function first(query: Query, parameters: readonly unknown[]) {
  return z
    .array(Row.extend({ made_at: z.string(), analysis: z.string() }))
    .parse(
      await query(
        `select f.score, f.threshold, c.inputs, c.made_at::text as made_at, c.analysis ${OF_MODEL} order by c.made_at, c.analysis limit ${REFERENCE}`,
        parameters,
      ),
    );
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
