import type { SeriesArrived } from '../contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { sha256 } from '../shared/digest.ts';
import { Fault } from '../shared/fault.ts';
import { getJson, type Origin } from '../shared/http.ts';
import { isDerivedClass } from './derived.ts';

/** What the listeners ask by QIDO-RS (PS3.18 §10.6). */

export const TAG = {
  study: '0020000D',
  series: '0020000E',
  instance: '00080018',
  sopClass: '00080016',
  modality: '00080060',
  inStudy: '00201208',
  inSeries: '00201209',
};
const PAGE = 200;

/** Studies by their StudyDate, both ends included and open where they are left out, dates as 2026-01-31: how many instances each has. */
export async function studiesBetween(
  archive: Origin,
  dicomWebPath: string,
  { from = '', to = '' }: { readonly from?: string; readonly to?: string },
): Promise<ReadonlyMap<StudyInstanceUID, number>> {
  const [first, last] = [from, to].map((day) => day.replaceAll('-', ''));
  const date = first === last ? first : `${first}-${last}`;
  const found = new Map<StudyInstanceUID, number>();
  for (let offset = 0; ; offset += PAGE) {
    const page = await query(
      archive,
      `${dicomWebPath}/studies?StudyDate=${date}&includefield=${TAG.inStudy}&limit=${PAGE}&offset=${offset}`,
    );
    for (const study of page) {
      const uid = StudyInstanceUID.safeParse(textOf(study, TAG.study));
      if (uid.success) found.set(uid.data, Number(textOf(study, TAG.inStudy) ?? 0));
    }
    if (page.length < PAGE) return found;
  }
}

/** The images of a series as they are now; undefined when it holds none. Without checksums its fingerprint is that of their UIDs. */
export async function arrivalOf(
  study: string,
  series: string,
  { archive, dicomWebPath }: { readonly archive: Origin; readonly dicomWebPath: string },
): Promise<SeriesArrived | undefined> {
  const path = `${dicomWebPath}/studies/${study}/series/${series}/instances?includefield=${TAG.sopClass}`;
  const uids = (await query(archive, path))
    .filter((item) => !isDerivedClass(textOf(item, TAG.sopClass) ?? ''))
    .flatMap((item) => textOf(item, TAG.instance) ?? [])
    .sort();
  if (uids.length === 0) return undefined;
  return {
    StudyInstanceUID: StudyInstanceUID.parse(study),
    SeriesInstanceUID: SeriesInstanceUID.parse(series),
    fingerprint: sha256(uids.join('\n')),
    instanceCount: uids.length,
    settledAt: new Date().toISOString(),
  };
}

/** An element of the DICOM JSON model (PS3.18 §F.2). */
type Json = Readonly<Record<string, { readonly Value?: readonly unknown[] }>>;

export async function query(archive: Origin, path: string): Promise<readonly Json[]> {
  const answer = (await getJson(archive, path, 'application/dicom+json')) ?? [];
  if (!Array.isArray(answer)) throw new Fault('ARCHIVE_REFUSED', 'the answer is not DICOM JSON');
  return answer;
}

export const textOf = (item: Json, tag: string): string | undefined => {
  const value = item[tag]?.Value?.[0];
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined;
};
