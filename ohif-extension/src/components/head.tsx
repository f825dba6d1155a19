import { moment } from '../lib/format.ts';
import type { Result } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly result: Result;
  /** Index of the finding that is shown. */
  readonly selected: number;
  /** Local, `2026-11-25T14:02:00`. */
  readonly now: string;
}

/** Which model, which version, when, and whether a person has verified it. */
export const Head = ({ result: { model, createdAt, verified, findings }, selected, now }: Props) => (
  <header className="pel-head">
    <h2>
      {model.name} {model.version}
    </h2>
    <span className={verified ? 'pel-tag is-ok' : 'pel-tag'}>
      <Icon name={verified ? 'check' : 'circle'} />
      {verified ? STRINGS.verified : STRINGS.unverified}
    </span>
    <p>
      {[STRINGS.findingOf(selected + 1, findings.length), moment(createdAt, now)].filter(Boolean).join(' · ')}
    </p>
  </header>
);
