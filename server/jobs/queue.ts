import { PRIORITIES } from '../contracts.ts';
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

/** A worker that does not know of shadow gets no leave to store. */
const noLeave = async (): Promise<never> => {
  throw new Fault('MODEL_NOT_ACCEPTED', 'it runs in shadow: nothing of it is stored');
};

export interface QueueOptions {
  readonly database: Database;
  readonly analyses: Analyses;
  readonly runner: Runner;
  readonly concurrency: number;
  /** One job may take this long, ms. */
  readonly timeoutMs: number;
  /** Between two tries, s. */
  readonly longestPauseS?: number | undefined;
}

export interface Queue {
  /** Queues the work within the caller's transaction. No effect while the analysis is queued or at work. */
  send(tx: Sql, analysis: Pick<Analysis, 'id' | 'priority' | 'notBefore'>): Promise<void>;
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
  timeoutMs,
  longestPauseS = LONGEST_PAUSE_S,
}: QueueOptions): Promise<Queue> {
  const { boss, sql } = database;
  const atWork = new Map<string, AbortController>();
  let stopping = false;

  await boss.createQueue(NAME, {
    policy: 'exclusive',
    notify: true,
    heartbeatSeconds: 30,
    expireInSeconds: Math.ceil(timeoutMs / 1000) + 60,
    ...RETRY,
    retryDelayMax: longestPauseS,
  });

  const send: Queue['send'] = async (tx, { id, priority, notBefore }) => {
    await boss.send(
      NAME,
      { id },
      {
        singletonKey: id,
        // The greater comes first.
        priority: -PRIORITIES.indexOf(priority),
        ...(notBefore === null ? {} : { startAfter: notBefore }),
        db: tx.db,
      },
    );
  };

  /** Throws to be tried again; anything else ends the job. */
  const work = async (id: string): Promise<void> => {
    const analysis = await analyses.claim(id);
    if (!analysis) return;
    const abort = new AbortController();
    atWork.set(id, abort);
    try {
      const result = await runner.run(jobOf(analysis), {
        onState: (state) => analyses.advance(id, state),
        onObjects: (objects) => (analysis.mode === 'clinical' ? analyses.announce(id, objects) : noLeave()),
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

  /** One line of work. Told after each job, pg-boss looks for the next at once and not at its next poll. */
  const serve = async (): Promise<void> => {
    const line = await boss.work<{ id: string }>(
      NAME,
      { pollingIntervalSeconds: POLL_S, notifyPollingIntervalSeconds: POLL_S },
      async ([job]) => {
        try {
          if (job) await work(job.data.id);
        } finally {
          boss.notifyWorker(line);
        }
      },
    );
  };

  return {
    send,
    callOff: (id) => atWork.get(id)?.abort(),
    start: async () => {
      await recover();
      await Promise.all(Array.from({ length: concurrency }, serve));
    },
    stop: async () => {
      stopping = true;
      const idle = boss.offWork(NAME, { wait: true });
      await runner.stop();
      await idle;
    },
  };
}
