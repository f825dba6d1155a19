import { useMemo, useState } from 'react';
import { Disagreements } from '../components/disagreements.tsx';
import { Notice } from '../components/notice.tsx';
import { ResultRow } from '../components/result-row.tsx';
import { type Results, useResults } from '../hooks/use-results.ts';
import { useStudy } from '../hooks/use-study.ts';
import type { Host } from '../host.ts';
import { type Archive, archiveAt } from '../lib/archive.ts';
import { disagreements } from '../lib/disagreement.ts';
import type { ResultSet } from '../lib/result-sets.ts';
import { STRINGS } from '../strings.ts';
import { ResultPanel } from './result-panel.tsx';

/** The AI results of the open study, from its DICOM objects alone. */
export function ExplainPanel({ host }: { host: Host }) {
  const archive = useMemo(
    () =>
      archiveAt(
        host.dicomWebRoot,
        () => host.services.userAuthenticationService?.getAuthorizationHeader() ?? {},
      ),
    [host],
  );
  const [results, again] = useResults(archive, useStudy(host.services));
  return (
    <div className="pel pel-panel" data-testid="pel-panel" data-state={results.state}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls by keyboard */}
      <section className="pel-scroll" tabIndex={0} aria-label={STRINGS.panel}>
        <Content host={host} archive={archive} results={results} again={again} />
      </section>
      <footer className="pel-foot">
        <span>{STRINGS.researchUse}</span>
        <span>
          {STRINGS.keys.map(([keys, what]) => (
            <span key={what}>
              {' '}
              <kbd>{keys}</kbd> {what}
            </span>
          ))}
        </span>
      </footer>
    </div>
  );
}

interface ContentProps {
  readonly host: Host;
  readonly archive: Archive;
  readonly results: Results;
  readonly again: () => void;
}

function Content({ host, archive, results, again }: ContentProps) {
  const lookAgain = (
    <button type="button" className="pel-btn" onClick={again}>
      {STRINGS.lookAgain}
    </button>
  );
  switch (results.state) {
    case 'loading':
      return <p className="pel-sec pel-t2">{STRINGS.loading}</p>;
    case 'none':
      return (
        <Notice kind="info" title={STRINGS.none.title}>
          <span>{STRINGS.none.text}</span>
          <Unread titles={results.unread} />
          {lookAgain}
        </Notice>
      );
    case 'failed':
      return (
        <Notice kind="stop" title={STRINGS.failed.title}>
          <span>{STRINGS.failed.text}</span>
          <span className="pel-code">{results.reason}</span>
          {lookAgain}
        </Notice>
      );
    case 'ready':
      return <ResultList host={host} archive={archive} sets={results.sets} unread={results.unread} />;
  }
}

/** Never hides that there is more. */
const Unread = ({ titles }: { titles: readonly string[] }) =>
  titles.length > 0 && (
    <p className="pel-sec pel-t2">
      {STRINGS.unread(titles.length, titles.map((title) => title || STRINGS.untitled).join(', '))}
    </p>
  );

interface ListProps {
  readonly host: Host;
  readonly archive: Archive;
  readonly sets: readonly ResultSet[];
  readonly unread: readonly string[];
}

/** All results of the study: one is open and draws over the image, the others are a row each. */
function ResultList({ host, archive, sets, unread }: ListProps) {
  const [opened, setOpened] = useState<string>();
  const keyOf = ({ newest }: ResultSet): string => newest.findings[0]?.trackingUID || newest.SOPInstanceUID;
  const open = sets.find((set) => keyOf(set) === opened) ?? sets[0];
  return (
    <>
      <Disagreements found={disagreements(sets)} />
      {sets.map((set) =>
        set === open ? (
          <ResultPanel key={keyOf(set)} host={host} archive={archive} set={set} now={localNow()} />
        ) : (
          <ResultRow key={keyOf(set)} result={set.newest} onOpen={() => setOpened(keyOf(set))} />
        ),
      )}
      <Unread titles={unread} />
    </>
  );
}

/** `2026-11-25T14:02:00`, in the reader's time. */
function localNow(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
