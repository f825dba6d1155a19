import { useCallback, useEffect, useState } from 'react';
import {
  type Decision,
  fetchSigner,
  type Modification,
  type Report,
  type Signer,
  send,
  type Unsigned,
  type Verdict,
} from '../lib/assessments.ts';
import type { Finding, Result } from '../lib/result.ts';
import type { Correction } from './use-correction.ts';

export type Assessing =
  | { readonly state: 'idle' }
  | { readonly state: 'choosing' | 'saving'; readonly verdict: Verdict }
  | { readonly state: 'failed'; readonly verdict: Verdict; readonly why: string }
  /** Kept: others are still to read it, and the report is written then. */
  | { readonly state: 'saved' | 'kept' };

export interface Desk {
  readonly signer: Signer | undefined;
  /** Why nobody can sign. */
  readonly unsigned: Unsigned | undefined;
  readonly correction: Correction;
  readonly assessing: Assessing;
  readonly choose: (verdict: Verdict) => void;
  readonly cancel: () => void;
  readonly sign: (decision: Decision) => void;
}

interface Assessed {
  /** The document that the reader speaks of: the result's, or the last correction of it. */
  readonly report: Report;
  readonly result: Result;
  readonly correction: Correction;
}

/**
 * The reader's assessment of a result: chosen, corrected where that was chosen, signed, saved. What is not saved is lost with the study, and said
 * to be unsaved.
 */
export function useAssessing(
  server: string | null,
  { report, result, correction }: Assessed,
  onSaved: () => void,
): Desk {
  const [found, setFound] = useState<Signer | Unsigned>();
  const signer = typeof found === 'object' ? found : undefined;
  const { correcting, begin, end } = correction;
  // A correction that is under way is found again when the panel comes back.
  const [assessing, setAssessing] = useState<Assessing>(
    correcting ? { state: 'choosing', verdict: 'modified' } : { state: 'idle' },
  );
  useEffect(() => {
    const stop = new AbortController();
    void fetchSigner(server, stop.signal).then((answer) => {
      if (!stop.signal.aborted) setFound(answer);
    });
    return () => stop.abort();
  }, [server]);
  const choose = useCallback(
    (verdict: Verdict) => {
      if (!signer) return;
      // What was painted is not lost by a key: it is discarded first.
      if (correcting?.isChanged) return;
      if (verdict !== 'modified') end();
      else if (!begin()) return;
      setAssessing({ state: 'choosing', verdict });
    },
    [signer, correcting, begin, end],
  );
  const cancel = useCallback(() => {
    end();
    setAssessing({ state: 'idle' });
  }, [end]);
  const sign = useCallback(
    async (decision: Decision) => {
      if (server === null) return;
      const { verdict } = decision;
      setAssessing({ state: 'saving', verdict });
      const sent = await modificationOf(correction, result)
        .then((modified) => send(server, report, { ...decision, ...modified }))
        .catch(() => ({ state: 'failed', why: '' }) as const);
      setAssessing(sent.state === 'failed' ? { ...sent, verdict } : sent);
      if (sent.state === 'failed') return;
      end();
      onSaved();
    },
    [server, report, result, correction, end, onSaved],
  );
  return {
    signer,
    unsigned: typeof found === 'string' ? found : undefined,
    correction,
    assessing,
    choose,
    cancel,
    sign,
  };
}

async function modificationOf(
  { correcting }: Correction,
  { findings }: Result,
): Promise<Modification | object> {
  const { edit } = correcting ?? {};
  if (!edit) return {};
  if (edit.kind === 'outlines') return { outlines: edit.outlines() };
  const of = (finding: Finding) => finding.segment?.SeriesInstanceUID === edit.series;
  const SOPInstanceUID = findings.find(of)?.segment?.SOPInstanceUID ?? '';
  return { masks: { SeriesInstanceUID: edit.series, SOPInstanceUID, ...(await edit.masks()) } };
}
