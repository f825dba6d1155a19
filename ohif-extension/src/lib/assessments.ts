import type { Result } from './result.ts';

export const VERDICTS = ['accepted', 'rejected'] as const;
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

/** Undefined where nobody can sign: no server of ours, no log-in, or not the role. */
export async function fetchSigner(server: string, signal: AbortSignal): Promise<Signer | undefined> {
  const answer = await fetch(`${server}/api/assessments`, { signal }).catch(() => undefined);
  if (!answer?.ok || !answer.headers.get('content-type')?.includes('json')) return undefined;
  const { person, reasons } = (await answer.json()) as { person: string | null; reasons: readonly string[] };
  return person ? { person, reasons } : undefined;
}

/** Answers whether it was saved. */
export async function send(server: string, report: Result, decision: Decision): Promise<boolean> {
  const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = report;
  const answer = await fetch(`${server}/api/assessments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, ...decision }),
  }).catch(() => undefined);
  return answer?.ok === true;
}
