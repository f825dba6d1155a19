import type { ReactNode } from 'react';
import type { ApiFault } from '../lib/api.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly kind: 'info' | 'warn' | 'stop';
  readonly title: string;
  readonly children?: ReactNode;
}

/** What happened, then what to do. */
export const Notice = ({ kind, title, children }: Props) => (
  <div className={`pel-note is-${kind}`} role={kind === 'info' ? 'status' : 'alert'}>
    <Icon name={kind} />
    <strong>{title}</strong>
    {children}
  </div>
);

/** Why something is not there, and the way on. */
export function Failure({ fault, again }: { fault: ApiFault; again?: () => void }) {
  const text = STRINGS.failed;
  if (fault.status === 401)
    return (
      <Notice kind="warn" title={text.signedOut}>
        <a href={`/login?next=${encodeURIComponent(location.pathname + location.search)}`}>{text.logIn}</a>
      </Notice>
    );
  const isAway = fault.status === 0;
  return (
    <Notice kind={isAway ? 'warn' : 'stop'} title={isAway ? text.away : text.title}>
      <p>{isAway ? text.awayText : [fault.message, fault.action].filter(Boolean).join('. ')}</p>
      {again && (
        <button type="button" className="pel-btn" onClick={again}>
          {STRINGS.again}
        </button>
      )}
    </Notice>
  );
}
