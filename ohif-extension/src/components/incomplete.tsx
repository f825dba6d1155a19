import type { Refusal } from '../hooks/use-results.ts';
import { STRINGS } from '../strings.ts';
import { LogIn } from './log-in.tsx';
import { LookAgain } from './look-again.tsx';
import { Notice } from './notice.tsx';

interface Props {
  /** How many reports the archive has and did not give. */
  readonly missing: number;
  /** Why it did not answer when it was asked again. */
  readonly stale: Refusal | undefined;
  /** Of ours, where a log-in there is the archive's too. */
  readonly server: string | null;
  readonly again: () => void;
}

/** Before all results: what is known to be missing of them. */
export function Incomplete({ missing, stale, server, again }: Props) {
  const { failures } = STRINGS;
  if (!stale && missing === 0) return null;
  return (
    <Notice kind="warn" title={stale ? failures.stale.title : failures.missing.title(missing)}>
      <span>{stale ? failures.stale.text : failures.missing.text}</span>
      {stale && <span className="pel-code">{stale.reason}</span>}
      <span>
        {stale?.isSignedOut && server !== null && <LogIn server={server} />} <LookAgain onClick={again} />
      </span>
    </Notice>
  );
}
