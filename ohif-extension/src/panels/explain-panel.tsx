import { useMemo, useRef, useState } from 'react';
import { HiddenResult } from '../components/hidden-result.tsx';
import { Incomplete } from '../components/incomplete.tsx';
import { KeysHelp } from '../components/keys-help.tsx';
import { isAtWork, LiveState, Skipped } from '../components/live-state.tsx';
import { LogIn } from '../components/log-in.tsx';
import { LookAgain } from '../components/look-again.tsx';
import { Notice } from '../components/notice.tsx';
import { OnDemand } from '../components/on-demand.tsx';
import { Told } from '../components/told.tsx';
import { WithoutReport } from '../components/without-report.tsx';
import { useFocusKey } from '../hooks/use-focus-key.ts';
import { useKeptFocus } from '../hooks/use-kept-focus.ts';
import { useKeyImages } from '../hooks/use-key-images.ts';
import { useLate } from '../hooks/use-late.ts';
import { useLateResult } from '../hooks/use-late-result.ts';
import { useLayers } from '../hooks/use-layers.ts';
import { type Live, useLive } from '../hooks/use-live.ts';
import { useOnDemand } from '../hooks/use-on-demand.ts';
import { type ReadFirst, useReadFirst } from '../hooks/use-read-first.ts';
import { type Results, useResults } from '../hooks/use-results.ts';
import { OpenResultKeys, useRootKeys } from '../hooks/use-root-keys.ts';
import { useStudy } from '../hooks/use-study.ts';
import type { Host } from '../host.ts';
import { type Archive, archiveAt } from '../lib/archive.ts';
import { day } from '../lib/format.ts';
import { STRINGS } from '../strings.ts';
import { localNow, ResultList, Unread } from './result-list.tsx';

/** The AI results of the open study, from its DICOM objects alone, and what our server says where it is there. */
export function ExplainPanel({ host }: { host: Host }) {
  const archive = useMemo(
    () =>
      archiveAt(
        host.dicomWebRoot,
        () => host.services.userAuthenticationService?.getAuthorizationHeader() ?? {},
      ),
    [host],
  );
  const shown = useStudy(host.services);
  const study = shown?.StudyInstanceUID;
  const [results, again] = useResults(archive, study);
  const live = useLive(host.settings.server, study, again);
  useLateResult(results, live, again);
  const [isDemanding, setDemanding] = useState(false);
  const demand = useOnDemand(host, live, isDemanding);
  const first = useReadFirst(host.settings, study);
  const [isHelp, setHelp] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const leave = useFocusKey(root, host.settings.focusKey);
  useKeptFocus(root);
  const { open, handlers } = useRootKeys({
    escape: leave,
    '?': () => setHelp((now) => !now),
    ...(first.isCovered ? { v: first.reveal } : {}),
  });
  return (
    <div
      ref={root}
      className="pel pel-panel"
      lang={STRINGS.language}
      tabIndex={-1}
      data-testid="pel-panel"
      data-state={results.state}
      {...handlers}
    >
      <Told results={results} live={live} isCovered={first.isCovered} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls by keyboard */}
      <section className="pel-scroll" tabIndex={0} aria-label={STRINGS.panel}>
        {isHelp && (
          <KeysHelp
            focusKey={host.settings.focusKey}
            readFirst={first.readFirst}
            onReadFirst={first.setReadFirst}
          />
        )}
        {shown?.isOneOfSeveral && (
          <p className="pel-study" role="status" data-testid="pel-study">
            {[STRINGS.studyOf(day(shown.date)), shown.description].filter(Boolean).join(' · ')}
          </p>
        )}
        <LiveState
          server={host.settings.server}
          live={live}
          again={again}
          runAgain={
            demand.isAllowed
              ? ({ modelId, modelVersion, SeriesInstanceUID }) =>
                  demand.run(`${modelId}@${modelVersion}`, {
                    StudyInstanceUID: study ?? '',
                    SeriesInstanceUID,
                  })
              : undefined
          }
        />
        <OpenResultKeys.Provider value={open}>
          <Content {...{ host, archive, results, again, live, first }} />
        </OpenResultKeys.Provider>
        {demand.isAllowed && <OnDemand demand={demand} isOpen={isDemanding} onToggle={setDemanding} />}
      </section>
      <footer className="pel-foot">
        <span>{STRINGS.researchUse}</span>
        <button
          type="button"
          className="pel-btn is-quiet"
          aria-expanded={isHelp}
          onClick={() => setHelp(!isHelp)}
        >
          <kbd>?</kbd> {STRINGS.keys.shortcut}
        </button>
      </footer>
    </div>
  );
}

interface ContentProps {
  readonly host: Host;
  readonly archive: Archive;
  readonly results: Results;
  readonly again: () => void;
  readonly live: Live;
  readonly first: ReadFirst;
}

function Content({ host, archive, results, again, live, first }: ContentProps) {
  const lookAgain = <LookAgain onClick={again} />;
  const isLate = useLate(results.state === 'loading');
  const layerOf = useLayers(host);
  const wayTo = useKeyImages(host);
  switch (results.state) {
    case 'loading':
      return (
        <p className="pel-sec pel-t2" role="status">
          {isLate ? STRINGS.failures.slow : STRINGS.loading}
        </p>
      );
    case 'failed':
      return (
        <Notice kind="stop" title={STRINGS.failed.title}>
          <span>{results.isSignedOut ? STRINGS.failed.signedOut : STRINGS.failed.text}</span>
          <span className="pel-code">{results.reason}</span>
          <span>
            {/* Where the archive is another's, so is its log-in. */}
            {results.isSignedOut && live.state !== 'none' && <LogIn server={host.settings.server} />}{' '}
            {lookAgain}
          </span>
        </Notice>
      );
    case 'none':
    case 'ready': {
      const { sets, unread, unreported, isUnasked, missing, stale } = results;
      const alone = unreported.filter(({ writtenWith }) => writtenWith === undefined);
      // Key images of nobody known are as likely a person's.
      const count = sets.length + alone.filter(({ kind }) => kind !== 'keyImages').length;
      if (first.isCovered && count > 0)
        return <HiddenResult count={count} isRecorded={live.state === 'here'} onReveal={first.reveal} />;
      return (
        <>
          <Incomplete missing={missing} stale={stale} server={host.settings.server} again={again} />
          {results.state === 'none' ? (
            <Notice kind="info" title={titleOf(live, isUnasked || alone.length > 0)}>
              <span>{live.state === 'here' ? STRINGS.none.byServer : STRINGS.none.text}</span>
              <Skipped live={live} />
              <Unread titles={unread} />
              {lookAgain}
            </Notice>
          ) : (
            <ResultList {...{ host, archive, sets, unread, unreported, again }} />
          )}
          {isUnasked && (
            <p className="pel-sec pel-t2" role="status">
              {STRINGS.withoutReport.unasked} {results.state === 'ready' && lookAgain}
            </p>
          )}
          <WithoutReport found={alone} now={localNow()} layerOf={layerOf} wayTo={wayTo} />
        </>
      );
    }
  }
}

/** Where masks or maps are, or may be, there is no report, but not nothing. */
function titleOf(live: Live, mayHoldOthers: boolean): string {
  if (isAtWork(live)) return STRINGS.none.notYet;
  return mayHoldOthers ? STRINGS.none.noReport : STRINGS.none.title;
}
