import { useSyncExternalStore } from 'react';
import type { Decision } from '../lib/assessments.ts';
import { askBeforeLeaving } from '../lib/leaving.ts';
import { STRINGS } from '../strings.ts';

/** What a reader says of a report, until it is signed or cancelled. */
export type Draft = Required<Decision>;

/** By SOP Instance UID of the report. Kept outside of the panel: the host takes that away when its reader opens another tab. */
const drafts = new Map<string, Draft>();
let stopAsking: (() => void) | undefined;
const heard = new Set<() => void>();
const subscribe = (callback: () => void): (() => void) => {
  heard.add(callback);
  return () => heard.delete(callback);
};

export const draftOf = (report: string): Draft | undefined => drafts.get(report);

/** Whether there is more to lose than a press of a key. */
export const isWritten = (draft: Draft | undefined): boolean =>
  draft !== undefined && (draft.reason !== '' || draft.note !== '');

/** Without a draft, there is none any more. */
export function keepDraft(report: string, draft?: Draft): void {
  if (draft) drafts.set(report, draft);
  else drafts.delete(report);
  become();
}

export function useDraft(report: string): Draft | undefined {
  const read = () => draftOf(report);
  return useSyncExternalStore(subscribe, read, read);
}

/** Asks before any of them is lost. */
function become(): void {
  if ([...drafts.values()].some(isWritten))
    stopAsking ??= askBeforeLeaving(STRINGS.assess.leaveDraft, forget);
  else {
    stopAsking?.();
    stopAsking = undefined;
  }
  for (const callback of heard) callback();
}

function forget(): void {
  drafts.clear();
  become();
}
