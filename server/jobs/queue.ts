import { PRIORITIES, type Priority } from '../contracts.ts';
import { nextWithin } from '../shared/day-window.ts';
import { asFault, Fault, type FaultCode } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import type { Analyses } from './analyses.ts';
import { type Analysis, jobOf, UNFINISHED } from './analysis.ts';
import type { Database, Sql } from './database.ts';
import type { Runner } from './worker-pool.ts';

const NAME = 'analysis';

/** How often a fault may come before the analysis fails; not retryable ones once. */
const TRIES: Readonly<Partial<Record<FaultCode, number>>> = { ARCHIVE_UNREACHABLE: 240, WORKER_DIED: 2 };
const OTHER_TRIES = 5;

/** Pauses of 1 s, doubled with jitter up to 15 s. 240 tries outlast an archive that is down for an hour. */
const RETRY = { retryLimit: 300, retryDelay: 1, retryBackoff: true } as const;
const LONGEST_PAUSE_S = 15;

/** How often the queue looks for retries that are due; new work calls by itself. */
const POLL_S = 1;

/** How often what is kept back is looked at. */
const RELEASE_MS = 3_000;

/** Of models that no setting limits. */
const NO_LIMIT = 1_000_000;

/** The greater comes first. */
const rankOf = (priority: Priority): number => -PRIORITIES.indexOf(priority);

/** A worker that does not know of shadow gets no leave to store. */
const noLeave = async (): Promise<never> => {
  throw new Fault('MODEL_NOT_ACCEPTED', 'it runs in shadow: nothing of it is stored');
};

export interface QueueOptions {
  readonly database: Database;
  readonly analyses: Analyses;
  readonly runner: Runner;
  readonly concurrency: number;
  /** By model id: at most so many at work at once, over all processes. */
  readonly modelConcurrency?: Readonly<Record<string, number>> | undefined;
  /** Why no worker shall take work of a model now; undefined: it may. */
  readonly keptBack?: KeptBack | undefined;
  /** Waits until there is memory for one more of a model; answers how to give it back. */
  readonly reserve?: ((modelId: string) => Promise<() => void>) | undefined;
  /** One job may take this long, ms. */
  readonly timeoutMs: number;
  /** Between two tries, s. */
  readonly longestPauseS?: number | undefined;
}

export type KeptBack = (model: {
  readonly id: string;
  readonly version: string;
}) => Promise<string | undefined>;

export interface Queue {
  /** Queues the work within the caller's transaction. No effect while the analysis is queued or at work. */
  send(tx: Sql, analysis: Pick<Analysis, 'id' | 'modelId' | 'priority' | 'notBefore'>): Promise<void>;
  /** One that is queued is wanted sooner, within the caller's transaction. */
  hasten(tx: Sql, analysis: Pick<Analysis, 'id' | 'priority'>): Promise<void>;
  /** Requeues what a killed server left, then works until stop(). */
  start(): Promise<void>;
  /** Stops the analysis if it is at work here. */
  callOff(id: string): void;
  stop(): Promise<void>;
}

