import type { ViewState } from '../../../server/review/contract/worklist.ts';
import { count, viewName } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { To } from './head.tsx';

/** The saved views with how much waits in each; the digit opens it. */
export const ViewRail = ({
  views,
  current,
}: {
  views: readonly ViewState[];
  current: string | undefined;
}) => (
  <>
    <h2>{STRINGS.worklist.views}</h2>
    <nav className="rev-views" aria-label={STRINGS.worklist.views}>
      {views.map((view) => (
        <To key={view.id} route={{ page: 'worklist', view: view.id }} isCurrent={view.id === current}>
          {viewName(view)}
          <span>{count(view.count)}</span>
        </To>
      ))}
    </nav>
  </>
);
