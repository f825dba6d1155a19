import type { Change } from '../lib/corrected.ts';
import { volume } from '../lib/format.ts';
import { STRINGS } from '../strings.ts';
import { Notice } from './notice.tsx';

interface Props {
  readonly person: string | undefined;
  readonly changes: readonly Change[];
}

/** What a person changed, before what the model says. */
export const Corrected = ({ person, changes }: Props) => (
  <Notice kind="info" title={STRINGS.corrected.title(person)}>
    {changes.map(({ label, volumes }) => (
      <span key={label}>
        {volumes
          ? STRINGS.corrected.volume(label, volume(volumes.now), volume(volumes.was))
          : STRINGS.corrected.outlined(label)}
      </span>
    ))}
    <span>{STRINGS.corrected.rest}</span>
  </Notice>
);
