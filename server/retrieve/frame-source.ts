import type { SourceFrame } from '../contracts.ts';
import { items, type Part10, text } from '../dicom/read.ts';
import { SOPInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';
import type { Frame } from './frame.ts';

/** Throws PATIENT_MIXED. */
export function checkOnePatient(a: Part10, b: Part10): void {
  for (const keyword of ['PatientID', 'StudyInstanceUID', 'SeriesInstanceUID', 'Modality']) {
    if (text(a.dataset, keyword) !== text(b.dataset, keyword)) {
      throw new Fault('PATIENT_MIXED', `the images of the series differ in ${keyword}`);
    }
  }
}

/** How results refer to a frame. `placed`: with its position in the patient. */
export function sourceOf({ instance, index }: Frame, placed: boolean): SourceFrame {
  const { dataset } = instance;
  const isMultiFrame =
    Number(text(dataset, 'NumberOfFrames') ?? 1) > 1 ||
    items(dataset, 'PerFrameFunctionalGroupsSequence').length > 0;
  const number = text(dataset, 'InstanceNumber')?.trim();
  return {
    SOPClassUID: text(dataset, 'SOPClassUID') ?? '',
    SOPInstanceUID: uidOf(SOPInstanceUID, instance, 'SOPInstanceUID'),
    ...(isMultiFrame ? { frameNumber: index + 1 } : {}),
    ...(number ? { InstanceNumber: Number(number) } : {}),
    ...(placed ? { ImagePositionPatient: instance.decimals('ImagePositionPatient', index) } : {}),
  };
}

interface UidSchema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

/** Throws DICOM_UNREADABLE. */
export function uidOf<T>(schema: UidSchema<T>, { dataset }: Part10, keyword: string): T {
  const parsed = schema.safeParse(text(dataset, keyword));
  if (!parsed.success) throw new Fault('DICOM_UNREADABLE', `${keyword} is missing or not a UID`);
  return parsed.data;
}
