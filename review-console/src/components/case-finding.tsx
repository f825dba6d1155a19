import { useState } from 'react';
import { DeletionChart } from '../../../ohif-extension/src/components/deletion-chart.tsx';
import { ElementCard } from '../../../ohif-extension/src/components/element-card.tsx';
import { ScoreBar } from '../../../ohif-extension/src/components/score-bar.tsx';
import { measurement, probability, score, volume } from '../../../ohif-extension/src/lib/format.ts';
import { ELEMENTS, type ElementCard as Element } from '../../../ohif-extension/src/lib/result.ts';
import type { Case, CaseFinding as Finding } from '../../../server/review/contract/case.ts';
import { type Form, ofFinding } from '../lib/verdict.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

const { case: WORDS } = STRINGS;

interface PickProps {
  readonly findings: Case['allFindings'];
  readonly selected: number;
  readonly form: Form;
  readonly onSelect: (at: number) => void;
}

const MARKS = { agree: '✓', disagree: '✗', 'cannot-tell': '?' } as const;

/** One button a finding, with what the reader has said of it. */
export const FindingPick = ({ findings, selected, form, onSelect }: PickProps) => (
  // biome-ignore lint/a11y/useSemanticElements: a row of buttons, not a form's fieldset
  <div className="rev-fl" role="group" aria-label={WORDS.findings}>
    {findings.map(({ label, score: value, present }, i) => {
      const { verdict } = ofFinding(form, i);
      return (
        <button
          key={i}
          type="button"
          className="pel-btn"
          aria-pressed={i === selected}
          onClick={() => onSelect(i)}
        >
          {verdict && (
            <span className="mark">
              <span aria-hidden="true">{MARKS[verdict]}</span>
              <span className="pel-hidden">{verdictWord(verdict)}</span>
            </span>
          )}
          {label} {value !== undefined && <b className={present ? '' : 'pel-t3'}>{score(value)}</b>}
        </button>
      );
    })}
  </div>
);

export const verdictWord = (verdict: keyof typeof MARKS): string =>
  ({
    agree: STRINGS.verdict.agree,
    disagree: STRINGS.verdict.disagree,
    'cannot-tell': STRINGS.verdict.cannotTell,
  })[verdict];

/** The sentence, the number as an instrument, and the five elements. */
export function FindingFacts({ finding, flags }: { finding: Finding; flags: readonly string[] }) {
  const isDoubtful = flags.length > 0;
  const { elements, measurements, deletion } = finding;
  return (
    <>
      <div className="pel-find">
        <p className="say">{finding.sentence}</p>
        <Value finding={finding} isDoubtful={isDoubtful} />
      </div>
      {ELEMENTS.map((name) => {
        const element: Element = { name, ...(elements[name] ?? { state: 'absent' }) } as Element;
        return (
          <ElementCard key={name} element={element}>
            {name === 'physicalAttribution' && measurements.length > 0 && (
              <dl className="pel-kv">
                {measurements.map((each) => (
                  <div key={each.name} className="pel-pair">
                    <dt>{each.name}</dt>
                    <dd>{amount(each)}</dd>
                  </div>
                ))}
              </dl>
            )}
            {name === 'modelTransparency' && deletion && <Deletion curve={deletion} />}
          </ElementCard>
        );
      })}
    </>
  );
}

/** The curve alone: pictures of cases are the server's. */
function Deletion({ curve }: { curve: NonNullable<Finding['deletion']> }) {
  const [step, setStep] = useState(0);
  return <DeletionChart curve={curve} step={step} onStep={setStep} />;
}

function Value({ finding, isDoubtful }: { finding: Finding; isDoubtful: boolean }) {
  const { score: value, threshold, probability: share, present } = finding;
  if (value !== undefined)
    return (
      <>
        <span className="val">
          {score(value)}
          <small>
            {share === undefined || isDoubtful ? WORDS.uncalibrated : WORDS.probability(probability(share))}
          </small>
        </span>
        <ScoreBar
          score={{
            value,
            ...(threshold === undefined ? {} : { threshold }),
            calibrated: share !== undefined,
          }}
          isGrey={isDoubtful}
        />
      </>
    );
  const [first] = finding.measurements;
  if (!first) return null;
  return (
    <span className="val is-wide">
      {amount(first)}
      <small>{present === undefined ? first.name : present ? WORDS.present : WORDS.absent}</small>
    </span>
  );
}

/** Volumes in ml, as everywhere. */
function amount({ name, value, unit = '1' }: Finding['measurements'][number]): string {
  const ml = { ml: 1, cm3: 1, mm3: 0.001 }[unit];
  return ml === undefined ? measurement({ name, value, unit }) : `${volume(value * ml)} ml`;
}

/** Why it is to be checked before use: before all else. */
export const Flags = ({ flags }: { flags: readonly string[] }) =>
  flags.length === 0 ? null : (
    <div className="pel-note is-warn" role="note" aria-label={WORDS.flags}>
      <Icon name="warn" />
      <ul>
        {flags.map((flag) => (
          <li key={flag}>{flag}</li>
        ))}
      </ul>
    </div>
  );
