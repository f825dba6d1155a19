import { useCallback, useEffect, useState } from 'react';
import {
  type Decision,
  type Modification,
  type Report,
  type Signer,
  send,
  type Unsigned,
  type Verdict,
} from '../lib/assessments.ts';
import type { Finding, Result } from '../lib/result.ts';
import type { Correction } from './use-correction.ts';
import { type Draft, draftOf, keepDraft, useDraft } from './use-draft.ts';
import { keepSending, type Sending, sendingOf, useSending } from './use-sending.ts';
import { useSigner } from './use-signer.ts';

export type Assessing =
  | { readonly state: 'idle' }
  /** A verdict was chosen where nobody can sign. */
  | { readonly state: 'unable' }
  | { readonly state: 'choosing'; readonly verdict: Verdict }
  | Sending;

export interface Desk {
  readonly signer: Signer | undefined;
  /** Why nobody can sign. */
  readonly unsigned: Unsigned | undefined;
  readonly correction: Correction;
  readonly assessing: Assessing;
  /** Undefined until a verdict is chosen. */
  readonly draft: Draft | undefined;
  readonly write: (change: Partial<Draft>) => void;
  readonly choose: (verdict: Verdict) => void;
  readonly cancel: () => void;
  readonly sign: () => void;
}

interface Assessed {
  /** The document that the reader speaks of: the result's, or the last correction of it. */
  readonly report: Report;
  readonly result: Result;
  /** Those that it took the place of. */
  readonly superseded: readonly Result[];
  readonly correction: Correction;
}

/**
 * The reader's assessment of a result: chosen, corrected where that was chosen, signed, saved. What is not saved is kept while the page is, said to be
 * unsaved, and asked for before it is lost.
 */
export function useAssessing(
  server: string | null,
  { report, result, superseded, correction }: Assessed,
  onSaved: () => void,
): Desk {
  const found = useSigner(server);
  const signer = typeof found === 'object' ? found : undefined;
  const unsigned = typeof found === 'string' ? found : undefined;
  const { correcting, begin, end } = correction;
  const of = result.SOPInstanceUID;
  const kept = useDraft(of);
  const draft = kept ?? (correcting && UNSAID);
  const [unable, setUnable] = useState<{ readonly state: 'unable'; readonly of: string }>();
  const sending = useSending(of);
  const refused = unsigned && unable?.of === of ? unable : undefined;
  const assessing = sending ?? refused ?? chosenOf(correcting !== undefined, kept);
  const isAskedFor = isNews(assessing);
  // No matter which tab was open when the answer came; where none did, the archive may have it all the same.
  useEffect(() => {
    if (isAskedFor) onSaved();
  }, [isAskedFor, onSaved]);
  useEffect(() => () => forgetSaved(of), [of]);
  const choose = useCallback(
    (verdict: Verdict) => {
      if (sendingOf(of)?.state === 'saving') return;
      if (unsigned) return setUnable({ state: 'unable', of });
      if (!signer) return;
      // What was painted is not lost by a key: it is discarded first.
      if (correcting?.isChanged) return;
      if (verdict !== 'modified') end();
      else if (!begin()) return;
      // A verdict is chosen anew of a newer result; what was written is not lost.
      const older = superseded.map(({ SOPInstanceUID }) => SOPInstanceUID);
      const before = [of, ...older].map(draftOf).find(Boolean);
      for (const each of older) keepDraft(each);
      const reason = before?.verdict === verdict ? before.reason : '';
      keepDraft(of, { verdict, reason, note: before?.note ?? '' });
      keepSending(of);
    },
    [signer, unsigned, correcting, begin, end, of, superseded],
  );
  const write = useCallback(
    (change: Partial<Draft>) => {
      if (draft && sendingOf(of)?.state !== 'saving') keepDraft(of, { ...draft, ...change });
    },
    [of, draft],
  );
  const cancel = useCallback(() => {
    if (sendingOf(of)?.state === 'saving') return;
    end();
    keepDraft(of);
    keepSending(of);
  }, [end, of]);
  const sign = useCallback(async () => {
    if (server === null || !draft || sendingOf(of)?.state === 'saving') return;
    const { verdict, reason, note } = draft;
    const decision: Decision = { verdict, ...(reason ? { reason } : {}), ...(note ? { note } : {}) };
    keepSending(of, { state: 'saving', verdict });
    const sent = await modificationOf(correction, result)
      .then((modified) => send(server, report, { ...decision, ...modified }))
      .catch(() => ({ state: 'failed', cause: 'refused', why: '' }) as const);
    if (sent.state === 'failed') return keepSending(of, { ...sent, verdict });
    end();
    keepDraft(of);
    keepSending(of, sent);
  }, [server, draft, report, result, correction, end, of]);
  return {
    signer,
    unsigned,
    correction,
    assessing,
    draft,
    write,
    choose,
    cancel,
    sign,
  };
}

/** Whether the archive has, or may have, what it had not. */
const isNews = (told: Assessing): boolean =>
  told.state === 'saved' || told.state === 'kept' || (told.state === 'failed' && told.cause === 'unknown');

/** Said once. */
function forgetSaved(of: string): void {
  const state = sendingOf(of)?.state;
  if (state === 'saved' || state === 'kept') keepSending(of);
}

/** Of a correction that was found again. */
const UNSAID: Draft = { verdict: 'modified', reason: '', note: '' };

/** Found again when the panel comes back. */
function chosenOf(isCorrecting: boolean, draft: Draft | undefined): Assessing {
  if (isCorrecting) return { state: 'choosing', verdict: 'modified' };
  // Of a correction that is gone nothing can be signed.
  if (!draft || draft.verdict === 'modified') return { state: 'idle' };
  return { state: 'choosing', verdict: draft.verdict };
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
