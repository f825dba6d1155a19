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
    void record(server, body);
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

/** Until it is sent again, ms; twice as long each time. */
const AGAIN_MS = 5_000;
const LONGEST_MS = 600_000;
/** A session has ended, or others ask too much. */
const LATER = [401, 403, 429];

/** What is not written down yet keeps no reader waiting: it is sent again until our server confirms it, or is known not to be there. */
async function record(server: string, body: string, wait = AGAIN_MS): Promise<void> {
  const answer = await fetch(`${server}/api/reveals`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    keepalive: true,
  }).catch(() => undefined);
  const status = answer?.status ?? 0;
  const isNoneOfOurs = status >= 400 && status < 500 && !LATER.includes(status);
  if (status !== 204 && !isNoneOfOurs)
    setTimeout(() => void record(server, body, Math.min(LONGEST_MS, 2 * wait)), wait);
}

const now = (): string => new Date().toISOString();
