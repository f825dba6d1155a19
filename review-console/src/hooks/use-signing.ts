import { useRef, useState } from 'react';
import type { Case } from '../../../server/review/contract/case.ts';
import type { Reading } from '../../../server/review/contract/reading.ts';
import { useDesk } from '../desk.tsx';
import type { ApiFault } from '../lib/api.ts';
import { STRINGS } from '../strings.ts';

export type Signing =
  | { readonly state: 'idle' }
  | { readonly state: 'signing' }
  | { readonly state: 'refused'; readonly fault: ApiFault };

/** Signs once, under one key; `onDone` when it is signed or safely on its way. */
export function useSigning({ analysis, name }: Pick<Case, 'analysis' | 'name'>, onDone: () => void) {
  const { send, say } = useDesk();
  const [signing, setSigning] = useState<Signing>({ state: 'idle' });
  const isAtWork = useRef(false);
  const sign = async (reading: Reading, amends: string | undefined): Promise<void> => {
    if (isAtWork.current) return;
    isAtWork.current = true;
    setSigning({ state: 'signing' });
    const signature = { key: crypto.randomUUID(), reading, ...(amends ? { amends } : {}) };
    const outcome = await send({ analysis, name, signature });
    isAtWork.current = false;
    if (outcome.state === 'refused') return setSigning({ state: 'refused', fault: outcome.fault });
    setSigning({ state: 'idle' });
    say(outcome.state === 'signed' ? STRINGS.outbox.later(name, outcome.signed.sentence) : STRINGS.done.kept);
    onDone();
  };
  return { signing, sign };
}
