import { useEffect, useRef, useState } from 'react';
import type { Case } from '../../../server/review/contract/case.ts';
import { CaseBar } from '../components/case-bar.tsx';
import { FindingFacts, FindingPick, Flags } from '../components/case-finding.tsx';
import { CaseTabs } from '../components/case-tabs.tsx';
import { IncidentDialog } from '../components/incident-dialog.tsx';
import { KeyBar } from '../components/keys-help.tsx';
import { Picture } from '../components/picture.tsx';
import { PictureControls } from '../components/picture-controls.tsx';
import { keptWords } from '../components/verdict-form.tsx';
import { useDesk } from '../desk.tsx';
import { useCaseKeys } from '../hooks/use-case-keys.ts';
import { useLooking } from '../hooks/use-looking.ts';
import { useReading } from '../hooks/use-reading.ts';
import { useSigning } from '../hooks/use-signing.ts';
import { viewerAt } from '../lib/api.ts';
import { focusQuestion } from '../lib/focus.ts';
import { keepQueue, keptQueue, placeOf } from '../lib/queue.ts';
import { lackOf, readingOf } from '../lib/verdict.ts';
import { moment } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { Verdict } from './verdict.tsx';

const { case: WORDS } = STRINGS;
const KEYS = [
  ['A D C', WORDS.keys.verdict],
  ['1–0', WORDS.keys.reason],
  ['Tab', WORDS.keys.tab],
  ['E G U', WORDS.keys.overlays],
  ['H', WORDS.keys.hide],
  ['Ctrl ↵', WORDS.keys.sign],
  ['Esc', WORDS.keys.worklist],
] as const;

/** The picture at the left, what the result says in the middle, what the reader says at the right. */
export function CaseView({ shown, again }: { shown: Case; again: () => void }) {
  const { go, say, said } = useDesk();
  const looking = useLooking(shown);
  const { form, change, kept, spent, end } = useReading(shown);
  const [isAmending, setAmending] = useState(false);
  const [hasTried, setTried] = useState(false);
  const [isIncident, setIncident] = useState(false);
  const queue = keptQueue();
  const place = placeOf(queue, shown.analysis);
  const title = useRef<HTMLDivElement>(null);
  useEffect(() => title.current?.focus(), []);

  const leave = () => {
    if (queue?.from.startsWith('/review')) history.pushState(null, '', queue.from);
    else history.pushState(null, '', '/review');
    dispatchEvent(new PopStateEvent('popstate'));
  };
  const open = (analysis: string) => {
    if (queue) keepQueue({ ...queue, last: analysis });
    go({ page: 'case', analysis });
  };
  const move = (by: 1 | -1) => {
    const next = by === 1 ? place?.next : place?.previous;
    if (next) open(next.analysis);
  };
  const onward = () => {
    if (place?.next) return open(place.next.analysis);
    if (place) say(STRINGS.done.lastOne);
    leave();
  };
  const { signing, sign } = useSigning(shown, () => {
    end();
    onward();
  });
  const isOpen = shown.maySign.may && (shown.mySignature === undefined || isAmending);
  const lack = lackOf(form, shown.allFindings.length);
  const onSign = () => {
    if (!isOpen) return;
    setTried(true);
    if (lack) {
      if (lack.finding !== looking.finding) looking.goToFinding(lack.finding);
      setTimeout(() => focusQuestion(lack.what === 'reason' ? 'reasons' : 'verdict'));
      return;
    }
    const reading = readingOf(form, spent());
    if (reading) void sign(reading, isAmending ? shown.mySignature : undefined);
  };
  const { isBare, zoom } = useCaseKeys({
    shown,
    looking,
    isOpen,
    form,
    change,
    onSign,
    onSkip: onward,
    onMove: move,
    onLeave: leave,
  });
  const finding = shown.allFindings[looking.finding];
  return (
    <div className="rev-case" ref={title} tabIndex={-1}>
      <CaseBar
        shown={shown}
        place={place}
        spent={spent}
        has={{ previous: place?.previous !== undefined, next: place?.next !== undefined }}
        onMove={move}
        onLeave={leave}
      />
      <main className="rev-three">
        <section className="rev-left" aria-label={WORDS.picture}>
          <Picture shown={shown} finding={finding} looking={looking} isBare={isBare} zoom={zoom} />
          <PictureControls
            finding={finding}
            looking={looking}
            pictures={shown.pictures.length}
            viewer={viewerAt(shown.viewer, shown.pictures[looking.picture])}
            isCt={shown.context.modality === 'CT'}
          />
        </section>
        <section className="rev-mid" aria-label={finding?.label ?? WORDS.findings}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys */}
          <div className="top" tabIndex={0}>
            <Flags flags={shown.flags} />
            {shown.corrected && (
              <p className="rev-corrected">
                {WORDS.correctedBy(shown.corrected.by, moment(shown.corrected.at))}
              </p>
            )}
            {shown.allFindings.length > 1 && (
              <FindingPick
                findings={shown.allFindings}
                selected={looking.finding}
                form={form}
                onSelect={looking.goToFinding}
              />
            )}
            {finding && <FindingFacts finding={finding} flags={shown.flags} />}
          </div>
          <CaseTabs shown={shown} finding={looking.finding} onIncident={() => setIncident(true)} />
        </section>
        <Verdict
          shown={shown}
          looking={looking}
          reading={{ form, change }}
          lack={hasTried ? lack : undefined}
          signing={signing}
          isOpen={isOpen}
          onAmend={() => setAmending(true)}
          onSign={onSign}
          onSkip={onward}
          again={again}
        />
      </main>
      <KeyBar keys={KEYS}>{said ?? keptWords(kept)}</KeyBar>
      {isIncident && <IncidentDialog analysis={shown.analysis} onClose={() => setIncident(false)} />}
    </div>
  );
}
