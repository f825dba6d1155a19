import type { Case } from '../../../server/review/contract/case.ts';
import { Failure, Notice } from '../components/notice.tsx';
import { Readers, Readings } from '../components/readers.tsx';
import { SignBar, VerdictForm } from '../components/verdict-form.tsx';
import { useDesk } from '../desk.tsx';
import type { Looking } from '../hooks/use-looking.ts';
import type { Signing } from '../hooks/use-signing.ts';
import { moveFocus } from '../lib/focus.ts';
import { agreeWithRest, type Form, type Lack, ofFinding } from '../lib/verdict.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly shown: Case;
  readonly looking: Looking;
  readonly reading: {
    readonly form: Form;
    readonly change: (make: (form: Form) => Form) => void;
  };
  /** Told once the reader has tried to sign. */
  readonly lack: Lack | undefined;
  readonly signing: Signing;
  readonly isOpen: boolean;
  readonly onAmend: () => void;
  readonly onSign: () => void;
  readonly onSkip: () => void;
  readonly again: () => void;
}

const { verdict: WORDS, case: CASE } = STRINGS;

/** Who has read, the questions, and the signature. */
export function Verdict(props: Props) {
  const { shown, looking, reading, lack, signing, isOpen, onAmend, onSign, onSkip, again } = props;
  const { session } = useDesk();
  const { allFindings, maySign, mySignature } = shown;
  const { form, change } = reading;
  const finding = allFindings[looking.finding];
  const count = allFindings.length;
  const isRestOpen = allFindings.some((_, i) => !ofFinding(form, i).verdict);
  return (
    <form
      className="rev-verdict"
      aria-label={WORDS.title}
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!moveFocus(event)) return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <VerdictForm
        form={form}
        finding={looking.finding}
        hasMap={(finding?.overlays.length ?? 0) > 0}
        isOpen={isOpen}
        change={change}
      >
        <Readers shown={shown} />
        <Readings shown={shown} />
        {!maySign.may && mySignature === undefined && (
          <Notice kind="info" title={WORDS.mayNot}>
            <p>{maySign.why}</p>
          </Notice>
        )}
        {mySignature !== undefined && (
          <Notice kind="info" title={isOpen ? WORDS.amending : WORDS.signed}>
            {!isOpen && maySign.may && (
              <button type="button" className="pel-btn" onClick={onAmend}>
                {WORDS.amend}
              </button>
            )}
          </Notice>
        )}
        {count > 1 && (
          <div className="rev-which">
            <span>
              {CASE.findingOf(looking.finding + 1, count)}: <b>{finding?.label}</b>
            </span>
            {isOpen && isRestOpen && (
              <button
                type="button"
                className="pel-btn is-quiet is-tiny"
                onClick={() => change((old) => agreeWithRest(old, count))}
              >
                {WORDS.agreeRest} <kbd>⇧ A</kbd>
              </button>
            )}
          </div>
        )}
        {signing.state === 'refused' && <Failure fault={signing.fault} again={again} />}
      </VerdictForm>
      {isOpen && (
        <SignBar
          lack={lack}
          nameOf={(i) => allFindings[i]?.label ?? ''}
          signer={session.name}
          isArbiter={maySign.as === 'arbiter'}
          isSigning={signing.state === 'signing'}
          onSign={onSign}
          onSkip={onSkip}
        />
      )}
    </form>
  );
}
