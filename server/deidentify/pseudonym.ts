import { createHmac } from 'node:crypto';
import { deriveUid } from '../dicom/uid.ts';

/** What stands for UIDs and patients in copies. Of one secret the same original has the same pseudonym, so that objects that cite each other still do. */
export interface Pseudonyms {
  /** A UID of the standard (1.2.840.10008.…) stays. */
  uid(original: string): string;
  /** 16 hexadecimal digits, by which nobody without the secret finds the patient. */
  patient(PatientID: string, IssuerOfPatientID: string): string;
}

const OF_THE_STANDARD = '1.2.840.10008.';

export function pseudonymsOf(secret: string): Pseudonyms {
  const keyed = (...parts: readonly string[]): string =>
    createHmac('sha256', secret).update(JSON.stringify(parts)).digest('hex');
  return {
    uid: (original) =>
      original.startsWith(OF_THE_STANDARD) ? original : deriveUid('copy', keyed('uid', original)),
    patient: (PatientID, IssuerOfPatientID) =>
      keyed('patient', IssuerOfPatientID, PatientID).slice(0, 16).toUpperCase(),
  };
}
