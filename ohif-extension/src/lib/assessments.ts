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

/** Why nobody can sign: no server of ours, or one where nobody can, or nobody with the role is logged in. */
export type Unsigned = 'no-server' | 'no-log-in' | 'nobody';

export async function fetchSigner(server: string | null, signal: AbortSignal): Promise<Signer | Unsigned> {
  if (server === null) return 'no-server';
  const answer = await fetch(`${server}/api/assessments`, { signal }).catch(() => undefined);
  if (answer && [401, 403].includes(answer.status)) return 'nobody';
  if (!answer?.ok || !answer.headers.get('content-type')?.includes('json')) return 'no-server';
  const { person, reasons } = (await answer.json()) as { person: string | null; reasons: readonly string[] };
  return person ? { person, reasons } : 'no-log-in';
}

/** `saved`: a new report is in the archive; `kept`: it is signed, and the report is written when others have read too; else why not, empty where nobody said. */
export type Sent = { readonly state: 'saved' | 'kept' } | { readonly state: 'failed'; readonly why: string };

export async function send(
  server: string,
  report: Report,
  decision: Decision & (Modification | object),
): Promise<Sent> {
  const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = report;
  const answer = await fetch(`${server}/api/assessments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, ...decision }),
  }).catch(() => undefined);
  if (answer?.ok) return { state: answer.status === 202 ? 'kept' : 'saved' };
  const { detail } = ((await answer?.json().catch(() => undefined)) ?? {}) as { detail?: string };
  return { state: 'failed', why: detail ?? '' };
}
