import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Database, Sql } from './database.ts';

/** Processes that take work, on every machine, and how many analyses they work on at once. */
export interface Workers {
  readonly processes: number;
  readonly atOnce: number;
}

/** How often a process that takes work says so. One that missed three is gone. */
const BEAT_MS = 15_000;
const GONE = `seen_at < clock_timestamp() - interval '${(3 * BEAT_MS) / 1000} seconds'`;

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
    `select count(*)::int as processes, coalesce(sum(at_once), 0)::int as "atOnce" from pellucid.worker where not ${GONE}`,
  );
  return z.tuple([z.object({ processes: z.number(), atOnce: z.number() })]).parse(rows)[0];
}
