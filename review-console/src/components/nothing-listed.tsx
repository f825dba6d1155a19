import type { ViewState } from '../../../server/review/contract/worklist.ts';
import { count, viewName } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { To } from './head.tsx';
import { Notice } from './notice.tsx';

const { worklist: WORDS } = STRINGS;

interface Props {
  /** A saved view, as it was saved; else filters of the reader's own. */
  readonly isView: boolean;
  /** Views that hold something. */
  readonly elsewhere: readonly ViewState[];
}

/** An empty list: of a view nothing waits, and where something does. */
export const NothingListed = ({ isView, elsewhere }: Props) => (
  <div className="rev-empty">
    <Notice kind="info" title={isView ? WORDS.nothingWaits : WORDS.nothingFits}>
      {!isView && <p>{WORDS.nothingFitsText}</p>}
      {isView && elsewhere.length === 0 && <p>{WORDS.nothingWaitsText}</p>}
      {isView && elsewhere.length > 0 && (
        <>
          <p>{WORDS.waitsElsewhere}</p>
          <ul>
            {elsewhere.map((view) => (
              <li key={view.id}>
                <To route={{ page: 'worklist', view: view.id }}>
                  {viewName(view)} · {count(view.count)}
                </To>
              </li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  </div>
);
