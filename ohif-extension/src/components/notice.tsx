import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

interface Props {
  readonly kind: 'info' | 'warn' | 'stop';
  readonly title: string;
  readonly children?: ReactNode;
}

const ICONS: Readonly<Record<Props['kind'], IconName>> = { info: 'info', warn: 'info', stop: 'stop' };

/** What happened, then what to do: colour, icon and words say the same. */
export const Notice = ({ kind, title, children }: Props) => (
  <div className={`pel-note is-${kind}`} role={kind === 'stop' ? 'alert' : 'note'}>
    <Icon name={ICONS[kind]} />
    <strong>{title}</strong>
    {children}
  </div>
);
