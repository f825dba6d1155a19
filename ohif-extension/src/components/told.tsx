import type { Live } from '../hooks/use-live.ts';
import type { Results } from '../hooks/use-results.ts';
import { STRINGS } from '../strings.ts';
import { runningOf } from './live-state.tsx';

interface Props {
  readonly results: Results;
  readonly live: Live;
  /** Whether results wait to be asked for. */
  readonly isCovered: boolean;
}

/** What happens, for those who hear the panel: once each, and not the seconds that pass. What is read, or failed, is told where it stands. */
export const Told = (props: Props) => (
  <p className="pel-hidden" role="status">
    {[stateOf(props), ...runningOf(props.live).map(STRINGS.live.running)].filter(Boolean).join('. ')}
  </p>
);

function stateOf({ results, isCovered }: Props): string {
  switch (results.state) {
    case 'loading':
    case 'failed':
      return '';
    case 'none':
      return STRINGS.none.title;
    case 'ready':
      return isCovered ? STRINGS.hidden.title : STRINGS.ready(results.sets.length);
  }
}
