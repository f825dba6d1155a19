import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Sql } from './database.ts';

const Day = z.iso.date();

/** What is asked of the archive's past. */
export const BackfillRequest = z
  .strictObject({
    /** Days by StudyDate, both included. */
    from: Day.meta({ description: 'The first StudyDate, as 2026-01-01.' }),
    to: Day.meta({ description: 'The last StudyDate, as 2026-01-31.' }),
    model: z
      .string()
      .max(200)
      .exactOptional()
      .meta({ description: 'Only this model, as id or id@version; left out: all models.' }),
    perMinute: z
      .int()
      .min(1)
      .max(6_000)
      .default(60)
      .meta({ description: 'At most so many studies are looked at in a minute.' }),
    dryRun: z.boolean().default(false).meta({ description: 'Only counts what would run.' }),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], error: 'lies before from' });
export type BackfillRequest = z.infer<typeof BackfillRequest>;

export const BACKFILL_STATES = ['running', 'stopped', 'done', 'failed'] as const;

const Counts = z.object({
  studies: z.number(),
  series: z.number(),
  /** Analyses that were queued, or in a dry run would be. */
  queued: z.number(),
  /** Series of which every analysis was there already. */
  known: z.number(),
  /** Series that no model reads. */
  skipped: z.number(),
  /** Studies that could not be looked at. */
  failed: z.number(),
});
export type BackfillCounts = z.infer<typeof Counts>;

/** A backfill as it stands. It reads day by day, the last first, and goes on after a restart where it was. */
export const Backfill = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  model: z.string().nullable(),
  perMinute: z.number(),
  dryRun: z.boolean(),
  state: z.enum(BACKFILL_STATES),
  /** What it waits for, or why it ended; empty when all is said. */
  says: z.string(),
  /** The day that is read; null before the first. */
  day: z.string().nullable(),
  counts: Counts,
  createdAt: z.date().transform((d) => d.toISOString()),
  updatedAt: z.date().transform((d) => d.toISOString()),
});
export type Backfill = z.infer<typeof Backfill>;

/** One that this process works on, with the studies of its day that are done. */
export interface Leased extends Backfill {
  readonly seen: readonly string[];
}

export interface BackfillProgress {
  readonly day: string | null;
  readonly seen: readonly string[];
  readonly counts: BackfillCounts;
  readonly says: string;
}

const COLUMNS = `id, from_day as "from", to_day as "to", model, per_minute as "perMinute", dry_run as "dryRun", state, says, day, counts,
  created_at as "createdAt", updated_at as "updatedAt"`;
const LEASE = `clock_timestamp() + interval '60 seconds'`;
const NONE: BackfillCounts = { studies: 0, series: 0, queued: 0, known: 0, skipped: 0, failed: 0 };

export type Backfills = ReturnType<typeof openBackfills>;

/** The records of backfills. `exclusive`: no other process can be at work on them, so a lease of before a restart counts for nothing. */
export function openBackfills(sql: Sql, exclusive: boolean) {
  const me = randomUUID();
  const some = async (text: string, values: readonly unknown[] = []): Promise<readonly Backfill[]> =>
    z.array(Backfill).parse(await sql.query(text, values));
  const into = async (id: string, to: string, from: readonly string[]): Promise<Backfill | undefined> =>
    (
      await some(
        `update pellucid.backfill set state = $2, says = '', updated_at = clock_timestamp(), lease_until = clock_timestamp()
          where id = $1 and state = any($3::text[]) returning ${COLUMNS}`,
        [id, to, from],
      )
    )[0];

  return {
    async create({ from, to, model, perMinute, dryRun }: BackfillRequest): Promise<Backfill> {
      const [made] = await some(
        `insert into pellucid.backfill (id, from_day, to_day, model, per_minute, dry_run, state, counts)
          values ($1, $2, $3, $4, $5, $6, 'running', $7::jsonb) returning ${COLUMNS}`,
        [randomUUID(), from, to, model ?? null, perMinute, dryRun, JSON.stringify(NONE)],
      );
      return made as Backfill;
    },

    /** Newest first. */
    list: (limit = 50): Promise<readonly Backfill[]> =>
      some(`select ${COLUMNS} from pellucid.backfill order by created_at desc limit $1`, [limit]),

    async get(id: string): Promise<Backfill | undefined> {
      return (await some(`select ${COLUMNS} from pellucid.backfill where id = $1`, [id]))[0];
    },

    /** What it queued already is still done. Undefined when it does not run. */
    stop: (id: string): Promise<Backfill | undefined> => into(id, 'stopped', ['running']),
    /** Goes on where it was. Undefined when it is neither stopped nor failed. */
    resume: (id: string): Promise<Backfill | undefined> => into(id, 'running', ['stopped', 'failed']),

    /** The oldest that runs and that no other server has; it is this process's as long as it tells of progress. */
    async take(): Promise<Leased | undefined> {
      const [taken] = await sql.query(
        `update pellucid.backfill set lease_by = $1, lease_until = ${LEASE} where id = (
            select id from pellucid.backfill where state = 'running' and ($2 or lease_by = $1 or lease_until < clock_timestamp())
            order by created_at limit 1 for update skip locked) returning ${COLUMNS}, seen`,
        [me, exclusive],
      );
      return taken === undefined ? undefined : Backfill.extend({ seen: z.array(z.string()) }).parse(taken);
    },

    /** False when it was stopped, or another server has it by now. */
    async note(id: string, { day, seen, counts, says }: BackfillProgress): Promise<boolean> {
      const noted = await some(
        `update pellucid.backfill set day = $3, seen = $4::jsonb, counts = $5::jsonb, says = $6, updated_at = clock_timestamp(),
            lease_until = ${LEASE} where id = $1 and lease_by = $2 and state = 'running' returning ${COLUMNS}`,
        [id, me, day, JSON.stringify(seen), JSON.stringify(counts), says],
      );
      return noted.length > 0;
    },

    async end(id: string, state: 'done' | 'failed', says = ''): Promise<void> {
      await sql.query(
        `update pellucid.backfill set state = $3, says = $4, seen = '[]', updated_at = clock_timestamp()
          where id = $1 and lease_by = $2 and state = 'running'`,
        [id, me, state, says],
      );
    },

    /** Analyses of backfills that wait for a worker. */
    async waiting(): Promise<number> {
      const [row] = await sql.query(
        `select count(*)::int as count from pellucid.analysis where state = 'queued' and priority = 'backfill'`,
      );
      return z.object({ count: z.number() }).parse(row).count;
    },
  };
}
