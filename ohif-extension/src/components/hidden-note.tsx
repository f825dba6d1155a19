import type { Where } from '../lib/cover.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  /** Whether the report says which places are hidden. */
  readonly isKnown: boolean;
  readonly where: Where;
  readonly onEnd: () => void;
}

/** What the image shows of what is hidden, and the way back. */
export const HiddenNote = ({ isKnown, where, onEnd }: Props) => (
  <div className="pel-hiding">
    <p role="status">{isKnown ? wordsOf(where) : STRINGS.deletion.unknown}</p>
    <button type="button" className="pel-btn" onClick={onEnd}>
      {STRINGS.deletion.end} <kbd>Esc</kbd>
    </button>
  </div>
);

function wordsOf(where: Where): string {
  if (where === 'nothing') return '';
  return where === 'loading' ? STRINGS.mapLoading : STRINGS.deletion.where[where];
}
