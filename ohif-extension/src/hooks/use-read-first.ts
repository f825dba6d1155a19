import { useCallback, useState, useSyncExternalStore } from 'react';
import type { Settings } from '../host.ts';
import { recall, remember } from '../lib/remembered.ts';

const STORED = 'pellucid.read-first';

/** By study, as long as the page is there. Kept outside of the panel: the host takes that away when its reader opens another tab. */
const openedAt = new Map<string, string>();
const revealed = new Set<string>();
const heard = new Set<() => void>();
const subscribe = (callback: () => void): (() => void) => {
  heard.add(callback);
  return () => heard.delete(callback);
};

export interface ReadFirst {
  /** Whether the results of this study are still covered. */
  readonly isCovered: boolean;
  readonly reveal: () => void;
  readonly readFirst: boolean;
  /** Undefined where the site decides. */
  readonly setReadFirst: ((readFirst: boolean) => void) | undefined;
}

/**
 * Results are covered until the reader asks, by study: explanations alone do not keep readers from following a wrong suggestion. The site
 * may demand it; else each reader chooses, for this browser. Our server writes down when a study was opened and when its results were revealed.
 */
export function useReadFirst(
  { readFirst: isDemanded, server }: Settings,
  study: string | undefined,
): ReadFirst {
  const [chosen, setChosen] = useState(() => recall(STORED) === 'yes');
  const isNow = () => study !== undefined && revealed.has(study);
  const isRevealed = useSyncExternalStore(subscribe, isNow, isNow);
  if (study !== undefined && !openedAt.has(study)) openedAt.set(study, now());
  const readFirst = isDemanded || chosen;
  const reveal = useCallback(() => {
    if (study === undefined) return;
    revealed.add(study);
    for (const callback of heard) callback();
    if (server === null) return;
    const body = JSON.stringify({
      StudyInstanceUID: study,
      openedAt: openedAt.get(study),
      revealedAt: now(),
    });
    // What is not written down must not keep the reader waiting.
    void fetch(`${server}/api/reveals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      keepalive: true,
    }).catch(() => undefined);
  }, [server, study]);
  const setReadFirst = useCallback((next: boolean) => {
    remember(STORED, next ? 'yes' : 'no');
    setChosen(next);
  }, []);
  return {
    isCovered: readFirst && !isRevealed,
    reveal,
    readFirst,
    setReadFirst: isDemanded ? undefined : setReadFirst,
  };
}

const now = (): string => new Date().toISOString();
