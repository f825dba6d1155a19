import { useCallback, useEffect, useState } from 'react';
import type { Archive } from '../lib/archive.ts';
import { nameOf } from '../lib/content-tree.ts';
import { type DicomJson, text } from '../lib/dicom-json.ts';
import { readReport } from '../lib/read-report.ts';
import type { Result } from '../lib/result.ts';
import { type ResultSet, resultSets } from '../lib/result-sets.ts';

export type Results =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly reason: string /** 401 or 403. */; readonly isSignedOut: boolean }
  | {
      readonly state: 'ready' | 'none';
      readonly sets: readonly ResultSet[];
      /** Titles of reports that are none of ours to show, or broken. */
      readonly unread: readonly string[];
    };

/** The results of a study, and a function that looks again; what is shown stays until the answer is there. */
export function useResults(archive: Archive, study: string | undefined): readonly [Results, () => void] {
  const [results, setResults] = useState<Results & { readonly of?: string }>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (study === undefined) return;
    setResults((now) => (now.of === study && now.state === 'ready' ? now : { state: 'loading' }));
    const stop = new AbortController();
    archive
      .reports(study, stop.signal)
      .then((documents) => {
        if (!stop.signal.aborted) setResults({ ...read(documents), of: study });
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted)
          setResults({
            state: 'failed',
            reason: error instanceof Error ? error.message : String(error),
            isSignedOut: [401, 403].includes(Number(Reflect.get(Object(error), 'status'))),
          });
      });
    return () => stop.abort();
  }, [archive, study, attempt]);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  return [results, again];
}

function read(documents: readonly DicomJson[]): Results {
  const found: Result[] = [];
  const unread: string[] = [];
  for (const document of documents) {
    const result = readReport(document);
    if (result) found.push(result);
    else unread.push(nameOf(document)?.meaning ?? text(document, 'SOPInstanceUID') ?? '');
  }
  const sets = resultSets(found);
  return { state: sets.length > 0 ? 'ready' : 'none', sets, unread };
}
