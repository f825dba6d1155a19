import { CHECK_CODES, GROUNDS } from '../../../server/dicom/code.ts';
import type { Check } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Card } from './card.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Notice } from './notice.tsx';
import { Said } from './said.tsx';

export const failedOf = (checks: readonly Check[]): readonly Check[] =>
  checks.filter(({ state }) => state === 'failed');

/** What failed, first of all that is said; nothing when nothing did. */
export function CheckFirst({ checks }: { checks: readonly Check[] }) {
  const failed = failedOf(checks);
  if (failed.length === 0) return null;
  return (
    <Notice kind="stop" title={STRINGS.check.title}>
      {failed.map(({ name, sentence }) => (
        <Said key={name}>{sentence}</Said>
      ))}
    </Notice>
  );
}

/** What passed, and beside it what did not: `5 passed, 1 not made`. */
function countsOf(checks: readonly Check[]): string {
  const count = (state: Check['state']): number => checks.filter((check) => check.state === state).length;
  const [passed, remarks, failed, absent] = [
    count('passed'),
    count('remark'),
    count('failed'),
    count('absent'),
  ];
  const made = passed + remarks + failed;
  if (failed > 0) return STRINGS.check.failed(failed, made);
  if (made === 0) return STRINGS.check.none;
  return [
    ...(passed > 0 ? [STRINGS.check.passed(passed)] : []),
    ...(remarks > 0 ? [STRINGS.check.remarks(remarks)] : []),
    ...(absent > 0 ? [STRINGS.check.notMade(absent)] : []),
  ].join(', ');
}

const GROUND_NAMES = new Set([...GROUNDS].map((name): string => CHECK_CODES[name].meaning));

/** What the checks come to, in one sentence: never that all is well where a ground of the model was not looked at. */
export function inAll(checks: readonly Check[]): string {
  const [failed] = failedOf(checks);
  if (failed) return failed.sentence;
  if (checks.every(({ state }) => state === 'absent')) return STRINGS.check.none;
  const missing = checks.filter(({ name, state }) => state === 'absent' && GROUND_NAMES.has(name));
  if (missing.length === 0) return STRINGS.check.good;
  return `${STRINGS.check.good} ${STRINGS.check.missing(missing.map(({ name }) => name).join(', '))}`;
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
  return (
    <Card icon="trust" title={STRINGS.check.card} keyWord={countsOf(checks)} sentence={inAll(checks)}>
      <ul className="pel-checks">
        {checks.map(({ name, state, sentence }) => (
          <li key={name} className={`is-${state}`}>
            <Icon name={ICONS[state]} />
            <span>
              <Said>{name}</Said>: {STRINGS.check.states[state]}
            </span>
            <Said className="why">{sentence}</Said>
          </li>
        ))}
      </ul>
    </Card>
  );
}
