import { z } from 'zod';
import { log } from '../shared/log.ts';
import type { Sql } from '../shared/sql.ts';
import { CASE_STATES, type CaseEvent } from './contract/worklist.ts';
import type { Outbox } from './outbox.ts';
import type { Plans } from './plans.ts';

export interface Attendant {
  /** Looks at once; else it looks by itself every few seconds. */
  wake(): void;
  /** Calls back when a case came or changed, on whichever server; returns how to end that. */
  onChange(callback: (event: CaseEvent) => void): () => void;
  stop(): Promise<void>;
}

const PAUSE_MS = 2_000;
/** A change counts from when it was written, and is seen when it was committed: so far back is looked again. */
const OVERLAP_S = 15;
const MOST = 500;

/**
 * What goes on without anyone's asking, on every server that shares the database: plans are asked about new results, reports that are owed are sent, and
 * who listens is told what changed.
 */
export function openAttendant({
  sql,
  plans,
  outbox,
}: {
  readonly sql: Sql;
  readonly plans: Pick<Plans, 'sampleNew'>;
  readonly outbox: Pick<Outbox, 'work'>;
}): Attendant {
  const callbacks = new Set<(event: CaseEvent) => void>();
  /** What was told of each case that changed lately. */
  const told = new Map<string, string>();
  let since: string | undefined;
  let isStopped = false;
  let rest: { readonly end: () => void } | undefined;
  let isWoken = false;

  const news = async (): Promise<void> => {
    if (callbacks.size === 0) {
      since = undefined;
      told.clear();
      return;
    }
    const isFirst = since === undefined;
    const { now, changed } = await changesSince(sql, since);
    since = now;
    for (const { analysis, state, changed_at: at } of changed) {
      if (told.get(analysis) === at) continue;
      told.set(analysis, at);
      if (!isFirst) for (const callback of callbacks) callback({ analysis, state });
    }
    for (const [analysis, at] of told)
      if (Date.parse(now) - Date.parse(at) > 2_000 * OVERLAP_S) told.delete(analysis);
  };
  const round = async (): Promise<void> => {
    while ((await plans.sampleNew()).length > 0);
    await outbox.work();
    await news();
  };
  const running = (async () => {
    while (!isStopped) {
      isWoken = false;
      await round().catch((err: unknown) =>
        log.error({ err }, 'the review of results is looked after again soon'),
      );
      if (!isStopped && !isWoken)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, PAUSE_MS);
          rest = {
            end: () => {
              clearTimeout(timer);
              resolve();
            },
          };
        });
    }
  })();
  const wake = (): void => {
    isWoken = true;
    rest?.end();
  };

  return {
    wake,
    onChange: (callback) => {
      callbacks.add(callback);
      wake();
      return () => void callbacks.delete(callback);
    },
    stop: async () => {
      isStopped = true;
      wake();
      await running;
    },
  };
}

const Changes = z.array(
  z.object({ analysis: z.string(), state: z.enum(CASE_STATES), changed_at: z.string() }),
);

/** The first time only what changed lately, so that it is known and not told. */
async function changesSince(
  sql: Sql,
  since: string | undefined,
): Promise<{ readonly now: string; readonly changed: z.infer<typeof Changes> }> {
  const [clock] = await sql.query(`select clock_timestamp()::text as now`);
  const { now } = z.object({ now: z.string() }).parse(clock);
  const rows = await sql.query(
    `select analysis, state, changed_at::text as changed_at from pellucid.review_case
      where changed_at > $1::timestamptz - interval '${OVERLAP_S} seconds' order by changed_at desc limit ${MOST}`,
    [since ?? now],
  );
  return { now, changed: Changes.parse(rows) };
}
