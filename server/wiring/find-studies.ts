import { StudyInstanceUID } from '../dicom/uid.ts';
import type { FoundStudy } from '../operations/find.ts';
import type { Origin } from '../shared/http.ts';
import { type Json, query, textOf } from '../shared/qido.ts';

const TAG = { study: '0020000D', date: '00080020', modalities: '00080061' };
const BY = [
  { by: 'accession number', keyword: 'AccessionNumber', tag: '00080050' },
  { by: 'patient ID', keyword: 'PatientID', tag: '00100020' },
] as const;
/** Of one patient or order. */
const MOST = 200;

/** Studies of the archive whose accession number or patient's ID is `text`, the newest first, each once (PS3.18 §10.6). */
export async function findStudies(
  archive: Origin,
  dicomWebPath: string,
  text: string,
): Promise<readonly FoundStudy[]> {
  const found = new Map<string, FoundStudy>();
  for (const { by, keyword, tag } of BY) {
    const asked = `${keyword}=${encodeURIComponent(text)}&includefield=${TAG.modalities},${tag}&limit=${MOST}`;
    for (const item of await query(archive, `${dicomWebPath}/studies?${asked}`)) {
      const uid = StudyInstanceUID.safeParse(textOf(item, TAG.study));
      // A server that does not know the key answers with all that it has.
      if (!uid.success || found.has(uid.data) || !isSame(textOf(item, tag), text)) continue;
      found.set(uid.data, {
        StudyInstanceUID: uid.data,
        by,
        StudyDate: textOf(item, TAG.date) ?? '',
        modalities: allOf(item, TAG.modalities),
      });
    }
  }
  return [...found.values()].sort((a, b) => b.StudyDate.localeCompare(a.StudyDate));
}

const isSame = (value: string | undefined, text: string): boolean =>
  value?.toLowerCase() === text.toLowerCase();

const allOf = (item: Json, tag: string): string => (item[tag]?.Value ?? []).map(String).join(', ');
