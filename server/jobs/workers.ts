import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Database, Sql } from './database.ts';

/** Processes that take work, on every machine, and how many analyses they work on at once. */
export interface Workers {
  readonly processes: number;
  readonly atOnce: number;
  /** Those of them that missed a time to say so: killed, cut off, or very busy. Absent: none did. */
  readonly silent?: { readonly processes: number; readonly longestS: number };
}

/** How often a process that takes work says so. One that is late is silent, and one that missed three is gone: a pause or a slow database is not yet its end. */
const BEAT_MS = 15_000;
const LATE_MS = 18_000;
const seenBefore = (ms: number): string => `seen_at < clock_timestamp() - interval '${ms / 1000} seconds'`;
const GONE = seenBefore(3 * BEAT_MS);
const SILENT = seenBefore(LATE_MS);

/** Says in the records that this process takes work, until the end that it answers is called. */
export async function sayAtWork(
  { sql, exclusive }: Pick<Database, 'sql' | 'exclusive'>,
  atOnce: number,
): Promise<() => Promise<void>> {
  const id = randomUUID();
  const beat = () =>
    sql.query(
      `insert into pellucid.worker (id, host, at_once) values ($1, $2, $3)
        on conflict (id) do update set seen_at = clock_timestamp()`,
      [id, hostname(), atOnce],
    );
  // With the embedded database whoever was there before is gone.
  await sql.query(`delete from pellucid.worker where $1 or ${GONE}`, [exclusive]);
  await beat();
  // A database that is down is told by all else.
  const timer = setInterval(() => void beat().catch(() => undefined), BEAT_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await sql.query('delete from pellucid.worker where id = $1', [id]).catch(() => undefined);
  };
}

export async function workersOf(sql: Sql): Promise<Workers> {
  const rows = await sql.query(
    `select count(*)::int as processes, coalesce(sum(at_once), 0)::int as "atOnce", count(*) filter (where ${SILENT})::int as silent,
      coalesce(extract(epoch from clock_timestamp() - min(seen_at)), 0)::float8 as "longestS" from pellucid.worker where not ${GONE}`,
  );
  const [{ silent, longestS, ...counted }] = Row.parse(rows);
  return {
    ...counted,
    ...(silent > 0 ? { silent: { processes: silent, longestS: Math.round(longestS) } } : {}),
  };
}

const Row = z.tuple([
  z.object({ processes: z.number(), atOnce: z.number(), silent: z.number(), longestS: z.number() }),
]);
