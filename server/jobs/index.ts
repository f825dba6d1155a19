import type { SeriesArrived } from '../contracts.ts';
import { log } from '../shared/log.ts';
import { admit, type ModelDecision } from './admit.ts';
import { type Analyses, openAnalyses } from './analyses.ts';
import type { Analysis } from './analysis.ts';
import { openDatabase, type Sql } from './database.ts';
import { openListenState, type StateStore } from './listen-state.ts';
import { type Overview, overviewOf } from './overview.ts';
import { openQueue } from './queue.ts';
import type { Runner } from './worker-pool.ts';

export type { ModelDecision } from './admit.ts';
export type { Analysis } from './analysis.ts';
export type { Overview } from './overview.ts';
export { createWorkerPool, type Runner } from './worker-pool.ts';

export interface JobsOptions {
  readonly config: {
    readonly DATA_DIR: string;
    /** Empty: embedded in DATA_DIR. */
    readonly DATABASE_URL: string;
    readonly JOB_TIMEOUT_MS: number;
    readonly ORTHANC_URL: string;
  };
  readonly runner: Runner;
  /** Jobs at work at once in this process. */
  readonly concurrency?: number;
  /** Between two tries of a job, s; else the queue's own. */
  readonly longestPauseS?: number | undefined;
}

export interface Jobs {
  readonly analyses: Pick<Analyses, 'get' | 'list' | 'isOwnSeries'>;
  /** The database of the records. */
  readonly sql: Sql;
  /** For the listener: what it must not forget. */
  readonly listenState: StateStore;
  /** Records an arrival and queues its work in one transaction. The same set of instances again changes nothing. */
  arrived(arrived: SeriesArrived, decisions: readonly ModelDecision[]): Promise<void>;
  /** What goes on now, and what became of the last day. */
  overview(): Promise<Overview>;
  /** Queues a failed analysis again; false when none has failed by this id. */
  retry(id: string): Promise<boolean>;
  /** Calls back after each change of a record; returns how to end that. */
  onChange(callback: (analysis: Analysis) => void): () => void;
  /** Resumes what was left, then works. */
  start(): Promise<void>;
  /** Work under way is dropped and resumed at the next start. */
  stop(): Promise<void>;
}

/** The queue and the records. Throws CONFIG_INVALID when the database does not open. */
export async function openJobs({
  config,
  runner,
  concurrency = 1,
  longestPauseS,
}: JobsOptions): Promise<Jobs> {
  const database = await openDatabase(config);
  const callbacks = new Set<(analysis: Analysis) => void>();
  const tell = (analysis: Analysis): void => {
    for (const callback of callbacks) callback(analysis);
  };
  const analyses = openAnalyses(database.sql, tell);
  const queue = await openQueue({
    database,
    analyses,
    runner,
    concurrency,
    timeoutMs: config.JOB_TIMEOUT_MS,
    longestPauseS,
  });

  return {
    analyses,
    sql: database.sql,
    listenState: openListenState(database.sql, config.ORTHANC_URL),
    arrived: async (arrived, decisions) => {
      const changed = await database.sql.transaction(async (tx) => {
        const admitted = await admit(tx, arrived, decisions, new Date().toISOString());
        for (const analysis of admitted) if (analysis.state === 'queued') await queue.send(tx, analysis);
        return admitted;
      });
      for (const analysis of changed) {
        if (analysis.state === 'superseded') queue.callOff(analysis.id);
        log.info(
          {
            analysis: analysis.id,
            series: analysis.SeriesInstanceUID,
            model: analysis.modelId,
            ...(analysis.shadow === null ? {} : { shadow: analysis.shadow }),
          },
          analysis.state,
        );
        tell(analysis);
      }
    },
    overview: () => overviewOf(database.sql),
    retry: async (id) => {
      const reopened = await database.sql.transaction(async (tx) => {
        const analysis = await analyses.reopen(tx, id);
        if (analysis) await queue.send(tx, analysis);
        return analysis;
      });
      if (reopened) tell(reopened);
      return reopened !== undefined;
    },
    onChange: (callback) => {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    start: queue.start,
    stop: async () => {
      await queue.stop();
      await database.close();
    },
  };
}
