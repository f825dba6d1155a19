import { z } from 'zod';
import type { SeriesArrived } from '../contracts.ts';
import type { SeriesInstanceUID } from '../dicom/uid.ts';
import { asFault, type Fault } from '../shared/fault.ts';
import { getJson, type Origin } from '../shared/http.ts';
import { log } from '../shared/log.ts';
import { backoff, follow, type Listener } from './follow.ts';
import { lookAtSeries } from './series.ts';

export interface ListenOptions {
  readonly archive: Origin;
  /** Keeps what must survive this process. */
  readonly store: { load(): Promise<unknown>; save(state: object): Promise<void> };
  readonly isOwnSeries: (uid: SeriesInstanceUID) => Promise<boolean>;
  /**
   * Called with each settled series; when it resolves, the arrival is recorded for good. May be called again with the same. `past`: it was
   * there before the first start.
   */
  readonly onArrived: (arrived: SeriesArrived, past: boolean) => Promise<unknown>;
  /** Of what the archive held before the first start: nothing is read, or all, behind what comes. */
  readonly start: 'now' | 'all';
  /** False keeps the past waiting. */
  readonly hasRoom: () => Promise<boolean>;
  readonly pollMs: number;
  readonly settleMs: number;
}

/**
 * What is known and not yet done. It is saved with the cursor in one piece: a change is passed only when what it asks for
 * is kept here, and leaves only when it is done.
 */
const State = z.object({
  /** Seq of the last change that was read. */
  cursor: z.number().int().default(0),
  /** New instances that no settled series covers yet: identifier → when it was seen, ms since the epoch. */
  instances: z.record(z.string(), z.number()).default({}),
  /** Series to look at: identifier → when, and after how many faults. */
  series: z.record(z.string(), z.object({ at: z.number(), tries: z.number().int() })).default({}),
  /** Series of before the first start: how many are read. Absent: all that shall be. */
  past: z.number().int().exactOptional(),
});
type State = z.infer<typeof State>;

const Changes = z.object({
  Changes: z.array(z.object({ Seq: z.number().int(), ChangeType: z.string(), ID: z.string() })),
  Done: z.boolean(),
  Last: z.number().int(),
});
const Instance = z.object({ ParentSeries: z.string() });
const Statistics = z.object({ CountSeries: z.number().int() });

const PAGE = 1_000;
/** Series of the past that are looked at between two looks at what is new. */
const PAST_PAGE = 20;
const PAST_TOLD = 1_000;
/** How often a series is looked at that the archive answers wrongly for. */
const TRIES = 10;

/**
 * Follows Orthanc's log of changes from where it was left, each `pollMs` and when woken. A series arrives when the archive
 * calls it stable; when that event was lost, after `settleMs` of quiet. An archive that is down is asked ever more seldom
 * and the work goes on by itself. The first start begins with what comes from then on: the log of an archive of years is not read.
 */
export function listen(options: ListenOptions): Listener {
  const { archive, store, isOwnSeries, onArrived, pollMs, settleMs } = options;
  let state: State | undefined;
  let saved = '';

  const save = async (known: State): Promise<void> => {
    const text = JSON.stringify(known);
    if (text === saved) return;
    await store.save(known);
    saved = text;
  };

  const step = async (isStopping: () => boolean): Promise<void> => {
    state ??= await firstState(options);
    await readChanges(archive, state, () => save(state as State));
    await findQuiet(archive, state, settleMs);
    for (const [id, { at }] of Object.entries(state.series)) {
      if (at > Date.now() || isStopping()) continue;
      const answered = await attend(state, id);
      await save(state);
      if (!answered) return;
    }
    await save(state);
    await readPast(state, options);
    await save(state);
  };

  /** Deals with one series; false when the archive did not answer. */
  const attend = async (known: State, id: string): Promise<boolean> => {
    try {
      const look = await lookAtSeries(archive, id, isOwnSeries);
      if (look?.arrived) await onArrived(look.arrived, false);
      delete known.series[id];
      // One that grows again comes back by its own event, or by the quiet time of its instances.
      const first = look?.instances[0];
      if (look && !look.stable && first) known.instances[first] ??= Date.now();
      if (look?.stable) for (const instance of look.instances) delete known.instances[instance];
      return true;
    } catch (error) {
      const fault = asFault(error);
      postpone(known, id, fault);
      return fault.code !== 'ARCHIVE_UNREACHABLE';
    }
  };

  const postpone = (known: State, id: string, fault: Fault): void => {
    const tries = (known.series[id]?.tries ?? 0) + 1;
    const facts = { series: id, code: fault.code, detail: fault.detail, tries };
    const giveUp = fault.code !== 'ARCHIVE_UNREACHABLE' && (!fault.spec.retry || tries >= TRIES);
    if (giveUp) delete known.series[id];
    else known.series[id] = { at: Date.now() + backoff(pollMs, tries), tries };
    if (giveUp) log.error(facts, 'series given up');
    else log.warn(facts, 'series tried again later');
  };

  return follow(pollMs, step);
}

