import { useEffect, useRef } from 'react';
import type { Live } from './use-live.ts';
import type { Results } from './use-results.ts';

/**
 * Looks again, once for each, when the server says that an analysis is done of which the archive had nothing when it was asked; and where the archive
 * did not answer, as soon as our server is there again: both may have been out of reach together.
 */
export function useLateResult(results: Results, live: Live, again: () => void): void {
  const tried = useRef(new Set<string>());
  const isFailed = results.state === 'failed' || ('stale' in results && results.stale !== undefined);
  const isHere = live.state === 'here';
  const wasHere = useRef(isHere);
  useEffect(() => {
    if (isHere && !wasHere.current && isFailed) again();
    wasHere.current = isHere;
  }, [isHere, isFailed, again]);
  useEffect(() => {
    if (results.state !== 'none' || live.state !== 'here') return;
    const late = live.analyses.filter(({ id, state }) => state === 'done' && !tried.current.has(id));
    if (late.length === 0) return;
    for (const { id } of late) tried.current.add(id);
    again();
  }, [results.state, live, again]);
}
