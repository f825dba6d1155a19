import type { Check } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Card } from './card.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Notice } from './notice.tsx';

export const failedOf = (checks: readonly Check[]): readonly Check[] =>
  checks.filter(({ state }) => state === 'failed');

/** What failed, first of all that is said; nothing when nothing did. */
export function CheckFirst({ checks }: { checks: readonly Check[] }) {
  const failed = failedOf(checks);
  if (failed.length === 0) return null;
  return (
    <Notice kind="stop" title={STRINGS.check.title}>
      {failed.map(({ name, sentence }) => (
        <span key={name}>{sentence}</span>
      ))}
    </Notice>
  );
}

const ICONS: Readonly<Record<Check['state'], IconName>> = {
  passed: 'check',
  remark: 'info',
  failed: 'stop',
  absent: 'circle',
};

/** All that was checked, and how it came out. */
export function Checks({ checks }: { checks: readonly Check[] }) {
  if (checks.length === 0) return null;
  const failed = failedOf(checks);
  const made = checks.filter(({ state }) => state !== 'absent');
  const keyWord =
    failed.length > 0
      ? STRINGS.check.failed(failed.length, made.length)
      : made.length > 0
        ? STRINGS.check.passed(made.length)
        : STRINGS.check.none;
  return (
    <Card
      icon="trust"
      title={STRINGS.check.card}
      keyWord={keyWord}
      sentence={failed[0]?.sentence ?? (made.length > 0 ? STRINGS.check.good : STRINGS.check.none)}
    >
      <ul className="pel-checks">
        {checks.map(({ name, state, sentence }) => (
          <li key={name} className={`is-${state}`}>
            <Icon name={ICONS[state]} />
            <span>
              {name}: {STRINGS.check.states[state]}
            </span>
            <span className="why">{sentence}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
