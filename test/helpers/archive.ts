import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { Fault } from '../../server/shared/fault.ts';
import { call, getJson, type Origin } from '../../server/shared/http.ts';

export interface SeriesInArchive {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly instanceCount: number;
}

/** Sends a file, or all .dcm files of a folder, to Orthanc; gives the series that the last of them belongs to. */
export async function sendTo(archive: Origin, path: string): Promise<SeriesInArchive> {
  const files = statSync(path).isFile()
    ? [path]
    : readdirSync(path)
        .filter((f) => f.endsWith('.dcm'))
        .map((f) => join(path, f));
  let series = '';
  for (const file of files) series = (await sendBytes(archive, readFileSync(file))).ParentSeries;
  return seriesOf(archive, series);
}

export async function sendBytes(
  archive: Origin,
  bytes: Uint8Array,
): Promise<{ ID: string; ParentSeries: string }> {
  const answer = await call(archive, '/instances', { method: 'POST', body: bytes });
  if (answer.status !== 200) throw new Fault('ARCHIVE_REFUSED', `POST /instances answered ${answer.status}`);
  return (await answer.body.json()) as { ID: string; ParentSeries: string };
}

/** By Orthanc's own identifier of the series. */
export async function seriesOf(archive: Origin, id: string): Promise<SeriesInArchive> {
  const series = (await getJson(archive, `/series/${id}`)) as {
    Instances: string[];
    ParentStudy: string;
    MainDicomTags: { SeriesInstanceUID: string };
  };
  const study = (await getJson(archive, `/studies/${series.ParentStudy}`)) as {
    MainDicomTags: { StudyInstanceUID: string };
  };
  return {
    StudyInstanceUID: study.MainDicomTags.StudyInstanceUID,
    SeriesInstanceUID: series.MainDicomTags.SeriesInstanceUID,
    instanceCount: series.Instances.length,
  };
}

/** The bytes of an instance as the archive holds them. */
export async function storedBytes(archive: Origin, SOPInstanceUID: string): Promise<Uint8Array> {
  const found = (await call(archive, '/tools/lookup', { method: 'POST', body: SOPInstanceUID }).then((a) =>
    a.body.json(),
  )) as {
    Type: string;
    ID: string;
  }[];
  const id = found.find((f) => f.Type === 'Instance')?.ID;
  if (!id) throw new Fault('NOT_FOUND', `the archive does not hold ${SOPInstanceUID}`);
  const answer = await call(archive, `/instances/${id}/file`);
  return answer.body.bytes();
}

const Stable = z.array(z.object({ IsStable: z.boolean() }));

/** Resolves when Orthanc calls each of its series stable: none will be told as one that has just arrived. */
export async function allStable(archive: Origin): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const series = Stable.parse(await getJson(archive, '/series?expand'));
    if (series.every(({ IsStable }) => IsStable)) return;
    await wait(100);
  }
  throw new Error('a series does not become stable');
}
