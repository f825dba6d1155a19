import { useCallback, useEffect, useState } from 'react';
import type { Archive } from '../lib/archive.ts';
import { readReport } from '../lib/read-report.ts';
import type { Result } from '../lib/result.ts';
import { type ResultSet, resultSets } from '../lib/result-sets.ts';

/** Earlier results of the patient; `failed`: the archive did not say, or not of all earlier studies. */
export interface Priors {
  readonly state: 'loading' | 'failed' | 'ready';
  readonly sets: readonly ResultSet[];
}

/** So many earlier studies are read: each is a question to the archive, and older ones tell little more. */
const STUDIES = 5;
const NONE: Priors = { state: 'ready', sets: [] };
const ASKED: Priors = { state: 'loading', sets: [] };

/** What the newest studies before the open one hold, asked for once the open result is there, and a function that asks again. */
export function usePriors(archive: Archive, open: Result | undefined): readonly [Priors, () => void] {
  const [priors, setPriors] = useState<Priors>(ASKED);
  const [attempt, setAttempt] = useState(0);
  const { PatientID, studiedAt } = open?.subject ?? {};
  const study = open?.StudyInstanceUID;
  useEffect(() => {
    if (PatientID === undefined || studiedAt === undefined) return setPriors(NONE);
    const stop = new AbortController();
    const read = async (): Promise<Priors> => {
      const studies = await archive.studiesWithReports(PatientID, stop.signal);
      const until = studiedAt.replaceAll(/[-:]/g, '').replace('T', ' ');
      const earlier = studies
        .filter((each) => each.studiedAt < until && each.StudyInstanceUID !== study)
        .slice(0, STUDIES);
      const answers = await Promise.allSettled(
        earlier.map((each) => archive.reports(each.StudyInstanceUID, stop.signal)),
      );
      const given = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const isAll = given.length === answers.length && given.every(({ missing }) => missing === 0);
      return {
        state: isAll ? 'ready' : 'failed',
        sets: given.flatMap(({ documents }) =>
          resultSets(documents.flatMap((document) => readReport(document) ?? [])),
        ),
      };
    };
    setPriors(ASKED);
    void read()
      .catch((): Priors => ({ state: 'failed', sets: [] }))
      .then((next) => {
        if (!stop.signal.aborted) setPriors(next);
      });
    return () => stop.abort();
  }, [archive, study, PatientID, studiedAt, attempt]);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  return [priors, again];
}
