import { text } from '../dicom/read.ts';
import { deriveUid } from '../dicom/uid.ts';
import type { Context } from './context.ts';

/**
 * Follows the finding and not the run: what one model calls so in one patient has one UID in the SEG, the SR, every later run and every later
 * study (docs/decisions/0015). Without a Patient ID nothing says whose it is, and the finding is followed within its series alone.
 */
export function trackingUid({ volume, model }: Context, label: string): string {
  const PatientID = text(volume.header, 'PatientID');
  if (PatientID === undefined) return deriveUid('tracking', volume.SeriesInstanceUID, model.id, label);
  const issuer = text(volume.header, 'IssuerOfPatientID') ?? '';
  return deriveUid('tracking', 'patient', issuer, PatientID, model.id, label);
}

/** Of a region of a finding: the second of one study need not be the second of the next, so it is followed within its series. */
export const regionUid = ({ volume, model }: Context, identifier: string): string =>
  deriveUid('tracking', volume.SeriesInstanceUID, model.id, identifier);