/** Work on the analyses, the urgent first, then in the order of arrival. The queue carries ids only: the record is the truth. */
export async function openQueue({
  database,
  analyses,
  runner,
  concurrency,
  modelConcurrency = {},
  keptBack = async () => undefined,
  reserve = async () => () => undefined,
  timeoutMs,
  longestPauseS = LONGEST_PAUSE_S,
}: QueueOptions): Promise<Queue> {
  const { boss, sql } = database;
  const atWork = new Map<string, AbortController>();
  let stopping = false;
  let watch: NodeJS.Timeout | undefined;
  const isLimited = Object.keys(modelConcurrency).length > 0;

  await boss.createQueue(NAME, {
    policy: 'exclusive',
    notify: true,
    heartbeatSeconds: 30,
    expireInSeconds: Math.ceil(timeoutMs / 1000) + 60,
    ...RETRY,
    retryDelayMax: longestPauseS,
  });

  const send: Queue['send'] = async (tx, { id, modelId, priority, notBefore }) => {
    await boss.send(
      NAME,
      { id },
      {
        singletonKey: id,
        priority: rankOf(priority),
        ...(modelId === null ? {} : { group: { id: modelId, tier: modelId } }),
        ...(notBefore === null ? {} : { startAfter: notBefore }),
        db: tx.db,
      },
    );
  };

  /** True when the model was stopped: the analysis waits, and nothing of it is stored. */
  const isParked = async ({ id, modelId, modelVersion }: Analysis): Promise<boolean> => {
    const reason = await keptBack({ id: modelId ?? '', version: modelVersion ?? '' });
    if (reason !== undefined) await analyses.park(id, reason);
    return reason !== undefined;
  };

  /** True outside of its hours: the job is done with, and another is due at their next begin. */
  const isSetBack = async ({ id, hours }: Analysis, job: string): Promise<boolean> => {
    const now = new Date();
    const begin = hours ? nextWithin(hours, now) : now;
    if (begin <= now) return false;
    await sql.transaction(async (tx) => {
      const later = await analyses.setBack(tx, id, begin);
      await boss.complete(NAME, job, null, { db: tx.db });
      if (later) await send(tx, later);
    });
    log.info({ analysis: id, notBefore: begin }, 'set back to its hours');
    return true;
  };

  /** Throws to be tried again; anything else ends the job. */
  const work = async (id: string, job: string): Promise<void> => {
    const queued = await analyses.get(id);
    if (!queued || (await isParked(queued)) || (await isSetBack(queued, job))) return;
    const giveBack = await reserve(queued.modelId ?? '');
    try {
      const analysis = await analyses.claim(id);
      if (analysis) await workOn(analysis);
    } finally {
      giveBack();
    }
  };

  const workOn = async (analysis: Analysis): Promise<void> => {
    const { id } = analysis;
    const abort = new AbortController();
    atWork.set(id, abort);
    try {
      const result = await runner.run(jobOf(analysis), {
        onState: (state) => analyses.advance(id, state),
        onObjects: async (objects) => {
          if (analysis.mode !== 'clinical') return noLeave();
          return !(await isParked(analysis)) && (await analyses.announce(id, objects));
        },
        signal: abort.signal,
      });
      if (result && (await analyses.finish(id, result)))
        return log.info({ analysis: id }, analysis.mode === 'shadow' ? 'done in shadow' : 'done');
      log.info({ analysis: id }, 'called off');
    } catch (error) {
      if (stopping) throw error;
      await settleFault(analysis, asFault(error));
    } finally {
      atWork.delete(id);
    }
  };

  const settleFault = async ({ id }: Analysis, fault: Fault): Promise<void> => {
    const tries = await analyses.countFault(id, fault);
    if (tries === 0) return;
    const facts = { analysis: id, code: fault.code, detail: fault.detail, tries };
    if (fault.spec.retry && tries < (TRIES[fault.code] ?? OTHER_TRIES)) {
      log.warn(facts, 'tried again later');
      await analyses.advance(id, 'queued');
      throw fault;
    }
    log.error(facts, 'failed');
    await analyses.advance(id, 'failed');
  };

  /**
   * The records say what is owed. With the embedded database nobody else can be at work, so jobs that a killed server
   * left active, or waiting for a retry, start anew at once; on a shared one they return when their heartbeat is missed.
   */
  const recover = async (): Promise<void> => {
    const owed = await analyses.list({ states: UNFINISHED, limit: 100_000 });
    for (const analysis of owed.toReversed()) {
      if (analysis.parked !== null) continue;
      const { id } = analysis;
      if (database.exclusive) {
        const left = await boss.findJobs(NAME, { key: id });
        if (left.length > 0)
          await boss.deleteJob(
            NAME,
            left.map((job) => job.id),
          );
      }
      await send(sql, analysis);
    }
    if (owed.length > 0) log.info({ analyses: owed.length }, 'resumed');
  };

  /** What was kept back and may go on. Each process looks; in one of them it is queued again. */
  const release = async (): Promise<void> => {
    for (const { id, modelId, modelVersion } of await analyses.parked())
      if ((await keptBack({ id: modelId ?? '', version: modelVersion ?? '' })) === undefined)
        await sql.transaction(async (tx) => {
          const free = await analyses.unpark(tx, id);
          if (free) await send(tx, free);
        });
  };

  /** One line of work. Told after each job, pg-boss looks for the next at once and not at its next poll. */
  const serve = async (): Promise<void> => {
    const line = await boss.work<{ id: string }>(
      NAME,
      {
        pollingIntervalSeconds: POLL_S,
        notifyPollingIntervalSeconds: POLL_S,
        ...(isLimited ? { groupConcurrency: { default: NO_LIMIT, tiers: { ...modelConcurrency } } } : {}),
      },
      async ([job]) => {
        try {
          if (job) await work(job.data.id, job.id);
        } finally {
          boss.notifyWorker(line);
        }
      },
    );
  };

  return {
    send,
    hasten: async (tx, { id, priority }) => {
      const options = { singletonKey: id, priority: rankOf(priority), startAfter: 0, db: tx.db };
      await boss.update({ name: NAME, options });
    },
    callOff: (id) => atWork.get(id)?.abort(),
    start: async () => {
      await recover();
      watch = setInterval(() => {
        release().catch((error: unknown) =>
          log.warn(
            { code: asFault(error).code, detail: asFault(error).detail },
            'what is kept back was not looked at',
          ),
        );
      }, RELEASE_MS);
      await Promise.all(Array.from({ length: concurrency }, serve));
    },
    stop: async () => {
      stopping = true;
      clearInterval(watch);
      const idle = boss.offWork(NAME, { wait: true });
      await runner.stop();
      await idle;
    },
  };
}
