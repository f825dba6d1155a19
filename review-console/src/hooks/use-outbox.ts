import { useCallback, useEffect, useRef, useState } from 'react';
import type { Session } from '../lib/api.ts';
import { keepDraft } from '../lib/draft.ts';
import { type Entry, Outbox, type Outcome } from '../lib/outbox.ts';
import { formOf } from '../lib/verdict.ts';
import { STRINGS } from '../strings.ts';

/** Signatures on their way, for as long as this page lives. */
export function useOutbox(session: Session | undefined, say: (words: string) => void) {
  const [waiting, setWaiting] = useState(0);
  const outbox = useRef<Outbox | undefined>(undefined);
  useEffect(() => {
    if (!session) return;
    const onChange = () => setWaiting(outbox.current?.waiting.length ?? 0);
    const onOutcome = (entry: Entry, outcome: Outcome) => {
      if (outcome.state === 'signed') say(STRINGS.outbox.later(entry.name, outcome.signed.sentence));
      if (outcome.state !== 'refused') return;
      // What was said is a draft again.
      keepDraft(session, entry.analysis, { form: formOf(entry.signature.reading), isSaved: false });
      say(STRINGS.outbox.refused(entry.name, outcome.fault.message));
    };
    outbox.current = new Outbox(session, { onChange, onOutcome });
    onChange();
    const others = outbox.current.waiting.find((entry) => !outbox.current?.isOurs(entry));
    if (others) say(STRINGS.outbox.ofOthers(others.signer.name));
    return () => outbox.current?.close();
  }, [session, say]);
  const send = useCallback(
    (entry: Omit<Entry, 'signer'>): Promise<Outcome> => {
      if (!outbox.current || !session) throw new Error('nobody is logged in');
      const { subject, name } = session;
      return outbox.current.send({ ...entry, signer: { subject, name } });
    },
    [session],
  );
  return { waiting, send };
}
