import type { MouseEvent, ReactNode } from 'react';
import { useDesk } from '../desk.tsx';
import { logOut } from '../lib/api.ts';
import { addressOf, type Route } from '../lib/route.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

/** On every page: where one is, what has not been sent yet, who one is. */
export function Head({ page, onKeys }: { page: Route['page']; onKeys: () => void }) {
  const { session, waiting } = useDesk();
  const isWorklist = page === 'worklist' || page === 'case';
  return (
    <header className="rev-top pel-no-print">
      <To className="brand" route={{ page: 'worklist' }}>
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="10" cy="10" r="8" fill="none" stroke="#5acce6" strokeWidth="1.5" />
          <circle cx="10" cy="10" r="3.2" fill="#5acce6" />
        </svg>
        Pellucid
      </To>
      <nav aria-label={STRINGS.nav.main}>
        <To route={{ page: 'worklist' }} isCurrent={isWorklist}>
          {STRINGS.nav.worklist}
        </To>
        <To route={{ page: 'figures', query: {} }} isCurrent={page === 'figures'}>
          {STRINGS.nav.figures}
        </To>
        <a href="/operations">{STRINGS.nav.operations}</a>
      </nav>
      <span className="use">{STRINGS.researchUse}</span>
      <span className="sp" />
      {waiting > 0 && (
        <span className="pel-tag is-warn" role="status" title={STRINGS.outbox.text}>
          <Icon name="warn" />
          {STRINGS.outbox.waits(waiting)}
        </span>
      )}
      <button type="button" className="pel-btn is-quiet" onClick={onKeys}>
        <kbd>?</kbd> {STRINGS.nav.keys}
      </button>
      <span className="me">
        <Icon name="person" className="is-s" />
        {session.name} · {STRINGS.roles[session.role]}
      </span>
      {session.how === 'session' && (
        <button
          type="button"
          className="pel-btn is-quiet"
          onClick={() => void logOut().finally(() => location.assign('/login?next=/review'))}
        >
          {STRINGS.logOut}
        </button>
      )}
    </header>
  );
}

interface ToProps {
  readonly route: Route;
  readonly className?: string;
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}

/** A link to a page of ours: without loading, but a link to the browser all the same. */
export function To({ route, className, isCurrent = false, children }: ToProps) {
  const { go } = useDesk();
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(route);
  };
  return (
    <a
      href={addressOf(route)}
      className={className}
      onClick={onClick}
      {...(isCurrent ? { 'aria-current': 'page' as const } : {})}
    >
      {children}
    </a>
  );
}
