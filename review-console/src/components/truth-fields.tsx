import { useId } from 'react';
import type { FindingForm } from '../lib/verdict.ts';
import { STRINGS } from '../strings.ts';

const { verdict: WORDS } = STRINGS;

interface Props {
  readonly truth: FindingForm['truth'];
  readonly isOpen: boolean;
  readonly put: (part: Partial<FindingForm>) => void;
}

/** What is known from elsewhere: from where, whether the finding was there, and in words what was. */
export function TruthFields({ truth, isOpen, put }: Props) {
  const id = useId();
  type Source = NonNullable<typeof truth>['source'];
  const choose = (source: string) => {
    // Undefined takes the truth away again.
    const next = source === '' ? undefined : { present: true, ...truth, source: source as Source };
    put({ truth: next } as Partial<FindingForm>);
  };
  return (
    <fieldset disabled={!isOpen} data-question="truth">
      <div className="rev-pair">
        <div>
          <label className="lg" htmlFor={`${id}-source`}>
            {WORDS.truth}
          </label>
          <select
            className="pel-field"
            id={`${id}-source`}
            value={truth?.source ?? ''}
            onChange={(e) => choose(e.currentTarget.value)}
          >
            <option value="">{WORDS.unknown}</option>
            {Object.entries(WORDS.sources).map(([source, words]) => (
              <option key={source} value={source}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <div>
          <label className="lg" htmlFor={`${id}-words`}>
            {WORDS.itShowed}
          </label>
          <input
            className="pel-field"
            id={`${id}-words`}
            maxLength={200}
            disabled={!truth}
            value={truth?.words ?? ''}
            onChange={(e) => truth && put({ truth: { ...truth, words: e.currentTarget.value } })}
          />
        </div>
      </div>
      {truth && (
        <div className="rev-truth" role="radiogroup" aria-label={WORDS.truth}>
          {[true, false].map((present) => (
            // biome-ignore lint/a11y/useSemanticElements: two buttons beside each other
            <button
              key={String(present)}
              type="button"
              className="pel-btn"
              role="radio"
              aria-checked={truth.present === present}
              onClick={() => put({ truth: { ...truth, present } })}
            >
              {present ? WORDS.truthPresent : WORDS.truthAbsent}
            </button>
          ))}
        </div>
      )}
    </fieldset>
  );
}
