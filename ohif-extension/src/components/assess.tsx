import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Assessing, Desk } from '../hooks/use-assessing.ts';
import { isWritten } from '../hooks/use-draft.ts';
import { VERDICTS, type Verdict } from '../lib/assessments.ts';
import { STRINGS } from '../strings.ts';
import { EditTools } from './edit-tools.tsx';
import { Icon } from './icon.tsx';
import { LogIn } from './log-in.tsx';

const WORDS = {
  accepted: ['accept', 'check', 'A'],
  modified: ['modify', 'physicalAttribution', 'M'],
  rejected: ['reject', 'cross', 'R'],
} as const;

interface Props {
  readonly desk: Desk;
  /** Of the finding that is shown. */
  readonly label: string;
  /** How many findings the report has: a verdict is about all of them. */
  readonly count: number;
  readonly server: string | null;
}

/** Accept, modify or reject: nothing is signed by one key, and the original is never touched. */
export function Assess({ desk, label, count, server }: Props) {
  const { signer, unsigned, assessing, choose } = desk;
  const verdict = 'verdict' in assessing ? assessing.verdict : undefined;
  // What was changed is signed or discarded first.
  const isChanged = desk.correction.correcting?.isChanged === true;
  const isSaving = assessing.state === 'saving';
  const id = useId();
  if (!signer) return unsigned ? <Unsigned why={unsigned} assessing={assessing} server={server} /> : null;
  return (
    <section className="pel-assess" aria-label={STRINGS.assess.title}>
      {count > 1 && (
        <p className="pel-hint" id={id}>
          {STRINGS.assess.scope(count)}
        </p>
      )}
      <div className="pel-seg">
        {VERDICTS.map((each) => {
          const [word, icon, letter] = WORDS[each];
          return (
            <button
              key={each}
              type="button"
              className="pel-btn"
              aria-pressed={verdict === each}
              aria-describedby={count > 1 ? id : undefined}
              disabled={(isChanged || isSaving) && verdict !== each}
              onClick={() => choose(each)}
            >
              <Icon name={icon} /> {STRINGS.assess[word]} <kbd>{letter}</kbd>
            </button>
          );
        })}
      </div>
      {verdict === 'modified' && <EditTools correction={desk.correction} label={label} />}
      {verdict && <Signing key={verdict} desk={desk} verdict={verdict} server={server} />}
      {(assessing.state === 'saved' || assessing.state === 'kept') && (
        <p className="pel-hint" role="status">
          {STRINGS.assess[assessing.state]}
        </p>
      )}
    </section>
  );
}

interface UnsignedProps {
  readonly why: NonNullable<Desk['unsigned']>;
  readonly assessing: Desk['assessing'];
  readonly server: string | null;
}

/** Why nobody can sign: brought into view, and read aloud, when somebody tries to by a key. */
function Unsigned({ why, assessing, server }: UnsignedProps) {
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (assessing.state === 'unable') said.current?.focus();
  }, [assessing]);
  return (
    <p ref={said} tabIndex={-1} className="pel-sec pel-t2">
      {STRINGS.assess.unsigned[why]} {why === 'nobody' && <LogIn server={server} />}
    </p>
  );
}

/** Reason, note and signature. */
function Signing({ desk, verdict, server }: Pick<Props, 'desk' | 'server'> & { readonly verdict: Verdict }) {
  const { signer, assessing, draft, write, cancel, sign } = desk;
  const isChanged = desk.correction.correcting?.isChanged === true;
  const [isSure, setSure] = useState(false);
  const { reason = '', note = '' } = draft ?? {};
  const first = useRef<HTMLSelectElement>(null);
  const id = useId();
  useEffect(() => first.current?.focus(), []);
  const isReady =
    assessing.state !== 'saving' && { accepted: true, modified: isChanged, rejected: reason !== '' }[verdict];
  const isLost = isChanged || isWritten(draft);
  /** What was painted or written is discarded by the second press alone. */
  const leave = () => (isLost && !isSure ? setSure(true) : cancel());
  const submit = () => {
    if (isReady) sign();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.ctrlKey) submit();
    else if (event.key === 'Escape') leave();
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
        onChange={(event) => write({ reason: event.currentTarget.value })}
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
        onChange={(event) => write({ note: event.currentTarget.value })}
      />
      <button
        type="button"
        className="pel-btn is-quiet"
        disabled={assessing.state === 'saving'}
        onClick={leave}
      >
        {isLost && isSure ? STRINGS.assess.discard : STRINGS.assess.cancel} <kbd>Esc</kbd>
      </button>
      <button type="button" className="pel-btn is-main" disabled={!isReady} onClick={submit}>
        {STRINGS.assess.sign(signer?.person ?? '')} <kbd>Ctrl ↵</kbd>
      </button>
      <p className="pel-hint" role="status">
        <span className="unsaved">{saidOf(assessing, isChanged)}</span>{' '}
        {assessing.state === 'failed' && assessing.cause === 'signedOut' && (
          <LogIn server={server} isBeside />
        )}
      </p>
    </div>
  );
}

/** What is unsaved, and what to do where it could not be saved. */
function saidOf(assessing: Assessing, isChanged: boolean): string {
  const { assess, failures } = STRINGS;
  if (assessing.state === 'saving') return assess.saving;
  if (assessing.state !== 'failed') return isChanged ? assess.changed : assess.unsaved;
  if (assessing.cause !== 'refused') return failures.sending[assessing.cause];
  return [assess.failed, assessing.why].filter(Boolean).join(' ');
}
