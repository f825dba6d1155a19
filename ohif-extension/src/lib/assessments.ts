import { askServer, detailOf, isAway, isSignedOut } from './ask-server.ts';
import type { EditedMasks } from './mask-edit.ts';
import type { EditedOutline } from './outline-edit.ts';
import type { Result } from './result.ts';

export const VERDICTS = ['accepted', 'modified', 'rejected'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** As whom the reader would sign. */
export interface Signer {
  readonly person: string;
  readonly reasons: readonly string[];
}

export interface Decision {
  readonly verdict: Verdict;
  readonly reason?: string;
  readonly note?: string;
}

/** The document that is assessed. */
export type Report = Pick<Result, 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID'>;

/** What was made of the masks, and of which; or where the findings were drawn. */
export type Modification =
  | {
      readonly masks: EditedMasks & { readonly SeriesInstanceUID: string; readonly SOPInstanceUID: string };
    }
  | { readonly outlines: readonly EditedOutline[] };

/** Why nobody can sign: no server of ours, or one that does not answer, or where nobody can, or nobody with the role is logged in. */
export type Unsigned = 'no-server' | 'away' | 'no-log-in' | 'nobody';

export async function fetchSigner(server: string | null, signal: AbortSignal): Promise<Signer | Unsigned> {
  if (server === null) return 'no-server';
  const answer = await askServer(`${server}/api/assessments`, { signal });
  if (answer === undefined || isAway(answer)) return 'away';
  if (isSignedOut(answer)) return 'nobody';
  if (answer.status !== 200 || !answer.body) return 'no-server';
  const { person, reasons } = answer.body as { person: string | null; reasons: readonly string[] };
  return person ? { person, reasons } : 'no-log-in';
}

/** `saved`: a new report is in the archive; `kept`: it is signed, and the report is written when others have read too. */
export type Sent =
  | { readonly state: 'saved' | 'kept' }
  /** `unknown`: no answer of the server's came, so it may be saved. `why` is empty where nobody said. */
  | {
      readonly state: 'failed';
      readonly cause: 'refused' | 'signedOut' | 'unknown';
      readonly why: string;
    };

/** Sends a decision. The same, sent again after it failed, has the same key: the server writes it once, however often it comes. */
export async function send(
  server: string,
  report: Report,
  decision: Decision & (Modification | object),
): Promise<Sent> {
  const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = report;
  const what = { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, ...decision };
  const said = JSON.stringify(what);
  const before = failed.get(SOPInstanceUID);
  const key = before?.said === said ? before.key : madeKey();
  failed.set(SOPInstanceUID, { said, key });
  const answer = await askServer(`${server}/api/assessments`, { body: JSON.stringify({ ...what, key }) });
  // A page of somebody else's with 200 is no confirmation.
  const confirmed = answer?.body === undefined ? undefined : CONFIRMED[answer.status];
  if (confirmed) {
    failed.delete(SOPInstanceUID);
    return { state: confirmed };
  }
  const why = detailOf(answer);
  if (answer && isSignedOut(answer)) return { state: 'failed', cause: 'signedOut', why };
  return { state: 'failed', cause: isAway(answer) && why === '' ? 'unknown' : 'refused', why };
}

const CONFIRMED: Readonly<Record<number, 'saved' | 'kept'>> = { 201: 'saved', 202: 'kept' };

/** What was sent and not confirmed, by report. */
const failed = new Map<string, { readonly said: string; readonly key: string }>();

/** A UUID (RFC 9562, version 4); the browser's own maker of them is missing where the viewer is not on https. */
function madeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
