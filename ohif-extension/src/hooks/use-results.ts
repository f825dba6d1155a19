import { useCallback, useEffect, useState } from 'react';
import type { Archive } from '../lib/archive.ts';
import { nameOf } from '../lib/content-tree.ts';
import { type DicomJson, text } from '../lib/dicom-json.ts';
import { readReport } from '../lib/read-report.ts';
import type { Result } from '../lib/result.ts';
import { type ResultSet, resultSets } from '../lib/result-sets.ts';
import { readUnreported, referredIn, type Unreported } from '../lib/unreported.ts';

/** Why the archive gave nothing. */
export interface Refusal {
  readonly reason: string;
  /** 401 or 403. */
  readonly isSignedOut: boolean;
}

export type Results =
  | { readonly state: 'loading' }
  | ({ readonly state: 'failed' } & Refusal)
  | {
      readonly state: 'ready' | 'none';
      readonly sets: readonly ResultSet[];
      /** Titles of reports that are none of ours to show, or broken. */
      readonly unread: readonly string[];
      /** How many the archive has and did not give. */
      readonly missing: number;
      /** It was asked again and did not answer: this is from before. */
      readonly stale?: Refusal;
      /** What no report refers to; empty until the archive was asked for it. */
      readonly unreported: readonly Unreported[];
      /** The archive was asked for them and did not answer: whether there are any is not known. */
      readonly isUnasked: boolean;
    };

/** The results of a study, and a function that looks again; what is shown stays until an answer is there. */
export function useResults(archive: Archive, study: string | undefined): readonly [Results, () => void] {
  const [results, setResults] = useState<Results & { readonly of?: string }>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (study === undefined) return;
    setResults((now) => (now.of === study && now.state === 'ready' ? now : { state: 'loading' }));
    const stop = new AbortController();
    const look = async () => {
      const { documents, missing } = await archive.reports(study, stop.signal);
      const { reports, ...found } = read(documents);
      const tell = (unreported: readonly Unreported[], isUnasked = false) => {
        if (!stop.signal.aborted) setResults({ ...found, missing, unreported, isUnasked, of: study });
      };
      // Results need not wait for what else there is.
      if (found.state === 'ready') tell([]);
      const others = await archive.others(study, referredIn(reports), stop.signal).catch(() => undefined);
      if (!others) tell([], true);
      else if (found.state === 'none' || others.length > 0)
        tell(others.flatMap((object) => readUnreported(object, reports) ?? []));
    };
    look().catch((error: unknown) => {
      const refusal = refusalOf(error);
      if (!stop.signal.aborted)
        setResults((now) =>
          now.of === study && now.state === 'ready'
            ? { ...now, stale: refusal }
            : { state: 'failed', ...refusal },
        );
    });
    return () => stop.abort();
  }, [archive, study, attempt]);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  return [results, again];
}

const refusalOf = (error: unknown): Refusal => ({
  reason: error instanceof Error ? error.message : String(error),
  isSignedOut: [401, 403].includes(Number(Reflect.get(Object(error), 'status'))),
});

function read(documents: readonly DicomJson[]) {
  const found: Result[] = [];
  const reports: DicomJson[] = [];
  const unread: string[] = [];
  for (const document of documents) {
    const result = readReport(document);
    if (result) {
      found.push(result);
      reports.push(document);
    } else unread.push(nameOf(document)?.meaning ?? text(document, 'SOPInstanceUID') ?? '');
  }
  const sets = resultSets(found);
  return { state: sets.length > 0 ? ('ready' as const) : ('none' as const), sets, unread, reports };
}
