import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Desk } from '../hooks/use-assessing.ts';
import { VERDICTS, type Verdict } from '../lib/assessments.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

const WORDS = { accepted: ['accept', 'check', 'A'], rejected: ['reject', 'cross', 'R'] } as const;

/** Accept or reject: nothing is signed by one key, and the original is never touched. */
export function Assess({ desk }: { desk: Desk }) {
  const { signer, assessing, choose } = desk;
  if (!signer) return null;
  const verdict = 'verdict' in assessing ? assessing.verdict : undefined;
  return (
    <section className="pel-assess" aria-label={STRINGS.assess.title}>
      <div className="pel-seg">
        {VERDICTS.map((each) => {
          const [word, icon, letter] = WORDS[each];
          return (
            <button
              key={each}
              type="button"
              className="pel-btn"
              aria-pressed={verdict === each}
              onClick={() => choose(each)}
            >
              <Icon name={icon} /> {STRINGS.assess[word]} <kbd>{letter}</kbd>
            </button>
          );
        })}
      </div>
      {verdict && <Signing key={verdict} desk={desk} verdict={verdict} />}
      {assessing.state === 'saved' && (
        <p className="pel-hint" role="status">
          {STRINGS.assess.saved}
        </p>
      )}
    </section>
  );
}

/** Reason, note and signature. */
function Signing({ desk: { signer, assessing, cancel, sign }, verdict }: { desk: Desk; verdict: Verdict }) {
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const first = useRef<HTMLSelectElement>(null);
  const id = useId();
  useEffect(() => first.current?.focus(), []);
  const isReady = assessing.state !== 'saving' && (verdict === 'accepted' || reason !== '');
  const submit = () => {
    if (isReady) sign({ verdict, ...(reason ? { reason } : {}), ...(note ? { note } : {}) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.ctrlKey) submit();
    else if (event.key === 'Escape') cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const words: Readonly<Record<string, string>> = STRINGS.assess.reasons;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of what is in it
    <div className="pel-signing" data-unsaved onKeyDown={onKeyDown}>
      <label className="pel-hidden" htmlFor={`${id}-reason`}>
        {STRINGS.assess.reason}
      </label>
      <select
        ref={first}
        id={`${id}-reason`}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      >
        <option value="">{STRINGS.assess.chooseReason}</option>
        {signer?.reasons.map((each) => (
          <option key={each} value={each}>
            {words[each] ?? each}
          </option>
        ))}
      </select>
      <input
        type="text"
        maxLength={1000}
        aria-label={STRINGS.assess.note}
        placeholder={STRINGS.assess.note}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <button type="button" className="pel-btn is-quiet" onClick={cancel}>
        {STRINGS.assess.cancel} <kbd>Esc</kbd>
      </button>
      <button type="button" className="pel-btn is-main" disabled={!isReady} onClick={submit}>
        {STRINGS.assess.sign(signer?.person ?? '')} <kbd>Ctrl ↵</kbd>
      </button>
      <p className="pel-hint" role="status">
        <span className="unsaved">
          {assessing.state === 'saving'
            ? STRINGS.assess.saving
            : assessing.state === 'failed'
              ? STRINGS.assess.failed
              : STRINGS.assess.unsaved}
        </span>
      </p>
    </div>
  );
}
