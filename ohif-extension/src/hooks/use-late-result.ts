import { useEffect, useRef } from 'react';
import type { Live } from './use-live.ts';
import type { Results } from './use-results.ts';

/** Looks again, once for each, when the server says that an analysis is done of which the archive had nothing when it was asked. */
export function useLateResult(results: Results, live: Live, again: () => void): void {
  const tried = useRef(new Set<string>());
  useEffect(() => {
    if (results.state !== 'none' || live.state !== 'here') return;
    const late = live.analyses.filter(({ id, state }) => state === 'done' && !tried.current.has(id));
    if (late.length === 0) return;
    for (const { id } of late) tried.current.add(id);
    again();
  }, [results.state, live, again]);
}
