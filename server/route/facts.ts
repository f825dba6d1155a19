import { Fault } from '../shared/fault.ts';
import { getJson, type Origin } from '../shared/http.ts';
import type { SeriesFacts } from './route.ts';

/** An element of the DICOM JSON model (PS3.18 §F.2). */
type Json = Readonly<Record<string, { readonly Value?: readonly unknown[] }>>;

const TAG = {
  SOPClassUID: '00080016',
  Modality: '00080060',
  SeriesDescription: '0008103E',
  BodyPartExamined: '00180015',
  ProtocolName: '00181030',
} as const;

/** Asks the archive by QIDO-RS (PS3.18 §10.6) what the rules need to know. Throws RETRIEVE_INCOMPLETE when it is gone. */
export async function seriesFacts(
  archive: Origin,
  dicomWebPath: string,
  {
    StudyInstanceUID,
    SeriesInstanceUID,
  }: { readonly StudyInstanceUID: string; readonly SeriesInstanceUID: string },
): Promise<SeriesFacts> {
  const study = `${dicomWebPath}/studies/${StudyInstanceUID}`;
  const fields = `includefield=${TAG.BodyPartExamined},${TAG.ProtocolName},${TAG.SeriesDescription}`;
  const [found, instances] = await Promise.all([
    query(archive, `${study}/series?SeriesInstanceUID=${SeriesInstanceUID}&${fields}`),
    query(archive, `${study}/series/${SeriesInstanceUID}/instances?includefield=${TAG.SOPClassUID}`),
  ]);
  const series = found[0];
  if (!series || instances.length === 0) {
    throw new Fault('RETRIEVE_INCOMPLETE', `the archive no longer lists series ${SeriesInstanceUID}`);
  }
  return {
    Modality: value(series, TAG.Modality),
    BodyPartExamined: value(series, TAG.BodyPartExamined),
    SeriesDescription: value(series, TAG.SeriesDescription),
    ProtocolName: value(series, TAG.ProtocolName),
    SOPClassUIDs: [...new Set(instances.map((i) => value(i, TAG.SOPClassUID) ?? '(absent)'))],
    instances: instances.length,
  };
}

const query = async (archive: Origin, path: string): Promise<readonly Json[]> =>
  ((await getJson(archive, path, 'application/dicom+json')) as readonly Json[] | undefined) ?? [];

const value = (item: Json, tag: string): string | undefined => {
  const first = item[tag]?.Value?.[0];
  return typeof first === 'string' && first.trim() !== '' ? first.trim() : undefined;
};
