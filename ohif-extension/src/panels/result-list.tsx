import { useState } from 'react';
import { Disagreements } from '../components/disagreements.tsx';
import { Notice } from '../components/notice.tsx';
import { ResultRow } from '../components/result-row.tsx';
import { ReportLanguage } from '../components/said.tsx';
import { useCorrected } from '../hooks/use-correction.ts';
import { usePriors } from '../hooks/use-priors.ts';
import type { Host } from '../host.ts';
import type { Archive } from '../lib/archive.ts';
import { disagreements } from '../lib/disagreement.ts';
import { type ResultSet, unfinishedIn } from '../lib/result-sets.ts';
import type { Unreported } from '../lib/unreported.ts';
import { STRINGS } from '../strings.ts';
import { ResultPanel } from './result-panel.tsx';

interface Props {
  readonly host: Host;
  readonly archive: Archive;
  readonly sets: readonly ResultSet[];
  readonly unread: readonly string[];
  readonly unreported: readonly Unreported[];
  readonly again: () => void;
}

/** All results of the study: one is open and draws over the image, the others are a row each. */
export function ResultList({ host, archive, sets, unread, unreported, again }: Props) {
  const [opened, setOpened] = useState<string>();
  const found = sets.find(({ key }) => key === opened) ?? sets[0];
  const corrected = useCorrected();
  // What was painted of a result is over its images, and lost with it.
  const unfinished = found && unfinishedIn(found, (report) => report === corrected);
  const open = unfinished ?? found;
  const [priors, askPriors] = usePriors(archive, open?.newest);
  return (
    <>
      <Disagreements found={disagreements(sets)} />
      {unfinished && (
        <Notice kind="warn" title={STRINGS.failures.newer.title}>
          <span>{STRINGS.failures.newer.text}</span>
        </Notice>
      )}
      {sets.map((set) =>
        open?.key === set.key ? (
          <ReportLanguage.Provider key={set.key} value={set.newest.language}>
            <ResultPanel
              host={host}
              archive={archive}
              set={open}
              writtenWith={unreported.filter(({ writtenWith }) => writtenWith === open.newest.SOPInstanceUID)}
              now={localNow()}
              again={again}
              priors={priors}
              askPriors={askPriors}
            />
          </ReportLanguage.Provider>
        ) : (
          <ResultRow key={set.key} result={set.newest} onOpen={() => setOpened(set.key)} />
        ),
      )}
      {unread.length > 0 && (
        <p className="pel-sec">
          <Unread titles={unread} />
        </p>
      )}
    </>
  );
}

/** Never hides that there is more. */
export const Unread = ({ titles }: { titles: readonly string[] }) =>
  titles.length > 0 && (
    <span className="pel-t2">
      {STRINGS.unread(titles.length, titles.map((title) => title || STRINGS.untitled).join(', '))}
    </span>
  );

/** `2026-11-25T14:02:00`, in the reader's time. */
export function localNow(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
