import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly count: number;
  readonly isRecorded: boolean;
  readonly onReveal: () => void;
}

/** Read the image first: the result is there and says nothing, draws nothing and moves nothing until it is asked for. */
export const HiddenResult = ({ count, isRecorded, onReveal }: Props) => (
  <section className="pel-covered" aria-label={STRINGS.hidden.title}>
    <Icon name="covered" className="pel-big" />
    <h3>{STRINGS.hidden.title}</h3>
    <p>{STRINGS.hidden.text(count)}</p>
    <button type="button" className="pel-btn is-main" data-testid="pel-reveal" onClick={onReveal}>
      {STRINGS.hidden.reveal} <kbd>V</kbd>
    </button>
    <p className="pel-t2">{isRecorded ? STRINGS.hidden.recorded : STRINGS.hidden.notRecorded}</p>
  </section>
);
