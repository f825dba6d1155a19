import { deriveUid } from '../dicom/uid.ts';
import type { Context } from './context.ts';

/** Follows the finding and not the run: the same structure of one series has one UID in the SEG, the SR and every later run. */
export const trackingUid = ({ volume, model }: Context, identifier: string): string =>
  deriveUid('tracking', volume.SeriesInstanceUID, model.id, identifier);
