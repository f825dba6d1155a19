import { z } from 'zod';
import type { SeriesArrived } from '../contracts.ts';
import type { SeriesInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';
import { call, getJson, type Origin } from '../shared/http.ts';
import { queryAll, textOf } from '../shared/qido.ts';
import { isDerivedModality } from './derived.ts';
import { arrivalOf, TAG } from './qido.ts';
import { lookAtSeries } from './series.ts';

export interface ArchiveOptions {
  readonly archive: Origin;
  readonly dicomWebPath: string;
  readonly kind: 'orthanc' | 'dicomweb';
  readonly isOwnSeries: (uid: SeriesInstanceUID) => Promise<boolean>;
}

const Found = z.array(z.object({ Type: z.string(), ID: z.string() }));
const Study = z.object({ Series: z.array(z.string()) });

/**
 * The series of images of a study as they are now, each as the listener of this kind of archive would tell it: the same set of instances
 * has the same fingerprint. What still grows is left out, for the listener tells it when it has settled. None for a study that is not there.
 */
export async function arrivalsOf(study: string, options: ArchiveOptions): Promise<readonly SeriesArrived[]> {
  const arrived =
    options.kind === 'orthanc' ? await byOrthanc(study, options) : await byQuery(study, options);
  return arrived.filter((a) => a !== undefined);
}

async function byOrthanc(study: string, { archive, isOwnSeries }: ArchiveOptions) {
  const answer = await call(archive, '/tools/lookup', { method: 'POST', body: study });
  if (answer.status !== 200)
    throw new Fault('ARCHIVE_UNREACHABLE', `POST /tools/lookup answered ${answer.status}`);
  const id = Found.parse(await answer.body.json()).find(({ Type }) => Type === 'Study')?.ID;
  const found = id && Study.optional().parse(await getJson(archive, `/studies/${id}`));
  const arrived: (SeriesArrived | undefined)[] = [];
  for (const series of found ? found.Series : [])
    arrived.push((await lookAtSeries(archive, series, isOwnSeries))?.arrived);
  return arrived;
}

async function byQuery(study: string, { archive, dicomWebPath, isOwnSeries }: ArchiveOptions) {
  const arrived: (SeriesArrived | undefined)[] = [];
  for (const item of await queryAll(archive, `${dicomWebPath}/studies/${study}/series`, TAG.series)) {
    const uid = textOf(item, TAG.series) as SeriesInstanceUID | undefined;
    if (!uid || isDerivedModality(textOf(item, TAG.modality)) || (await isOwnSeries(uid))) continue;
    arrived.push(await arrivalOf(study, uid, { archive, dicomWebPath }));
  }
  return arrived;
}
