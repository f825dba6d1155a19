import type { Change } from '../lib/corrected.ts';
import { fixed } from '../lib/figures.ts';
import { volume } from '../lib/format.ts';
import { STRINGS } from '../strings.ts';
import { Notice } from './notice.tsx';

interface Props {
  readonly person: string | undefined;
  readonly changes: readonly Change[];
}

/** Two volumes, ml, with so many digits that the change can be seen. */
export function apart(now: number, was: number): [now: string, was: string] {
  if (volume(now) !== volume(was)) return [volume(now), volume(was)];
  const digits = [1, 2, 3].find((n) => now.toFixed(n) !== was.toFixed(n)) ?? 3;
  return [fixed(now, digits), fixed(was, digits)];
}

/** What a person changed, before what the model says. */
export const Corrected = ({ person, changes }: Props) => (
  <Notice kind="info" title={STRINGS.corrected.title(person)}>
    {changes.map(({ label, volumes }) => (
      <span key={label}>
        {volumes
          ? STRINGS.corrected.volume(label, ...apart(volumes.now, volumes.was))
          : STRINGS.corrected.outlined(label)}
      </span>
    ))}
    <span>{STRINGS.corrected.rest}</span>
  </Notice>
);
