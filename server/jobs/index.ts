import type { SeriesArrived } from '../contracts.ts';
import { log } from '../shared/log.ts';
import { admit, admittedId, type ModelDecision } from './admit.ts';
import { type Analyses, openAnalyses } from './analyses.ts';
import type { Analysis } from './analysis.ts';
import { type Backfills, openBackfills } from './backfills.ts';
import { openDatabase, type Sql } from './database.ts';
import { type Everywhere, tellEverywhere } from './everywhere.ts';
import { type HeldStudy, heldStudies, hold, release, takenBy } from './held.ts';
import { openListenState, type StateStore } from './listen-state.ts';
import { type Listed, listOf, type Overview, overviewOf } from './overview.ts';
import { type Pair, pairsOf, type VersionKey } from './pairs.ts';
import { openQueue, type QueueOptions } from './queue.ts';
import type { Runner } from './worker-pool.ts';
import { sayAtWork } from './workers.ts';

export type { ModelDecision } from './admit.ts';
export { type Analysis, analysesLike, type History, jobOf } from './analysis.ts';
export { Backfill, type BackfillCounts, BackfillRequest, type Backfills, type Leased } from './backfills.ts';
export type { Sql } from './database.ts';
export type { HeldStudy } from './held.ts';
export type { Listed, Overview } from './overview.ts';
export type { Pair, VersionKey } from './pairs.ts';
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
  readonly modelConcurrency?: QueueOptions['modelConcurrency'];
  readonly keptBack?: QueueOptions['keptBack'];
  readonly reserve?: QueueOptions['reserve'];
  /** Between two tries of a job, s; else the queue's own. */
  readonly longestPauseS?: number | undefined;
}

