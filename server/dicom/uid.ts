import { createHash } from 'node:crypto';
import { z } from 'zod';

/** DICOM UID: dotted components without leading zeros, at most 64 characters (PS3.5 §9.1). */
const uid = z
  .string()
  .max(64)
  .regex(/^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/);

export const StudyInstanceUID = uid.brand<'StudyInstanceUID'>();
export const SeriesInstanceUID = uid.brand<'SeriesInstanceUID'>();
export const SOPInstanceUID = uid.brand<'SOPInstanceUID'>();
export type StudyInstanceUID = z.infer<typeof StudyInstanceUID>;
export type SeriesInstanceUID = z.infer<typeof SeriesInstanceUID>;
export type SOPInstanceUID = z.infer<typeof SOPInstanceUID>;

/** Namespace of all UIDs that this product derives: the UUIDv5 of its name in the OID namespace of RFC 9562. */
const NAMESPACE = Buffer.from('6ba7b8129dad11d180b400c04fd430c8', 'hex');

/**
 * A UID that follows from its parts: `2.25.` and the decimal of a UUIDv5 (PS3.5 §B.2, RFC 9562 §5.5). Equal parts give
 * an equal UID on every machine; parts are joined so that ('a', 'bc') and ('ab', 'c') differ.
 */
export function deriveUid(...parts: readonly string[]): string {
  const name = ['pellucid', ...parts].map((p) => `${p.length}:${p}`).join('|');
  const hash = createHash('sha1').update(NAMESPACE).update(name, 'utf8').digest().subarray(0, 16);
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${hash.toString('hex')}`)}`;
}
