import { useCallback, useEffect, useState } from 'react';
import type { Settings } from '../host.ts';

const STORED = 'pellucid.read-first';

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
  const [chosen, setChosen] = useState(() => localStorage.getItem(STORED) === 'yes');
  const [revealed, setRevealed] = useState<readonly string[]>([]);
  const [openedAt, setOpenedAt] = useState('');
  useEffect(() => {
    if (study !== undefined) setOpenedAt(new Date().toISOString());
  }, [study]);
  const readFirst = isDemanded || chosen;
  const reveal = useCallback(() => {
    if (study === undefined) return;
    setRevealed((before) => [...before, study]);
    if (server === null) return;
    const body = JSON.stringify({ StudyInstanceUID: study, openedAt, revealedAt: new Date().toISOString() });
    // What is not written down must not keep the reader waiting.
    void fetch(`${server}/api/reveals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      keepalive: true,
    }).catch(() => undefined);
  }, [server, study, openedAt]);
  const setReadFirst = useCallback((next: boolean) => {
    localStorage.setItem(STORED, next ? 'yes' : 'no');
    setChosen(next);
  }, []);
  return {
    isCovered: readFirst && !revealed.includes(study ?? ''),
    reveal,
    readFirst,
    setReadFirst: isDemanded ? undefined : setReadFirst,
  };
}
