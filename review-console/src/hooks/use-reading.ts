import { useCallback, useEffect, useRef, useState } from 'react';
import type { Case } from '../../../server/review/contract/case.ts';
import { useDesk } from '../desk.tsx';
import { saveDraft } from '../lib/api.ts';
import { keepDraft, keptDraft } from '../lib/draft.ts';
import { EMPTY, type Form, formOf, readingOf } from '../lib/verdict.ts';

/** A draft goes to the server when the reader rests. */
const REST_MS = 1_000;

export type Kept = 'nothing' | 'here' | 'server' | 'nowhere';

/** What the reader says of a case, kept from the first word on: in this browser at once, on the server soon after. */
export function useReading(loaded: Case) {
  const { session } = useDesk();
  const { analysis } = loaded;
  const [form, setForm] = useState<Form>(() => firstForm(loaded, keptDraft(session, analysis)));
  const [kept, setKept] = useState<Kept>('nothing');
  const spent = useSpent(loaded.draft?.spentMs ?? 0);
  const resting = useRef<{ readonly timer: ReturnType<typeof setTimeout>; readonly form: Form } | undefined>(
    undefined,
  );
  const save = useCallback(
    (next: Form) => {
      const reading = readingOf(next, spent());
      if (!reading) return;
      saveDraft(analysis, reading).then(
        () => {
          keepDraft(session, analysis, { form: next, isSaved: true });
          setKept('server');
        },
        // It is kept here; the next change tries again.
        () => undefined,
      );
    },
    [analysis, session, spent],
  );
  const flush = useRef((): void => undefined);
  flush.current = () => {
    clearTimeout(resting.current?.timer);
    if (resting.current) save(resting.current.form);
    resting.current = undefined;
  };
  const change = useCallback(
    (make: (form: Form) => Form) => {
      setForm((old) => {
        const next = make(old);
        if (next === old) return old;
        setKept(keepDraft(session, analysis, { form: next, isSaved: false }) ? 'here' : 'nowhere');
        clearTimeout(resting.current?.timer);
        resting.current = { form: next, timer: setTimeout(() => flush.current(), REST_MS) };
        return next;
      });
    },
    [analysis, session],
  );
  /** It is signed, or on its way: no draft any more. */
  const end = useCallback(() => {
    clearTimeout(resting.current?.timer);
    resting.current = undefined;
    keepDraft(session, analysis, undefined);
  }, [analysis, session]);
  // Who goes on to another case has said it all the same.
  useEffect(() => () => flush.current(), []);
  return { form, change, kept, spent, end };
}

/** What this browser has and the server does not is the newest. */
function firstForm({ draft, readings, mySignature }: Case, here: ReturnType<typeof keptDraft>): Form {
  if (here && !here.isSaved) return here.form;
  if (draft) return formOf(draft);
  const mine = readings.find(({ id }) => id === mySignature);
  return mine ? formOf(mine.reading) : EMPTY;
}

/** Milliseconds that the page has been before the reader's eyes, with those of the draft. */
function useSpent(before: number): () => number {
  const shown = useRef({ ms: before, since: document.hidden ? undefined : performance.now() });
  useEffect(() => {
    const onChange = () => {
      const { ms, since } = shown.current;
      shown.current = document.hidden
        ? { ms: ms + (since === undefined ? 0 : performance.now() - since), since: undefined }
        : { ms, since: performance.now() };
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);
  return useCallback(() => {
    const { ms, since } = shown.current;
    return ms + (since === undefined ? 0 : performance.now() - since);
  }, []);
}
