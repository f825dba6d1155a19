import { useSyncExternalStore } from 'react';
import type { Sent, Verdict } from '../lib/assessments.ts';
import { askBeforeLeaving } from '../lib/leaving.ts';
import { STRINGS } from '../strings.ts';

/** What became of an assessment that was signed. */
export type Sending =
  | { readonly state: 'saving'; readonly verdict: Verdict }
  | (Sent & { readonly state: 'failed'; readonly verdict: Verdict })
  /** Kept: others are still to read it, and the report is written then. */
  | { readonly state: 'saved' | 'kept' };

/** By SOP Instance UID of the report. Kept outside of the panel: the host takes that away when its reader opens another tab, and what was sent is on its way. */
const sendings = new Map<string, Sending>();
let stopAsking: (() => void) | undefined;
const heard = new Set<() => void>();
const subscribe = (callback: () => void): (() => void) => {
  heard.add(callback);
  return () => heard.delete(callback);
};

export const sendingOf = (report: string): Sending | undefined => sendings.get(report);

/** Without one, nothing was sent, or it has been said what became of it. */
export function keepSending(report: string, sending?: Sending): void {
  if (sending) sendings.set(report, sending);
  else sendings.delete(report);
  const isSaving = [...sendings.values()].some(({ state }) => state === 'saving');
  if (isSaving) stopAsking ??= askBeforeLeaving(STRINGS.failures.sending.leave);
  else {
    stopAsking?.();
    stopAsking = undefined;
  }
  for (const callback of heard) callback();
}

export function useSending(report: string): Sending | undefined {
  const read = () => sendingOf(report);
  return useSyncExternalStore(subscribe, read, read);
}
