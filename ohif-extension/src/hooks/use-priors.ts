import { useEffect, useState } from 'react';
import type { Archive } from '../lib/archive.ts';
import { readReport } from '../lib/read-report.ts';
import type { Result } from '../lib/result.ts';
import { type ResultSet, resultSets } from '../lib/result-sets.ts';

/** Earlier results of the patient; `failed`: the archive did not say. */
export type Priors =
  | { readonly state: 'loading' }
  | { readonly state: 'failed' }
  | { readonly state: 'ready'; readonly sets: readonly ResultSet[] };

/** So many earlier studies are read: each is a question to the archive, and older ones tell little more. */
const STUDIES = 5;
const NONE: Priors = { state: 'ready', sets: [] };

/** What the newest studies before the open one hold, asked for once the open result is there. */
export function usePriors(archive: Archive, open: Result | undefined): Priors {
  const [priors, setPriors] = useState<Priors>({ state: 'loading' });
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
      const documents = await Promise.all(
        earlier.map((each) => archive.reports(each.StudyInstanceUID, stop.signal)),
      );
      return {
        state: 'ready',
        sets: documents.flatMap((of) => resultSets(of.flatMap((document) => readReport(document) ?? []))),
      };
    };
    void read()
      .catch((): Priors => ({ state: 'failed' }))
      .then((next) => {
        if (!stop.signal.aborted) setPriors(next);
      });
    return () => stop.abort();
  }, [archive, study, PatientID, studiedAt]);
  return priors;
}
