import type { Case } from '../../../server/review/contract/case.ts';
import type { SignedReading } from '../../../server/review/contract/reading.ts';
import { clock, moment } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { verdictWord } from './case-finding.tsx';
import { HalfIcon, Icon } from './icon.tsx';

const { verdict: WORDS } = STRINGS;

/** Who has read and who is asked: one box each, the caller's marked. */
export function Readers({ shown }: { shown: Case }) {
  const { readers, readings, hidden, mySignature, maySign } = shown;
  const seen = readings.filter(({ amendedBy, role }) => !amendedBy && role === 'reader');
  const others = seen.filter(({ id }) => id !== mySignature);
  const slots = [
    ...others.map(({ reader }) => ({ name: reader.name, words: WORDS.done, state: 'done' })),
    ...Array.from({ length: hidden }, (_, i) => ({
      name: WORDS.reader(others.length + i + 1),
      words: WORDS.doneHidden,
      state: 'done',
    })),
  ];
  const me = mySignature
    ? { words: WORDS.youDone, state: 'done me' }
    : maySign.may
      ? { words: WORDS.youOpen, state: 'open me' }
      : undefined;
  const isArbiter = maySign.as === 'arbiter';
  if (me) slots.push({ name: isArbiter ? WORDS.arbiter : WORDS.reader(slots.length + 1), ...me });
  while (!isArbiter && slots.length < readers.wanted)
    slots.push({ name: WORDS.reader(slots.length + 1), words: WORDS.waiting, state: 'waiting' });
  if (slots.length < 2) return null;
  return (
    <ul className="rev-readers">
      {slots.map(({ name, words, state }) => (
        <li key={name} className={state.includes('me') ? 'is-me' : ''}>
          {state.startsWith('done') ? (
            <Icon name="done" className="is-s" />
          ) : state.startsWith('open') ? (
            <HalfIcon />
          ) : (
            <Icon name="circle" className="is-s" />
          )}
          <b>{name}</b>
          <span>{words}</span>
        </li>
      ))}
    </ul>
  );
}

/** What others said that the caller may see, side by side. */
export function Readings({ shown }: { shown: Case }) {
  const { readings, state } = shown;
  if (readings.length === 0) return null;
  const current = readings.filter(({ amendedBy }) => !amendedBy);
  return (
    <section>
      <h2 className="lg">{state === 'differ' ? WORDS.differ : WORDS.readings}</h2>
      <div className={`rev-reads ${current.length > 1 ? 'is-two' : ''}`}>
        {[...current, ...readings.filter(({ amendedBy }) => amendedBy)].map((reading) => (
          <One key={reading.id} signed={reading} findings={shown.allFindings} />
        ))}
      </div>
    </section>
  );
}

function One({ signed, findings }: { signed: SignedReading; findings: Case['allFindings'] }) {
  const { reader, role, reading, at, amendedBy } = signed;
  return (
    <article className={amendedBy ? 'is-amended' : ''}>
      <h3>
        {reader.name}
        {role === 'arbiter' && ` · ${WORDS.arbiter}`}
        {amendedBy && ` · ${WORDS.amended}`}
      </h3>
      <ul>
        {reading.findings.map(({ finding, verdict, reasons, explanation, truth }) => (
          <li key={finding}>
            <Icon
              name={verdict === 'agree' ? 'check' : verdict === 'disagree' ? 'cross' : 'circle'}
              className="is-s"
            />
            <span>
              <b>{verdictWord(verdict)}</b>
              {findings.length > 1 && `: ${findings[finding]?.label ?? ''}`}
              {reasons.length > 0 && ` (${reasons.map((r) => WORDS.reasons[r]).join(', ')})`}
              {explanation && `, ${WORDS.mapRating(explanation)}`}
              {truth &&
                `. ${WORDS.truthSays(
                  WORDS.sources[truth.source],
                  truth.words ?? (truth.present ? WORDS.truthPresent : WORDS.truthAbsent),
                )}`}
            </span>
          </li>
        ))}
      </ul>
      {reading.note && <q>{reading.note}</q>}
      <p className="pel-t3">
        {moment(at)}
        {reading.spentMs !== undefined && `, ${WORDS.tookTime(clock(reading.spentMs))}`}
      </p>
    </article>
  );
}
