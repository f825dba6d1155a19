import { Fault } from '../shared/fault.ts';
import type { Reading } from './contract/reading.ts';
import type { CaseState } from './contract/worklist.ts';
import type { Held } from './judge.ts';

/** Who may sign a case, as what, and what a signature must hold. */
export interface MayRead {
  readonly may: boolean;
  readonly as: 'reader' | 'arbiter';
  readonly why?: string;
}

/** Two read; what they differ in a third settles. */
const MOST_READERS = 2;

/** A verdict of each finding, once: nobody verifies what he did not look at. */
export function assertOfAll({ findings }: Reading, count: number): void {
  const said = findings.map(({ finding }) => finding);
  const missing = Array.from({ length: count }, (_, n) => n).filter((n) => !said.includes(n));
  if (missing.length > 0)
    throw new Fault('REQUEST_INVALID', `findings: no verdict of ${missing.join(', ')} (counted from 0)`);
  const isOnce = new Set(said).size === said.length && said.every((n) => n < count);
  if (!isOnce)
    throw new Fault('REQUEST_INVALID', `findings: one verdict of each of the ${count}, and no other`);
}

/** As what a person signs. Throws READING_REFUSED when it is not asked, or amends what is not its own. */
export function roleOf(
  state: CaseState,
  held: readonly Held[],
  subject: string,
  amends: string | undefined,
): 'reader' | 'arbiter' {
  if (amends !== undefined) {
    const own = held.find(({ id }) => id === amends);
    if (own?.subject !== subject)
      throw new Fault('READING_REFUSED', 'amends: it is no reading of yours, or you have amended it already');
    return own.role;
  }
  const { may, as, why } = mayRead(state, held, subject);
  if (!may) throw new Fault('READING_REFUSED', why ?? 'nothing is to be signed');
  return as;
}

/** Whether a person is asked, and as what. */
export function mayRead(state: CaseState, held: readonly Held[], subject: string): MayRead {
  const readers = held.filter(({ role }) => role === 'reader');
  const as = state === 'differ' || held.length > readers.length ? 'arbiter' : 'reader';
  if (held.some((h) => h.subject === subject))
    return { may: false, as, why: 'you have signed it; amend your reading where it was wrong' };
  if (held.some(({ role }) => role === 'arbiter')) return { may: false, as, why: 'it has been arbitrated' };
  if (as === 'reader' && readers.length >= MOST_READERS)
    return { may: false, as, why: 'two readers have signed it and agree' };
  return { may: true, as };
}
