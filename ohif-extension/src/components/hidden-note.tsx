import type { Where } from '../lib/cover.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly isHiding: boolean;
  /** Whether the report says which places are hidden. */
  readonly isKnown: boolean;
  readonly where: Where;
  readonly onEnd: () => void;
}

/** What the image shows of what is hidden, and the way back. It is there, empty, before anything is said, for screen readers to listen to. */
export const HiddenNote = ({ isHiding, isKnown, where, onEnd }: Props) => (
  <div className={isHiding ? 'pel-hiding' : undefined}>
    <p role="status">{isHiding && (isKnown ? wordsOf(where) : STRINGS.deletion.unknown)}</p>
    {isHiding && (
      <button type="button" className="pel-btn" onClick={onEnd}>
        {STRINGS.deletion.end} <kbd>Esc</kbd>
      </button>
    )}
  </div>
);

function wordsOf(where: Where): string {
  if (where === 'nothing') return '';
  return where === 'loading' ? STRINGS.mapLoading : STRINGS.deletion.where[where];
}
