import { z } from 'zod';
import type { SeriesArrived } from '../contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import type { Sql } from './database.ts';

/** Series that wait until their study is complete, each for a rule. */
export interface HeldStudy {
  readonly study: string;
  readonly rule: string;
  readonly arrivals: readonly SeriesArrived[];
  /** When the first and the latest series of the study settled, ms since the epoch. */
  readonly first: number;
  readonly latest: number;
}

const Arrived = z.object({
  StudyInstanceUID,
  SeriesInstanceUID,
  fingerprint: z.string(),
  instanceCount: z.number(),
  settledAt: z.string(),
});
const Row = z.object({ study: z.string(), rule: z.string(), arrived: z.array(Arrived) });
const Times = z.object({ study: z.string(), first: z.coerce.number(), latest: z.coerce.number() });

/** A later set of instances of the same series takes the place of the earlier. */
export async function hold(sql: Sql, arrived: SeriesArrived, rule: string): Promise<void> {
  await sql.query(
    `insert into pellucid.held (study, series, rule, arrived) values ($1, $2, $3, $4::jsonb)
      on conflict (series, rule) do update set arrived = excluded.arrived, at = clock_timestamp()`,
    [arrived.StudyInstanceUID, arrived.SeriesInstanceUID, rule, JSON.stringify(arrived)],
  );
}

export async function heldStudies(sql: Sql): Promise<readonly HeldStudy[]> {
  const rows = z
    .array(Row)
    .parse(
      await sql.query(
        'select study, rule, jsonb_agg(arrived order by series) as arrived from pellucid.held group by study, rule order by min(at)',
      ),
    );
  const times = z.array(Times).parse(
    await sql.query(
      `select study, extract(epoch from min(first_at)) * 1000 as first, extract(epoch from max(at)) * 1000 as latest
        from pellucid.held group by study`,
    ),
  );
  return rows.map(({ study, rule, arrived }) => {
    const { first = 0, latest = 0 } = times.find((t) => t.study === study) ?? {};
    return { study, rule, arrivals: arrived, first, latest };
  });
}

/**
 * Takes these series of a study off the list, and none that came meanwhile; another server may have been first, and then there are none.
 */
export async function release(
  tx: Sql,
  { study, rule, arrivals }: Pick<HeldStudy, 'study' | 'rule' | 'arrivals'>,
): Promise<readonly SeriesArrived[]> {
  const rows = await tx.query(
    'delete from pellucid.held where study = $1 and rule = $2 and series = any($3::text[]) returning arrived',
    [study, rule, arrivals.map(({ SeriesInstanceUID: uid }) => uid)],
  );
  return z.array(z.object({ arrived: Arrived }).transform(({ arrived }) => arrived)).parse(rows);
}

/** Keeps which series of a study rules took, within the caller's transaction. */
export async function take(tx: Sql, arrived: SeriesArrived, rules: readonly string[]): Promise<void> {
  if (rules.length === 0) return;
  await tx.query(
    'insert into pellucid.taken (study, rule, series) select $1, unnest($2::text[]), $3 on conflict do nothing',
    [arrived.StudyInstanceUID, rules, arrived.SeriesInstanceUID],
  );
}

/** The series of a study that a rule took. */
export async function takenBy(
  sql: Sql,
  { study, rule }: Pick<HeldStudy, 'study' | 'rule'>,
): Promise<readonly string[]> {
  const rows = await sql.query('select series from pellucid.taken where study = $1 and rule = $2', [
    study,
    rule,
  ]);
  return z
    .array(z.object({ series: z.string() }))
    .parse(rows)
    .map(({ series }) => series);
}