/** Where it was left, or the end of the log. */
async function firstState({ archive, store, start }: ListenOptions): Promise<State> {
  const loaded = await store.load();
  if (loaded !== undefined) return State.parse(loaded);
  const { Last: cursor } = Changes.parse(await getJson(archive, '/changes?last'));
  const { CountSeries: series } = Statistics.parse(await getJson(archive, '/statistics'));
  const state = State.parse({ cursor, ...(start === 'all' && series > 0 ? { past: 0 } : {}) });
  await store.save(state);
  if (series > 0)
    log.info(
      { series },
      start === 'all'
        ? 'first start: what the archive holds is read too, behind what comes'
        : 'first start: what the archive holds already is left alone; pellucid backfill reads it',
    );
  return state;
}

/** Some series of before the first start. One that cannot be looked at is told and left out: a backfill finds it. */
async function readPast(
  state: State,
  { archive, isOwnSeries, onArrived, hasRoom }: ListenOptions,
): Promise<void> {
  if (state.past === undefined || !(await hasRoom())) return;
  const ids = z
    .array(z.string())
    .parse(await getJson(archive, `/series?since=${state.past}&limit=${PAST_PAGE}`));
  for (const id of ids) {
    try {
      const look = await lookAtSeries(archive, id, isOwnSeries);
      if (look?.arrived) await onArrived(look.arrived, true);
    } catch (error) {
      const { code, detail } = asFault(error);
      if (code === 'ARCHIVE_UNREACHABLE') throw error;
      log.error({ series: id, code, detail }, 'a series of the past was left out');
    }
  }
  const before = state.past;
  state.past += ids.length;
  if (Math.floor(before / PAST_TOLD) < Math.floor(state.past / PAST_TOLD))
    log.info({ series: state.past }, 'of the past, read');
  if (ids.length > 0) return;
  log.info({ series: state.past }, 'the past is read');
  delete state.past;
}

/** Takes down what the changes ask for, page by page. */
async function readChanges(archive: Origin, state: State, save: () => Promise<void>): Promise<void> {
  for (let done = false; !done; ) {
    const page = Changes.parse(await getJson(archive, `/changes?since=${state.cursor}&limit=${PAGE}`));
    for (const { Seq, ChangeType, ID } of page.Changes) {
      if (ChangeType === 'NewInstance') state.instances[ID] = Date.now();
      if (ChangeType === 'StableSeries') state.series[ID] = { at: Date.now(), tries: 0 };
      state.cursor = Seq;
    }
    if (page.Last === 0 && state.cursor > 0) {
      log.warn({ cursor: state.cursor }, 'the archive is a new one: its changes are read from the start');
      state.cursor = 0;
    }
    done = page.Done || page.Changes.length === 0;
    await save();
  }
}

/** Instances that stay alone longer than the quiet time: the event of their series was lost, or is late. */
async function findQuiet(archive: Origin, state: State, settleMs: number): Promise<void> {
  const quiet = Object.entries(state.instances).filter(([, seen]) => Date.now() - seen > settleMs);
  for (const [id] of quiet) {
    if (state.instances[id] === undefined) continue;
    const instance = Instance.optional().parse(await getJson(archive, `/instances/${id}`));
    delete state.instances[id];
    if (instance) state.series[instance.ParentSeries] ??= { at: Date.now(), tries: 0 };
  }
}
