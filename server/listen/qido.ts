import type { SeriesArrived } from '../contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { sha256 } from '../shared/digest.ts';
import type { Origin } from '../shared/http.ts';
import { type Json, queryAll, textOf } from '../shared/qido.ts';
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

/**
 * Studies by their StudyDate, both ends included and open where they are left out, dates as 2026-01-31: how many instances each has,
 * undefined where the archive does not say.
 */
export async function studiesBetween(
  archive: Origin,
  dicomWebPath: string,
  { from = '', to = '' }: { readonly from?: string; readonly to?: string },
): Promise<ReadonlyMap<StudyInstanceUID, number | undefined>> {
  const [first, last] = [from, to].map((day) => day.replaceAll('-', ''));
  const date = first === last ? first : `${first}-${last}`;
  const listed = await queryAll(
    archive,
    `${dicomWebPath}/studies?StudyDate=${date}&includefield=${TAG.inStudy}`,
    TAG.study,
  );
  return new Map(
    listed.flatMap((study) => {
      const uid = StudyInstanceUID.safeParse(textOf(study, TAG.study));
      return uid.success ? [[uid.data, countOf(study, TAG.inStudy)]] : [];
    }),
  );
}

/** A number of related instances (PS3.18 Tables 10.6.3-3 and -4): optional, so many archives leave it out. */
export function countOf(item: Json, tag: string): number | undefined {
  const count = textOf(item, tag);
  return count === undefined ? undefined : Number(count);
}

/** The images of a series as they are now; undefined when it holds none. Without checksums its fingerprint is that of their UIDs. */
export async function arrivalOf(
  study: string,
  series: string,
  { archive, dicomWebPath }: { readonly archive: Origin; readonly dicomWebPath: string },
): Promise<SeriesArrived | undefined> {
  const path = `${dicomWebPath}/studies/${study}/series/${series}/instances?includefield=${TAG.sopClass}`;
  const uids = (await queryAll(archive, path, TAG.instance))
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
