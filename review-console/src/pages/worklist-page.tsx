import { useState } from 'react';
import type { CaseFilter, PlanState } from '../../../server/review/contract/worklist.ts';
import { FilterRail } from '../components/filter-rail.tsx';
import { Failure } from '../components/notice.tsx';
import { PlanDialog } from '../components/plan-dialog.tsx';
import { ViewDialog } from '../components/view-dialog.tsx';
import { ViewRail } from '../components/view-rail.tsx';
import { useDesk } from '../desk.tsx';
import { useKeys } from '../hooks/use-keys.ts';
import { useLoad } from '../hooks/use-load.ts';
import { useNow } from '../hooks/use-now.ts';
import { plans as askPlans, views as askViews, filterValues } from '../lib/api.ts';
import { filterLines } from '../lib/filters.ts';
import type { Own, Route } from '../lib/route.ts';
import { viewName } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { WorklistMain } from './worklist-main.tsx';

const { worklist: WORDS } = STRINGS;

type Open = { readonly what: 'plan'; readonly plan: PlanState | 'new' } | { readonly what: 'view' };

/** Which results wait, for whom and why: views and filters at the left, the list beside them. */
export function WorklistPage({ route }: { route: Extract<Route, { page: 'worklist' }> }) {
  const { go } = useDesk();
  const now = useNow(30_000);
  const [viewLoad, viewsAgain] = useLoad(askViews, []);
  const [planLoad, plansAgain] = useLoad(askPlans, []);
  const [valueLoad] = useLoad(filterValues, []);
  const [open, setOpen] = useState<Open>();
  const views = viewLoad.state === 'ready' ? viewLoad.value : [];
  const plans = planLoad.state === 'ready' ? planLoad.value : [];
  const view = views.find(({ id }) => id === route.view) ?? (route.own ? undefined : views[0]);
  const set: Own | undefined = route.own ?? view;
  const lines = filterLines(valueLoad.state === 'ready' ? valueLoad.value : undefined, plans);

  const change = ({ filter, order }: Partial<Own>) =>
    go(
      {
        page: 'worklist',
        ...(view ? { view: view.id } : {}),
        own: { filter: filter ?? set?.filter ?? {}, order: order ?? set?.order ?? 'urgent' },
      },
      'replace',
    );
  const openView = (at: number) => {
    const next = views[at];
    if (next) go({ page: 'worklist', view: next.id });
  };
  useKeys(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [String(i + 1), () => openView(i)])));

  if (viewLoad.state === 'failed')
    return (
      <main className="rev-alone">
        <Failure fault={viewLoad.fault} again={viewsAgain} />
      </main>
    );
  return (
    <div className="rev-lay">
      <aside className="rev-rail" aria-label={WORDS.viewsAndFilters}>
        <ViewRail views={views} current={route.own ? undefined : view?.id} />
        <FilterRail
          lines={lines}
          filter={set?.filter ?? {}}
          now={now}
          onChange={(filter: CaseFilter) => change({ filter })}
        />
      </aside>
      {set ? (
        <WorklistMain
          set={set}
          title={route.own ? WORDS.ownTitle : view ? viewName(view) : WORDS.ownTitle}
          isView={!route.own}
          elsewhere={views.filter(({ id, count }) => id !== view?.id && count > 0)}
          plans={plans}
          now={now}
          onChange={change}
          onEdit={(plan) => setOpen(plan === 'view' ? { what: 'view' } : { what: 'plan', plan })}
          onNews={() => {
            viewsAgain();
            plansAgain();
          }}
        />
      ) : (
        <main className="rev-main pel-t2">{STRINGS.loading}</main>
      )}
      {open?.what === 'plan' && (
        <PlanDialog
          plan={open.plan}
          filter={set?.filter ?? {}}
          lines={lines}
          onClose={(isChanged) => {
            setOpen(undefined);
            if (isChanged) plansAgain();
          }}
        />
      )}
      {open?.what === 'view' && set && (
        <ViewDialog
          view={view?.builtIn ? undefined : view}
          now={{ filter: set.filter, order: set.order }}
          onClose={(saved) => {
            setOpen(undefined);
            if (!saved) return;
            viewsAgain();
            go({ page: 'worklist', ...(saved === 'deleted' ? {} : { view: saved.id }) });
          }}
        />
      )}
    </div>
  );
}
