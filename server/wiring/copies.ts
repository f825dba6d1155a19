import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyDetail, OURSELVES } from '../audit/entry.ts';
import type { Recorder } from '../audit/recorder.ts';
import type { Config } from '../config.ts';
import type { Storable } from '../contracts.ts';
import { type Copy as DeidentifiedCopy, deidentify } from '../deidentify/index.ts';
import { type Copy, type CopyRecords, openCopyRecords } from '../deidentify/records.ts';
import { type Part10, readPart10 } from '../dicom/read.ts';
import { SeriesInstanceUID, SOPInstanceUID } from '../dicom/uid.ts';
import type { Analysis, Jobs } from '../jobs/index.ts';
import { archiveOf, copyTargets } from '../places.ts';
import { fetchInstance } from '../retrieve/instance.ts';
import { fetchSeries } from '../retrieve/series.ts';
import { sha256 } from '../shared/digest.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { getJson } from '../shared/http.ts';
import { log } from '../shared/log.ts';
import { storeInAll, type Target } from '../store/targets.ts';
import { writePieces } from '../store/write-pieces.ts';

interface Around {
  readonly config: Config;
  readonly jobs: Pick<Jobs, 'sql' | 'analyses'>;
  readonly recorder: Pick<Recorder, 'note'>;
}

const LOOK_MS = 1_000;
/** An instance of a usual size takes milliseconds; a lease is renewed by then. */
const PROLONG_MS = 30_000;
/** Files that are in memory at once. */
const BATCH = 16;

/** Copies without identity, sent one after the other. They need `COPY_TARGETS`; without, what rules ask for is refused. */
export function openCopies(around: Around): {
  readonly records: CopyRecords;
  readonly stop: () => Promise<void>;
} {
  const records = openCopyRecords(around.jobs.sql);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  const look = (): void => {
    looking = workOff(records, around, () => stopped)
      .catch((error: unknown) => {
        const { code, detail } = asFault(error);
        log.warn({ code, detail }, 'the copies could not be looked at; again later');
      })
      .then(() => {
        if (!stopped) timer = setTimeout(look, LOOK_MS);
      });
  };
  look();
  return {
    records,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

async function workOff(records: CopyRecords, around: Around, stopped: () => boolean): Promise<void> {
  await records.oweResults();
  while (!stopped()) {
    const copy = await records.claim();
    if (!copy) return;
    const { study, series, target, kind } = copy;
    try {
      const says = await send(copy, records, around);
      await records.sent(copy, says);
      log.info({ study, series, target, kind }, 'a copy without identity was sent');
      note(around, copy, 'done', says);
    } catch (error) {
      const { code, detail } = asFault(error);
      const refused = await records.failed(copy, error);
      log.warn(
        { study, series, target, kind, code, detail, refused },
        'a copy without identity was not sent',
      );
      if (refused) note(around, copy, 'refused', code);
    }
  }
}

const note = ({ recorder }: Around, copy: Copy, outcome: 'done' | 'refused', detail: string): void =>
  recorder.note({
    ...OURSELVES,
    action: 'copied',
    study: copy.study,
    object: copy.object,
    outcome,
    detail: copyDetail(copy.kind, copy.target, detail),
  });

/** Nothing is sent before all of it is clean. Answers what was sent, in a sentence. */
async function send(copy: Copy, records: CopyRecords, around: Around): Promise<string> {
  const { config } = around;
  const target = copyTargets(config).get(copy.target);
  if (!target) throw new Fault('COPY_REFUSED', `COPY_TARGETS names no ${copy.target}`);
  const folder = join(config.DATA_DIR, 'copies', sha256(`${copy.object}\n${copy.target}`).slice(0, 32));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    const clean: Clean[] = [];
    let last = Date.now();
    for await (const original of originalsOf(copy, around)) {
      const one = deidentify(original, { secret: config.COPY_SECRET, own: copy.kind === 'results' });
      await writePieces(fileOf(folder, one), one.parts);
      const { parts: _, ...facts } = one;
      clean.push(facts);
      if (Date.now() - last > PROLONG_MS) {
        await records.prolong(copy);
        last = Date.now();
      }
    }
    for (let at = 0; at < clean.length; at += BATCH) {
      await storeBatch(target, clean.slice(at, at + BATCH), folder);
      await records.prolong(copy);
    }
    await assertElsewhere(clean, around);
    return saying(clean);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Clean = Omit<DeidentifiedCopy, 'parts'>;

async function* originalsOf(copy: Copy, { config, jobs }: Around): AsyncGenerator<Part10> {
  const archive = archiveOf(config);
  const { study: StudyInstanceUID, series, instances } = copy;
  if (copy.kind === 'images') {
    const address = { StudyInstanceUID, SeriesInstanceUID: SeriesInstanceUID.parse(series) };
    yield* fetchSeries(archive, config.DICOMWEB_PATH, { ...address, instanceCount: instances });
    return;
  }
  for (const object of goingOf(await jobs.analyses.get(copy.object)))
    yield readPart10(
      await fetchInstance(archive, config.DICOMWEB_PATH, {
        StudyInstanceUID,
        SeriesInstanceUID: SeriesInstanceUID.parse(object.SeriesInstanceUID),
        SOPInstanceUID: SOPInstanceUID.parse(object.SOPInstanceUID),
      }),
    );
}

/** Pictures and documents show their patient in words; key objects only list them. */
const GOING: ReadonlySet<string> = new Set(['SEG', 'LABELMAP', 'PM', 'SR']);
const goingOf = (analysis: Analysis | undefined): Analysis['objects'] =>
  (analysis?.objects ?? []).filter(({ kind }) => GOING.has(kind));

async function storeBatch(target: Target, batch: readonly Clean[], folder: string): Promise<void> {
  const objects: Storable[] = await Promise.all(
    batch.map(async (facts) => ({ ...facts, parts: [await readFile(fileOf(folder, facts))] })),
  );
  await storeInAll([target], objects);
}

const fileOf = (folder: string, { SOPInstanceUID }: Pick<Clean, 'SOPInstanceUID'>): string =>
  join(folder, `${SOPInstanceUID}.dcm`);

/** A target that is the archive of the originals by another name, or sends to it, is found out by its first copy, and gets no second. */
async function assertElsewhere([first]: readonly Clean[], { config }: Around): Promise<void> {
  if (!first) throw new Fault('COPY_REFUSED', 'there is nothing that may leave');
  const query = `${config.DICOMWEB_PATH}/studies?StudyInstanceUID=${first.StudyInstanceUID}`;
  const found = await getJson(archiveOf(config), query, 'application/dicom+json');
  if (JSON.stringify(found ?? []).includes(first.StudyInstanceUID))
    throw new Fault(
      'COPY_REFUSED',
      `the copy came back to the archive of the originals, as study ${first.StudyInstanceUID}: delete it there and correct COPY_TARGETS`,
    );
}

function saying(clean: readonly Clean[]): string {
  const silent = clean.filter(({ saysNoText }) => !saysNoText).length;
  const unsaid =
    silent === 0
      ? ''
      : `; of ${silent} the archive does not say whether text is burned in (BurnedInAnnotation is absent)`;
  return `${clean.length} ${clean.length === 1 ? 'file' : 'files'}${unsaid}`;
}
