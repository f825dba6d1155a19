import { useState } from 'react';
import { Disagreements } from '../components/disagreements.tsx';
import { ResultRow } from '../components/result-row.tsx';
import { usePriors } from '../hooks/use-priors.ts';
import type { Host } from '../host.ts';
import type { Archive } from '../lib/archive.ts';
import { disagreements } from '../lib/disagreement.ts';
import type { ResultSet } from '../lib/result-sets.ts';
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
  const open = sets.find(({ key }) => key === opened) ?? sets[0];
  const [priors, askPriors] = usePriors(archive, open?.newest);
  return (
    <>
      <Disagreements found={disagreements(sets)} />
      {sets.map((set) =>
        set === open ? (
          <ResultPanel
            key={set.key}
            host={host}
            archive={archive}
            set={set}
            writtenWith={unreported.filter(({ writtenWith }) => writtenWith === set.newest.SOPInstanceUID)}
            now={localNow()}
            again={again}
            priors={priors}
            askPriors={askPriors}
          />
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
