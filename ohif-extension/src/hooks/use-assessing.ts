import { useCallback, useEffect, useState } from 'react';
import { type Decision, fetchSigner, type Signer, send, type Verdict } from '../lib/assessments.ts';
import type { Result } from '../lib/result.ts';

export type Assessing =
  | { readonly state: 'idle' }
  | { readonly state: 'choosing' | 'saving' | 'failed'; readonly verdict: Verdict }
  | { readonly state: 'saved' };

export interface Desk {
  readonly signer: Signer | undefined;
  readonly assessing: Assessing;
  readonly choose: (verdict: Verdict) => void;
  readonly cancel: () => void;
  readonly sign: (decision: Decision) => void;
}

/** The reader's assessment of a result: chosen, signed, saved. What is not saved is lost with the panel, and said to be unsaved. */
export function useAssessing(server: string | null, result: Result, onSaved: () => void): Desk {
  const [signer, setSigner] = useState<Signer>();
  const [assessing, setAssessing] = useState<Assessing>({ state: 'idle' });
  useEffect(() => {
    if (server === null) return;
    const stop = new AbortController();
    void fetchSigner(server, stop.signal).then((found) => {
      if (!stop.signal.aborted) setSigner(found);
    });
    return () => stop.abort();
  }, [server]);
  const choose = useCallback(
    (verdict: Verdict) => {
      if (signer) setAssessing({ state: 'choosing', verdict });
    },
    [signer],
  );
  const cancel = useCallback(() => setAssessing({ state: 'idle' }), []);
  const sign = useCallback(
    (decision: Decision) => {
      if (server === null) return;
      setAssessing({ state: 'saving', verdict: decision.verdict });
      void send(server, result, decision).then((isSaved) => {
        setAssessing(isSaved ? { state: 'saved' } : { state: 'failed', verdict: decision.verdict });
        if (isSaved) onSaved();
      });
    },
    [server, result, onSaved],
  );
  return { signer, assessing, choose, cancel, sign };
}
