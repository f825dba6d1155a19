import type { Config } from '../config.ts';
import type { SeriesArrived } from '../contracts.ts';
import type { BackfillCounts, Jobs, Leased, ModelDecision } from '../jobs/index.ts';
import { arrivalsOf } from '../listen/arrivals.ts';
import { studiesBetween } from '../listen/qido.ts';
import { archiveOf } from '../places.ts';
import type { RuleBook } from '../route/rule-book.ts';
import type { RuleFile } from '../route/rules.ts';
import { asFault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import { decideStudy } from './decide-study.ts';

export interface BackfillOptions {
  readonly config: Config;
  readonly rules: RuleBook;
  readonly jobs: Pick<Jobs, 'backfills' | 'analyses' | 'arrived' | 'missing'>;
}

/** Analyses of backfills that may wait at once: more would only make the queue long. */
const MOST_WAITING = 200;
/** Between two looks while there is nothing to do, or no room. */
const PAUSE_MS = 2_000;
const MINUTE_MS = 60_000;

/**
 * Reads the archive's past for the backfills that are asked for, one study after the other at the rate that was set, and queues what
 * models and rules choose, behind everything else. Returns how to end that; another start goes on where it was.
 */
export function openBackfillRunner(options: BackfillOptions): () => Promise<void> {
  let stopped = false;
  let wake = (): void => undefined;
  const pause = (ms: number): Promise<void> =>
    new Promise((done) => {
      if (stopped) return done();
      const timer = setTimeout(done, ms);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  const loop = async (): Promise<void> => {
    while (!stopped) {
      let taken: Leased | undefined;
      try {
        taken = await options.jobs.backfills.take();
        if (taken) await workOn(taken, options, { pause, isStopping: () => stopped });
        else await pause(PAUSE_MS);
      } catch (error) {
        const { code, detail, spec } = asFault(error);
        log.warn({ backfill: taken?.id, code, detail }, 'a backfill cannot go on');
        if (taken && !spec.retry)
          await options.jobs.backfills.end(taken.id, 'failed', `${code}: ${detail}`).catch(() => undefined);
        await pause(PAUSE_MS);
      }
    }
  };
  const running = loop();
  return async () => {
    stopped = true;
    wake();
    await running;
  };
}

interface Around {
  readonly pause: (ms: number) => Promise<void>;
  readonly isStopping: () => boolean;
}

/** Until it is done, stopped, or this process ends. */
async function workOn(taken: Leased, options: BackfillOptions, around: Around): Promise<void> {
  const { config, rules, jobs } = options;
  const archive = archiveOf(config);
  let { counts } = taken;
  const tell = (day: string, seen: readonly string[], says: string): Promise<boolean> =>
    jobs.backfills.note(taken.id, { day, seen, counts, says });

  for (const day of daysFrom(taken)) {
    const seen = day === taken.day ? [...taken.seen] : [];
    const listed = await patiently(
      () => studiesBetween(archive, config.DICOMWEB_PATH, { from: day, to: day }),
      (says) => tell(day, seen, says),
      around,
    );
    if (!listed || !(await tell(day, seen, ''))) return;
    const studies = [...listed.keys()].filter((study) => !seen.includes(study));
    for (const study of studies) {
      const began = Date.now();
      if (!(await hasRoom(options, (says) => tell(day, seen, says), around))) return;
      const inForce = await rules.current();
      const looked = await patiently(
        () => lookAt(study, taken, { ...options, inForce }),
        (says) => tell(day, seen, says),
        around,
      );
      if (!looked) return;
      counts = sum(counts, looked);
      seen.push(study);
      if (!(await tell(day, seen, ''))) return;
      await around.pause(began + MINUTE_MS / taken.perMinute - Date.now());
      if (around.isStopping()) return;
    }
  }
  await jobs.backfills.end(taken.id, 'done');
  log.info({ backfill: taken.id, ...counts }, 'backfill done');
}

/** Again and again while the archive does not answer. Undefined when the backfill, or this process, was stopped meanwhile. */
async function patiently<T>(
  step: () => Promise<T>,
  tell: (says: string) => Promise<boolean>,
  { pause, isStopping }: Around,
): Promise<T | undefined> {
  while (!isStopping()) {
    try {
      return await step();
    } catch (error) {
      const fault = asFault(error);
      if (fault.code !== 'ARCHIVE_UNREACHABLE') throw fault;
      if (!(await tell(`waits for the archive: ${fault.detail}`))) return undefined;
      await pause(PAUSE_MS);
    }
  }
  return undefined;
}

/** Whether more of the past may be queued. */
export const backfillHasRoom = async ({ backfills }: Pick<Jobs, 'backfills'>): Promise<boolean> =>
  (await backfills.waiting()) < MOST_WAITING;

/** Waits until fewer of its kind are queued. False when it was stopped meanwhile. */
async function hasRoom(
  { jobs }: BackfillOptions,
  tell: (says: string) => Promise<boolean>,
  { pause, isStopping }: Around,
): Promise<boolean> {
  while (!isStopping()) {
    if (await backfillHasRoom(jobs)) return true;
    if (!(await tell(`${MOST_WAITING} analyses of backfills wait for a worker`))) return false;
    await pause(PAUSE_MS);
  }
  return false;
}

/** What one study adds. Only an archive that is down keeps the rest waiting. */
async function lookAt(
  study: string,
  { id, model, dryRun }: Leased,
  { config, jobs, inForce }: BackfillOptions & { readonly inForce: RuleFile | undefined },
): Promise<BackfillCounts> {
  let counts: BackfillCounts = { ...NONE, studies: 1 };
  try {
    const arrivals = await arrivalsOf(study, {
      archive: archiveOf(config),
      dicomWebPath: config.DICOMWEB_PATH,
      kind: config.ARCHIVE,
      isOwnSeries: jobs.analyses.isOwnSeries,
    });
    for (const { arrived, decisions } of await decideStudy(arrivals, { config, inForce }))
      counts = sum(counts, await admitOne(arrived, forBackfill(decisions, model), { jobs, model, dryRun }));
    return counts;
  } catch (error) {
    const { code, detail, spec } = asFault(error);
    if (code === 'ARCHIVE_UNREACHABLE') throw error;
    log.warn({ backfill: id, study, code, detail, action: spec.action }, 'a study was left out');
    return { ...counts, failed: 1 };
  }
}

async function admitOne(
  arrived: SeriesArrived,
  decisions: readonly ModelDecision[],
  {
    jobs,
    model,
    dryRun,
  }: Pick<BackfillOptions, 'jobs'> & { readonly model: string | null; readonly dryRun: boolean },
): Promise<BackfillCounts> {
  const one = { ...NONE, series: 1 };
  const running = decisions.filter(({ run }) => run);
  if (running.length === 0) {
    // Asked for one model, the others' reasons would be missing from the record.
    if (!dryRun && model === null) await jobs.arrived(arrived, decisions);
    return { ...one, skipped: 1 };
  }
  const missing = await jobs.missing(arrived, running);
  if (missing.length === 0) return { ...one, known: 1 };
  if (!dryRun) await jobs.arrived(arrived, decisions);
  return { ...one, queued: missing.length };
}

/** Of the model that was asked for, and behind everything else. */
const forBackfill = (decisions: readonly ModelDecision[], model: string | null): readonly ModelDecision[] =>
  decisions
    .filter(({ model: { id, version } }) => model === null || model === id || model === `${id}@${version}`)
    .map((decision) => ({ ...decision, priority: 'backfill' }));

const NONE: BackfillCounts = { studies: 0, series: 0, queued: 0, known: 0, skipped: 0, failed: 0 };

const sum = (a: BackfillCounts, b: BackfillCounts): BackfillCounts => ({
  studies: a.studies + b.studies,
  series: a.series + b.series,
  queued: a.queued + b.queued,
  known: a.known + b.known,
  skipped: a.skipped + b.skipped,
  failed: a.failed + b.failed,
});

const DAY_MS = 86_400_000;

/** The days that are left, the last first. */
function* daysFrom({ from, to, day }: Leased): Generator<string> {
  for (let at = Date.parse(day ?? to); at >= Date.parse(from); at -= DAY_MS)
    yield new Date(at).toISOString().slice(0, 10);
}
