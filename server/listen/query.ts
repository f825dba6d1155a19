import { z } from 'zod';
import type { SeriesArrived } from '../contracts.ts';
import { SeriesInstanceUID } from '../dicom/uid.ts';
import { asFault } from '../shared/fault.ts';
import type { Origin } from '../shared/http.ts';
import { log } from '../shared/log.ts';
import { queryAll, textOf } from '../shared/qido.ts';
import { isDerivedModality } from './derived.ts';
import { follow, type Listener } from './follow.ts';
import { arrivalOf, countOf, studiesBetween, TAG } from './qido.ts';

export interface QueryOptions {
  readonly archive: Origin;
  readonly dicomWebPath: string;
  /** Keeps what must survive this process. */
  readonly store: { load(): Promise<unknown>; save(state: object): Promise<void> };
  readonly isOwnSeries: (uid: SeriesInstanceUID) => Promise<boolean>;
  /** Called with each settled series; when it resolves, the arrival is recorded for good. May be called again with the same. */
  readonly onArrived: (arrived: SeriesArrived, past: boolean) => Promise<unknown>;
  readonly pollMs: number;
  readonly settleMs: number;
  /** Studies of so many days back are watched, by StudyDate. */
  readonly days: number;
  readonly now?: () => number;
}

const Seen = z.object({
  /** Images when it was last looked at. */
  count: z.number(),
  /** Since when they have been so many, ms since the epoch. */
  since: z.number(),
  /** How many they were when it arrived; 0: it has not yet. */
  done: z.number(),
});
const State = z.object({
  studies: z
    .record(
      z.string(),
      z.object({
        /** What the archive said that it holds of it. */
        instances: z.number().exactOptional(),
        /** ms since the epoch. */
        lookedAt: z.number().default(0),
        series: z.record(z.string(), Seen),
      }),
    )
    .default({}),
});
type State = z.infer<typeof State>;

const DAY_MS = 86_400_000;
/** A study of which the archive does not say how many instances it has is looked into so often when all of it has arrived. */
const RELOOK_MS = 5 * 60_000;

/**
 * Watches any DICOMweb archive by QIDO-RS (PS3.18 §10.6): a series arrives when its number of images has not changed for `settleMs`.
 * Only studies whose number of instances changed, or with a series that has not arrived, are looked into; where the archive does not
 * count, each study now and then.
 */
export function listenByQuery(options: QueryOptions): Listener {
  const { store, pollMs, now = Date.now } = options;
  let state: State | undefined;
  let saved = '';
  return follow(pollMs, async (isStopping) => {
    state ??= State.parse((await store.load()) ?? {});
    const listed = await studiesOf(options);
    for (const uid of Object.keys(state.studies)) if (!listed.has(uid)) delete state.studies[uid];
    for (const [study, instances] of listed) {
      if (isStopping()) return;
      state.studies[study] ??= { lookedAt: 0, series: {} };
      const known = state.studies[study];
      const isOwed = Object.values(known.series).some((s) => s.done !== s.count);
      const isChanged =
        instances === undefined ? now() - known.lookedAt >= RELOOK_MS : known.instances !== instances;
      if (!isChanged && !isOwed) continue;
      await lookInto(study, known, options);
      known.lookedAt = now();
      if (instances !== undefined) known.instances = instances;
      const text = JSON.stringify(state);
      if (text !== saved) await store.save(state);
      saved = text;
    }
  });
}

/** The studies of the window, and how many instances each has. */
const studiesOf = ({
  archive,
  dicomWebPath,
  days,
  now = Date.now,
}: QueryOptions): Promise<ReadonlyMap<string, number | undefined>> =>
  studiesBetween(archive, dicomWebPath, {
    from: new Date(now() - days * DAY_MS).toISOString().slice(0, 10),
  });

type Known = State['studies'][string];

async function lookInto(study: string, known: Known, options: QueryOptions): Promise<void> {
  const { archive, dicomWebPath, isOwnSeries, settleMs, onArrived, now = Date.now } = options;
  const path = `${dicomWebPath}/studies/${study}/series`;
  for (const item of await queryAll(archive, `${path}?includefield=${TAG.inSeries}`, TAG.series)) {
    const series = SeriesInstanceUID.safeParse(textOf(item, TAG.series));
    if (!series.success || isDerivedModality(textOf(item, TAG.modality)) || (await isOwnSeries(series.data)))
      continue;
    const count =
      countOf(item, TAG.inSeries) ?? (await arrivalOf(study, series.data, options))?.instanceCount ?? 0;
    known.series[series.data] ??= { count: -1, since: 0, done: 0 };
    const seen = known.series[series.data];
    if (!seen) continue;
    if (seen.count !== count) Object.assign(seen, { count, since: now() });
    if (seen.done === count || now() - seen.since < settleMs) continue;
    try {
      const arrived = await arrivalOf(study, series.data, options);
      // An archive that counts otherwise than it lists: what is listed counts, at the next look.
      if (arrived) await onArrived(arrived, false);
      seen.done = count;
    } catch (error) {
      const fault = asFault(error);
      if (fault.code === 'ARCHIVE_UNREACHABLE') throw fault;
      log.warn({ series: series.data, code: fault.code, detail: fault.detail }, 'series tried again later');
      seen.since = now();
    }
  }
}