export interface Jobs {
  readonly analyses: Pick<Analyses, 'get' | 'list' | 'isOwnSeries'>;
  /** Of models that are to run on a series, those of which no analysis is current. */
  readonly missing: Analyses['missing'];
  /** What happened to each of these analyses, by id. */
  readonly histories: Analyses['histories'];
  /** The studies of which something was decided last, the latest first. */
  latestStudies(count: number): Promise<readonly string[]>;
  /** What two versions of a model made of the same images, the newest first. */
  pairs(versions: readonly [VersionKey, VersionKey], limit: number): Promise<readonly Pair[]>;
  /** The database of the records. */
  readonly sql: Sql;
  /** For the listener: what it must not forget. */
  readonly listenState: StateStore;
  /** Records of what is read again of the archive's past. */
  readonly backfills: Backfills;
  /** Records an arrival and queues its work in one transaction. Answers what changed: nothing when the same set was here before. */
  arrived(arrived: SeriesArrived, decisions: readonly ModelDecision[]): Promise<readonly Analysis[]>;
  /** Keeps a series until its study is complete, for a rule. */
  hold(arrived: SeriesArrived, rule: string): Promise<void>;
  held(): Promise<readonly HeldStudy[]>;
  /** The series of a study that a rule took before. */
  takenBy(held: Pick<HeldStudy, 'study' | 'rule'>): Promise<readonly string[]>;
  /** Admits the series of a study that were held for a rule, as `arrived` does, once among all servers; undefined leaves one out. */
  release(
    held: HeldStudy,
    decisionsOf: (arrived: SeriesArrived) => readonly ModelDecision[] | undefined,
  ): Promise<void>;
  /** What goes on now, and what became of the last day. */
  overview(): Promise<Overview>;
  /** Some of what failed, or waits, from one on. */
  listed(list: Listed, skip: number): Promise<readonly Analysis[]>;
  /** Queues an analysis again that failed or was cancelled; false when there is none by this id. */
  retry(id: string): Promise<boolean>;
  /** The same of all that failed by one fault; how many. */
  retryAll(code: string): Promise<number>;
  /** All that failed by one fault are left at that; how many. */
  leaveAll(code: string, reason: string): Promise<number>;
  /** Nobody wants it any more; false when it is done, or its objects are being stored. What failed is left at that. */
  cancel(id: string, reason: string): Promise<boolean>;
  /**
   * A model is wanted on a series by a person: admitted, or made again where it came to an end, or hastened where it waits. Answers
   * the analysis as it is now.
   */
  demand(arrived: SeriesArrived, decision: ModelDecision): Promise<Analysis | undefined>;
  /** Calls back after each change of a record that this process made; returns how to end that. */
  onChange(callback: (analysis: Analysis) => void): () => void;
  /** The same of every process that shares the database. */
  onChangeAnywhere: Everywhere['onChange'];
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
  ...limits
}: JobsOptions): Promise<Jobs> {
  const database = await openDatabase(config);
  const callbacks = new Set<(analysis: Analysis) => void>();
  const tell = (analysis: Analysis): void => {
    for (const callback of callbacks) callback(analysis);
    everywhere.tell(analysis);
  };
  const analyses = openAnalyses(database.sql, tell);
  const everywhere = tellEverywhere(database, analyses.get);
  const queue = await openQueue({
    database,
    analyses,
    runner,
    concurrency,
    ...limits,
    timeoutMs: config.JOB_TIMEOUT_MS,
    longestPauseS,
  });

  let leave: (() => Promise<void>) | undefined;

  /** Within the caller's transaction. */
  const admitInto = async (
    tx: Sql,
    arrived: SeriesArrived,
    decisions: readonly ModelDecision[],
  ): Promise<readonly Analysis[]> => {
    const admitted = await admit(tx, arrived, decisions, new Date().toISOString());
    for (const analysis of admitted) if (analysis.state === 'queued') await queue.send(tx, analysis);
    return admitted;
  };
  const made = (changed: readonly Analysis[]): void => {
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
  };

  const retry = async (id: string): Promise<boolean> => {
    const reopened = await database.sql.transaction(async (tx) => {
      const analysis = await analyses.reopen(tx, id, { from: ['failed', 'cancelled'] });
      if (analysis) await queue.send(tx, analysis);
      return analysis;
    });
    if (reopened) tell(reopened);
    return reopened !== undefined;
  };

  return {
    analyses,
    missing: analyses.missing,
    histories: analyses.histories,
    latestStudies: analyses.latestStudies,
    pairs: (versions, limit) => pairsOf(database.sql, versions, limit),
    sql: database.sql,
    listenState: openListenState(database.sql, config.ORTHANC_URL),
    backfills: openBackfills(database.sql, database.exclusive),
    arrived: async (arrived, decisions) => {
      const changed = await database.sql.transaction((tx) => admitInto(tx, arrived, decisions));
      made(changed);
      return changed;
    },
    hold: (arrived, rule) => hold(database.sql, arrived, rule),
    held: () => heldStudies(database.sql),
    takenBy: (held) => takenBy(database.sql, held),
    release: async (held, decisionsOf) => {
      const changed = await database.sql.transaction(async (tx) => {
        const all: Analysis[] = [];
        for (const arrived of await release(tx, held)) {
          const decisions = decisionsOf(arrived);
          if (decisions) all.push(...(await admitInto(tx, arrived, decisions)));
        }
        return all;
      });
      made(changed);
    },
    overview: () => overviewOf(database.sql),
    listed: (list, skip) => listOf(database.sql, list, { skip }),
    leaveAll: analyses.leaveAll,
    retryAll: async (code) => {
      const failed = await analyses.failedBy(code);
      let retried = 0;
      for (const id of failed) if (await retry(id)) retried++;
      return retried;
    },
    retry,
    cancel: async (id, reason) => {
      const cancelled = await analyses.cancel(id, reason);
      if (cancelled) queue.callOff(id);
      return cancelled !== undefined;
    },
    demand: async (arrived, decision) => {
      const id = admittedId(arrived.SeriesInstanceUID, arrived.fingerprint, decision);
      const { priority = 'normal' } = decision;
      const changed = await database.sql.transaction(async (tx) => {
        const admitted = await admitInto(tx, arrived, [decision]);
        if (admitted.some((a) => a.id === id)) return admitted;
        const again = await analyses.reopen(tx, id, { from: ['done', 'failed', 'cancelled'], priority });
        if (again) await queue.send(tx, again);
        const sooner = again ? undefined : await analyses.hasten(tx, id, priority);
        if (sooner) await queue.hasten(tx, sooner);
        return [...admitted, ...[again ?? sooner].filter((a) => a !== undefined)];
      });
      made(changed);
      return analyses.get(id);
    },
    onChange: (callback) => {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    onChangeAnywhere: everywhere.onChange,
    start: async () => {
      if (concurrency > 0) leave = await sayAtWork(database, concurrency);
      await queue.start();
    },
    stop: async () => {
      await queue.stop();
      await leave?.();
      await everywhere.stop();
      await database.close();
    },
  };
}
