import { z } from 'zod';
import { type AnalysisState, PRIORITIES, STATES } from '../contracts.ts';
import { type Analysis, COLUMNS, parseAnalyses } from './analysis.ts';
import type { Sql } from './database.ts';
import { type Workers, workersOf } from './workers.ts';

/** What goes on now, and what became of the last day. */
export interface Overview {
  readonly waiting: readonly {
    readonly priority: (typeof PRIORITIES)[number];
    readonly count: number;
    readonly oldestS: number;
  }[];
  /** Those that are taken next. */
  readonly next: readonly Analysis[];
  /** Beside those that wait: kept back because their model was stopped. */
  readonly parked: number;
  /** Of what was done in the last 24 hours: from its arrival to the confirmed result, the median and the slowest in twenty, s. */
  readonly visible?: { readonly medianS: number; readonly p95S: number };
  /** Series that a rule keeps until their study is complete. */
  readonly held: number;
  readonly running: readonly Analysis[];
  readonly workers: Workers;
  /** The newest that failed, and were neither tried again nor left at that since. */
  readonly failed: readonly Analysis[];
  /** All of these, by the code of their fault, the most frequent first. */
  readonly failures: readonly { readonly code: string; readonly count: number }[];
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
  /** Of all that ended in the last 24 hours, by state. */
  readonly ended: Readonly<Partial<Record<AnalysisState, number>>>;
  /** By `id@version`, of what was done in the last 24 hours. */
  readonly models: readonly ModelDay[];
}

export interface ModelDay {
  readonly model: string;
  readonly done: number;
  readonly checkBeforeUse: number;
  /** From its arrival to the confirmed result, s. */
  readonly medianS: number;
}

const DAY = "updated_at > clock_timestamp() - interval '24 hours'";
/** What is listed at once. */
const MOST = 50;
/** Of what waits, beside its figures. */
const NEXT = 10;

/** Of what waits for a person, or for a worker: the condition, and what comes first. */
const LISTS = {
  failed: `state = 'failed' order by updated_at desc, id`,
  queued: `state = 'queued' order by parked is not null, array_position(array['${PRIORITIES.join("', '")}'], priority), created_at, id`,
} as const;
export type Listed = keyof typeof LISTS;

/** So many of a list, from one on. */
export const listOf = async (
  sql: Sql,
  list: Listed,
  { skip = 0, limit = MOST }: { readonly skip?: number; readonly limit?: number } = {},
): Promise<readonly Analysis[]> =>
  parseAnalyses(
    await sql.query(`select ${COLUMNS} from pellucid.analysis where ${LISTS[list]} limit $1 offset $2`, [
      limit,
      skip,
    ]),
  );

/** A few questions to the records, each by an index; the numbers of one answer may lie moments apart. */
export async function overviewOf(sql: Sql): Promise<Overview> {
  const [waiting, next, parked, visible, held, running, failed, failures, skipped, ended, models, workers] =
    await Promise.all([
      sql.query(
        `select priority, count(*)::int as count, round(extract(epoch from clock_timestamp() - min(updated_at)))::int as "oldestS"
        from pellucid.analysis where state = 'queued' and parked is null group by priority`,
      ),
      listOf(sql, 'queued', { limit: NEXT }),
      sql.query(
        `select count(*)::int as count from pellucid.analysis where parked is not null and state = 'queued'`,
      ),
      sql.query(
        `select percentile_cont(0.5) within group (order by s) as "medianS", percentile_cont(0.95) within group (order by s) as "p95S"
        from (select extract(epoch from updated_at - created_at::timestamptz) as s from pellucid.analysis
          where state = 'done' and mode = 'clinical' and priority <> 'backfill' and ${DAY}) as done having count(*) > 0`,
      ),
      sql.query('select count(distinct series)::int as count from pellucid.held'),
      sql.query(
        `select ${COLUMNS} from pellucid.analysis where state = any($1::text[]) order by updated_at limit ${MOST}`,
        [['retrieving', 'inferring', 'explaining', 'encoding', 'storing']],
      ),
      listOf(sql, 'failed'),
      sql.query(
        `select coalesce(fault ->> 'code', '') as code, count(*)::int as count from pellucid.analysis
        where state = 'failed' group by 1 order by 2 desc, 1`,
      ),
      sql.query(
        `select coalesce(reason, '') as reason, count(*)::int as count from pellucid.analysis
        where state = 'skipped' and ${DAY} group by 1 order by 2 desc, 1 limit 10`,
      ),
      sql.query(
        `select state, count(*)::int as count from pellucid.analysis
        where state in ('done', 'failed', 'skipped', 'superseded') and ${DAY} group by state`,
      ),
      sql.query(
        `select model_id || '@' || model_version as model, count(*)::int as done,
          count(*) filter (where jsonb_path_exists(findings, '$[*].checkBeforeUse[*]'))::int as "checkBeforeUse",
          percentile_cont(0.5) within group (order by extract(epoch from updated_at - created_at::timestamptz)) as "medianS"
        from pellucid.analysis where state = 'done' and ${DAY} group by 1 order by 1`,
      ),
      workersOf(sql),
    ]);
  return {
    waiting: z.array(Waiting).parse(waiting),
    next,
    parked: One.parse(parked)[0].count,
    ...(visible.length > 0 ? { visible: Visible.parse(visible[0]) } : {}),
    held: One.parse(held)[0].count,
    running: parseAnalyses(running),
    workers,
    failed,
    failures: z.array(Failures).parse(failures),
    skipped: z.array(Skipped).parse(skipped),
    ended: Object.fromEntries(
      z
        .array(Ended)
        .parse(ended)
        .map(({ state, count }) => [state, count]),
    ),
    models: z.array(Day).parse(models),
  };
}

const One = z.tuple([z.object({ count: z.number() })]);
const Visible = z.object({ medianS: z.coerce.number(), p95S: z.coerce.number() });
const Waiting = z.object({ priority: z.enum(PRIORITIES), count: z.number(), oldestS: z.coerce.number() });
const Failures = z.object({ code: z.string(), count: z.number() });
const Skipped = z.object({ reason: z.string(), count: z.number() });
const Ended = z.object({ state: z.enum(STATES), count: z.number() });
const Day = z.object({
  model: z.string(),
  done: z.number(),
  checkBeforeUse: z.number(),
  medianS: z.coerce.number(),
});
