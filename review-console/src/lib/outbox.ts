import type { Signature, Signed } from '../../../server/review/contract/reading.ts';
import { ApiFault, type Session, sign } from './api.ts';
import { keep, keptJson, keptKeys } from './kept.ts';

/** A signature that the server has not confirmed yet. */
export interface Entry {
  readonly analysis: string;
  /** The case, for people. */
  readonly name: string;
  /** It is sent only as the same person. */
  readonly signer: Pick<Session, 'subject' | 'name'>;
  readonly signature: Signature;
}

export type Outcome =
  | { readonly state: 'signed'; readonly signed: Signed }
  /** Kept in this browser, and tried again by itself. */
  | { readonly state: 'kept'; readonly fault: ApiFault }
  | { readonly state: 'refused'; readonly fault: ApiFault };

const PREFIX = 'pellucid.review.signature.';
const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;

/**
 * Signatures on their way: each is kept in the browser under its key before it is sent, and until an answer came; so none is lost when the
 * network or the page goes, and none is written twice, for the server knows the key.
 */
export class Outbox {
  #waitMs = FIRST_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #session: Session;
  readonly #onChange: () => void;
  readonly #onOutcome: (entry: Entry, outcome: Outcome) => void;
  readonly #atWork = new Set<string>();

  /** `onOutcome` is told of those that were sent later. */
  constructor(
    session: Session,
    { onChange, onOutcome }: { onChange: () => void; onOutcome: (entry: Entry, outcome: Outcome) => void },
  ) {
    this.#session = session;
    this.#onChange = onChange;
    this.#onOutcome = onOutcome;
    window.addEventListener('online', this.#retry);
    if (this.waiting.length > 0) this.#later(0);
  }

  close(): void {
    clearTimeout(this.#timer);
    window.removeEventListener('online', this.#retry);
  }

  /** All that wait in this browser, of others too. */
  get waiting(): readonly Entry[] {
    return keptKeys(PREFIX).flatMap((key) => {
      const entry = keptJson<Entry>(key);
      return entry ? [entry] : [];
    });
  }

  isOurs({ signer }: Entry): boolean {
    return signer.subject === this.#session.subject;
  }

  async send(entry: Entry): Promise<Outcome> {
    const { key } = entry.signature;
    keep(PREFIX + key, entry);
    this.#atWork.add(key);
    try {
      const outcome = await this.#try(entry);
      if (outcome.state === 'kept') this.#later(this.#waitMs);
      else keep(PREFIX + key, undefined);
      return outcome;
    } finally {
      this.#atWork.delete(key);
      this.#onChange();
    }
  }

  async #try({ analysis, signature }: Entry): Promise<Outcome> {
    try {
      return { state: 'signed', signed: await sign(analysis, signature) };
    } catch (error) {
      const fault =
        error instanceof ApiFault ? error : new ApiFault(0, { code: 'INTERNAL', detail: String(error) });
      // Whose session has ended logs in again.
      return { state: fault.mayPass || fault.status === 401 ? 'kept' : 'refused', fault };
    }
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#retry, ms);
  }

  readonly #retry = async (): Promise<void> => {
    clearTimeout(this.#timer);
    let stays = false;
    for (const entry of this.waiting) {
      if (!this.isOurs(entry) || this.#atWork.has(entry.signature.key)) continue;
      const outcome = await this.send(entry);
      if (outcome.state === 'kept') stays = true;
      else this.#onOutcome(entry, outcome);
    }
    this.#waitMs = stays ? Math.min(LONGEST_MS, this.#waitMs * 2) : FIRST_MS;
    if (stays) this.#later(this.#waitMs);
  };
}
