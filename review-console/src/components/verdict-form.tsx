import { type ReactNode, useId } from 'react';
import type { FindingVerdict, Reason } from '../../../server/review/contract/reading.ts';
import type { Kept } from '../hooks/use-reading.ts';
import {
  type FindingForm,
  type Form,
  type Lack,
  ofFinding,
  withFinding,
  withReason,
} from '../lib/verdict.ts';
import { STRINGS } from '../strings.ts';
import { Icon, type IconName } from './icon.tsx';
import { TruthFields } from './truth-fields.tsx';

const { verdict: WORDS } = STRINGS;

/** In the order of their digits: 1 to 9, then 0. */
export const REASONS: readonly Reason[] = [
  'falsePositive',
  'falseNegative',
  'wrongSite',
  'badImage',
  'outOfScope',
  'artefact',
  'segmentation',
  'measurement',
  'misleading',
  'other',
];
const VERDICTS: readonly (readonly [FindingVerdict['verdict'], string, string, IconName?])[] = [
  ['agree', WORDS.agree, 'A', 'check'],
  ['disagree', WORDS.disagree, 'D', 'cross'],
  ['cannot-tell', WORDS.cannotTell, 'C'],
];
const RATINGS = [1, 2, 3, 4, 5] as const;

interface Props {
  readonly form: Form;
  readonly finding: number;
  readonly hasMap: boolean;
  readonly isOpen: boolean;
  readonly change: (make: (form: Form) => Form) => void;
  /** Of which finding, when there are several; who has read, above the questions. */
  readonly children: ReactNode;
}

/** The questions about one finding, and the note about all. */
export function VerdictForm({ form, finding, hasMap, isOpen, change, children }: Props) {
  const said = ofFinding(form, finding);
  const put = (part: Partial<FindingForm>) => change((old) => withFinding(old, finding, part));
  const id = useId();
  return (
    <div className="body">
      {children}
      <fieldset disabled={!isOpen} data-question="verdict">
        <legend>{WORDS.right}</legend>
        <div className="rev-v3" role="radiogroup" aria-label={WORDS.right}>
          {VERDICTS.map(([verdict, words, letter, icon]) => (
            // biome-ignore lint/a11y/useSemanticElements: a button that can be none of three
            <button
              key={verdict}
              type="button"
              className="pel-btn"
              role="radio"
              aria-checked={said.verdict === verdict}
              onClick={() => put({ verdict })}
            >
              {icon && <Icon name={icon} className="is-s" />}
              {words} <kbd>{letter}</kbd>
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset disabled={!isOpen} data-question="reasons">
        <legend>{said.verdict === 'disagree' ? WORDS.reasonsNeeded : WORDS.reasonsMay}</legend>
        <div className="rev-rs">
          {REASONS.map((reason, i) => (
            <label key={reason}>
              <input
                type="checkbox"
                checked={said.reasons.includes(reason)}
                onChange={() => change((old) => withReason(old, finding, reason))}
              />
              <kbd>{(i + 1) % 10}</kbd>
              {WORDS.reasons[reason]}
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset disabled={!isOpen || !hasMap} data-question="rating">
        <legend>{WORDS.map}</legend>
        <div className="rev-v5" role="radiogroup" aria-label={WORDS.map}>
          {RATINGS.map((rating) => (
            // biome-ignore lint/a11y/useSemanticElements: a button that can be none of five
            <button
              key={rating}
              type="button"
              className="pel-btn"
              role="radio"
              aria-checked={said.explanation === rating}
              onClick={() => put({ explanation: rating })}
            >
              {rating}
            </button>
          ))}
        </div>
        <div className="ends">
          <span>{hasMap ? WORDS.notAtAll : WORDS.noMap}</span>
          {hasMap && <span>{WORDS.exactly}</span>}
        </div>
      </fieldset>
      <TruthFields truth={said.truth} isOpen={isOpen} put={put} />
      <div>
        <label className="lg" htmlFor={`${id}-note`}>
          {WORDS.note}
        </label>
        <textarea
          className="pel-field"
          id={`${id}-note`}
          rows={2}
          maxLength={1000}
          disabled={!isOpen}
          placeholder={WORDS.noteHint}
          value={form.note}
          onChange={({ currentTarget: { value } }) => change((old) => ({ ...old, note: value }))}
        />
      </div>
    </div>
  );
}

interface SignProps {
  readonly lack: Lack | undefined;
  readonly nameOf: (finding: number) => string;
  readonly signer: string;
  readonly isArbiter: boolean;
  readonly isSigning: boolean;
  readonly onSign: () => void;
  readonly onSkip: () => void;
}

/** Nothing is signed by a single key. What is missing is said beside the button, which can be pressed all the same and then leads there. */
export function SignBar({ lack, nameOf, signer, isArbiter, isSigning, onSign, onSkip }: SignProps) {
  const words =
    lack && (lack.what === 'verdict' ? WORDS.lackVerdict : WORDS.lackReason)(nameOf(lack.finding));
  return (
    <div className="rev-go">
      <div className="row">
        <button type="button" className="pel-btn" onClick={onSkip}>
          {WORDS.skip} <kbd>X</kbd>
        </button>
        <button type="button" className="pel-btn is-main" disabled={isSigning} onClick={onSign}>
          {isSigning ? WORDS.signing : isArbiter ? WORDS.signArbiter : WORDS.sign} <kbd>Ctrl ↵</kbd>
        </button>
      </div>
      <p className="pel-small pel-t3" role="status">
        {words ? <span className="lack">{words}</span> : WORDS.signedAs(signer)}
      </p>
    </div>
  );
}

export const keptWords = (kept: Kept): string =>
  ({
    nothing: WORDS.nothingSaid,
    here: WORDS.draftHere,
    server: WORDS.draftServer,
    nowhere: WORDS.unsaved,
  })[kept];
