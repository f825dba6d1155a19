import { useCallback, useEffect, useState } from 'react';
import type { Archive } from '../lib/archive.ts';
import { readReport } from '../lib/read-report.ts';
import { type ResultSet, resultSets } from '../lib/result-sets.ts';

export type Results =
  | { readonly state: 'loading' }
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'ready'; readonly sets: readonly ResultSet[] };

/** The AI results of a study, and a function that looks again. */
export function useResults(archive: Archive, study: string | undefined): readonly [Results, () => void] {
  const [results, setResults] = useState<Results>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setResults({ state: 'loading' });
    if (study === undefined) return;
    const stop = new AbortController();
    archive
      .reports(study, stop.signal)
      .then((documents) => {
        if (stop.signal.aborted) return;
        const found = documents.flatMap((document) => readReport(document) ?? []);
        setResults(found.length > 0 ? { state: 'ready', sets: resultSets(found) } : { state: 'none' });
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted)
          setResults({ state: 'failed', reason: error instanceof Error ? error.message : String(error) });
      });
    return () => stop.abort();
  }, [archive, study, attempt]);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  return [results, again];
}
