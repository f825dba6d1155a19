import type { Case } from '../../../server/review/contract/case.ts';
import { useNow } from '../hooks/use-now.ts';
import { clock, count } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly shown: Case;
  readonly place: { readonly at: number; readonly total: number } | undefined;
  readonly spent: () => number;
  readonly has: { readonly previous: boolean; readonly next: boolean };
  readonly onMove: (by: 1 | -1) => void;
  readonly onLeave: () => void;
}

const { case: WORDS } = STRINGS;

/** Which case this is, why it is here, and the way to the others. */
export function CaseBar({ shown, place, spent, has, onMove, onLeave }: Props) {
  useNow(1_000);
  const { name, context, sampled, readers, hidden } = shown;
  const what = [context.modality, context.bodyPart, context.view].filter(Boolean).join(' ');
  const who = [context.ageYears, context.sex].filter((part) => part !== undefined).join(' ');
  return (
    <section className="rev-cb" aria-label={name}>
      <button type="button" className="pel-btn is-quiet" onClick={onLeave}>
        <Icon name="back" className="is-s" />
        {WORDS.back}
      </button>
      <h1>{[name, what, who].filter(Boolean).join(' · ')}</h1>
      {sampled.length > 0 && (
        <span className="pel-tag is-warn">
          <Icon name="flag" />
          {WORDS.sampled(sampled.map((s) => s.name).join(', '))}
        </span>
      )}
      {((readers.blind && readers.wanted > 1) || hidden > 0) && (
        <span className="pel-tag">
          <Icon name="lock" />
          {hidden > 0 ? WORDS.blindHidden(hidden) : WORDS.blind}
        </span>
      )}
      <span className="sp" />
      <span className="pel-small pel-t2">
        {place && `${WORDS.position(place.at + 1, count(place.total))} · `}
        {clock(spent())}
      </span>
      <button type="button" className="pel-btn" disabled={!has.previous} onClick={() => onMove(-1)}>
        {WORDS.previous} <kbd>P</kbd>
      </button>
      <button type="button" className="pel-btn" disabled={!has.next} onClick={() => onMove(1)}>
        {WORDS.next} <kbd>N</kbd>
      </button>
    </section>
  );
}
