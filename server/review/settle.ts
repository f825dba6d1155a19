import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Sql } from '../shared/sql.ts';
import { REASONS, Reading } from './contract/reading.ts';
import { type Held, judge, type Verdict } from './judge.ts';

/** What a verified report says, and whose word it is. */
export const ReportContent = z.object({
  persons: z.array(z.object({ subject: z.string(), name: z.string(), at: z.string() })).min(1),
  verdicts: z.array(
    z.object({
      finding: z.int(),
      verdict: z.enum(['agree', 'disagree', 'cannot-tell']),
      reasons: z.array(z.enum(REASONS)),
      explanation: z.number().exactOptional(),
    }),
  ),
  /** Of each person who wrote one. */
  notes: z.array(z.string()),
  /** When what counts was settled; ISO 8601, UTC. */
  at: z.string(),
});
export type ReportContent = z.infer<typeof ReportContent>;

/**
 * Brings verdicts, state and owed reports of a case in step with its readings, within the caller's transaction, which holds the case's
 * row. The same readings again change nothing.
 */
export async function settle(tx: Sql, analysis: string): Promise<void> {
  const readings = await heldOf(tx, analysis);
  const [row] = await tx.query('select wanted from pellucid.review_case where analysis = $1', [analysis]);
  const { wanted } = z.object({ wanted: z.int() }).parse(row);
  const judgement = judge(readings, wanted);
  await tx.query('delete from pellucid.review_verdict where analysis = $1', [analysis]);
  const ids = judgement.state === 'judged' ? judgement.by.map(({ id }) => id) : [];
  await withdraw(tx, analysis, ids);
  if (judgement.state === 'judged') {
    const { how, by, verdicts } = judgement;
    for (const verdict of verdicts) await writeVerdict(tx, analysis, verdict, { how, by });
    if (verdicts.some(({ verdict }) => verdict !== 'cannot-tell'))
      await owe(tx, analysis, ids, contentOf(by, verdicts));
  }
  await tx.query(
    `update pellucid.review_case set signed = $2, state = $3,
        judged_at = case when $3 = 'judged' then coalesce(judged_at, clock_timestamp()) end where analysis = $1`,
    [analysis, readings.filter(({ role }) => role === 'reader').length, judgement.state],
  );
  await showWaiting(tx, analysis);
}

/** The signed readings that count. */
export async function heldOf(sql: Sql, analysis: string): Promise<readonly Held[]> {
  return z.array(Row).parse(
    await sql.query(
      `select id, subject, name, role, reading, at from pellucid.review_reading
        where analysis = $1 and amended_by is null order by at, id`,
      [analysis],
    ),
  );
}

const Row = z.object({
  id: z.string(),
  subject: z.string(),
  name: z.string(),
  role: z.enum(['reader', 'arbiter']),
  reading: Reading,
  at: z.date(),
});

/** A judged case whose report the archive does not hold yet says so. */
export const showWaiting = (tx: Sql, analysis: string): Promise<readonly unknown[]> =>
  tx.query(
    `update pellucid.review_case c set state = w.state from (
        select case when exists (select 1 from pellucid.review_report r where r.analysis = $1 and r.state in ('owed', 'unsure'))
          then 'waiting-for-archive' else 'judged' end as state
      ) w
      where c.analysis = $1 and c.state in ('judged', 'waiting-for-archive') and c.state <> w.state`,
    [analysis],
  );

const writeVerdict = (
  tx: Sql,
  analysis: string,
  { finding, verdict, reasons, explanation, truth }: Verdict,
  { how, by }: { readonly how: string; readonly by: readonly Held[] },
): Promise<readonly unknown[]> =>
  tx.query(
    `insert into pellucid.review_verdict
      (analysis, n, verdict, reasons, explanation, truth_present, truth_source, truth_words, at, subject, name, role)
      values ($1, $2, $3, $4::text[], $5::float8, $6::boolean, $7, $8, $9::timestamptz, $10, $11, $12)`,
    [
      analysis,
      finding,
      verdict,
      reasons,
      explanation ?? null,
      truth?.present ?? null,
      truth?.source ?? null,
      truth?.words ?? null,
      by.at(-1)?.at.toISOString(),
      by[0]?.subject,
      by[0]?.name,
      how,
    ],
  );

const contentOf = (by: readonly Held[], verdicts: readonly Verdict[]): ReportContent => ({
  persons: by.map(({ subject, name, at }) => ({ subject, name, at: at.toISOString() })),
  verdicts: verdicts.map(({ finding, verdict, reasons, explanation }) => ({
    finding,
    verdict,
    reasons: [...reasons],
    ...(explanation === undefined ? {} : { explanation }),
  })),
  notes: by.flatMap(({ reading }) => reading.note || []),
  at: by.at(-1)?.at.toISOString() ?? '',
});

/** A report that was not written yet and stands for other readings is not written any more; one that was tried may be there. */
const withdraw = (tx: Sql, analysis: string, readings: readonly string[]): Promise<readonly unknown[]> =>
  tx.query(
    `update pellucid.review_report set state = case when uid is null then 'withdrawn' else 'unsure' end
      where analysis = $1 and state = 'owed' and readings <> $2::text[]`,
    [analysis, readings],
  );

/** Once for the same readings. */
const owe = (
  tx: Sql,
  analysis: string,
  readings: readonly string[],
  content: ReportContent,
): Promise<readonly unknown[]> =>
  tx.query(
    `insert into pellucid.review_report (id, analysis, readings, content, state, due, made_at)
      select $1, $2, $3::text[], $4::jsonb, 'owed', clock_timestamp(), clock_timestamp()
      where not exists (
        select 1 from pellucid.review_report where analysis = $2 and readings = $3::text[] and state in ('owed', 'stored')
      )`,
    [randomUUID(), analysis, readings, JSON.stringify(content)],
  );
