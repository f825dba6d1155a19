import type { Services } from '../host.ts';
import type { Result } from '../lib/result.ts';
import { useDisplaySets } from './use-display-sets.ts';

/** What is made from images; it bears the patient of whoever made it. */
const MADE = ['SR', 'SEG', 'KO', 'PMAP', 'PR', 'DOC', 'RTSTRUCT'];

/** Whether a report names a patient that no image of its study does; false where either names none. */
export function useOtherPatient(services: Services, { subject, StudyInstanceUID }: Result): boolean {
  const named = useDisplaySets(services)
    .filter((set) => set.StudyInstanceUID === StudyInstanceUID && !MADE.includes(set.Modality ?? ''))
    .flatMap(({ instances }) => instances?.map(({ PatientID }) => PatientID) ?? [])
    .filter((id): id is string => typeof id === 'string' && id.trim() !== '');
  return subject !== undefined && named.length > 0 && !named.some((id) => id.trim() === subject.PatientID);
}
