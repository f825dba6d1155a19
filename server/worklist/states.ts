/** The states of a Unified Procedure Step and what each allows (PS3.4 §CC.1.1, tables CC.1.1-2 and CC.2). */

export const STEP_STATES = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED'] as const;
export type StepState = (typeof STEP_STATES)[number];

export type Verdict =
  /** The state afterwards; with a warning when it was that already. */
  | { readonly ok: true; readonly state: StepState; readonly warning?: string }
  | { readonly ok: false; readonly status: 400 | 409; readonly warning: string };

export interface Asking {
  /** Absent: it was not sent. */
  readonly transaction: string | undefined;
  /** That of who has the step; absent while nobody has. */
  readonly lock: string | undefined;
  /** Whether what a final state requires is there (CC.2.5.1.3). */
  readonly isComplete: boolean;
}

/** The words of PS3.18 §11, which follow `299` and our name in a Warning header. */
const SAYS = {
  missing: 'The Transaction UID is missing.',
  incorrect: 'The Transaction UID is incorrect.',
  inconsistent: 'The submitted request is inconsistent with the current state of the UPS Instance.',
  canceled: 'The UPS is already in the requested state of CANCELED.',
  completed: 'The UPS is already in the requested state of COMPLETED.',
  unmet: 'The UPS has not met final state requirements for the requested state change.',
  unreachable: 'The performer cannot be contacted.',
} as const;

const no = (status: 400 | 409, warning: string): Verdict => ({ ok: false, status, warning });
const conflict = no(409, SAYS.inconsistent);

/** A performer wants another state. */
export function changed(from: StepState, to: StepState, { transaction, lock, isComplete }: Asking): Verdict {
  if (to === 'SCHEDULED') return conflict;
  if (transaction === undefined) return no(400, SAYS.missing);
  // Who claims brings the UID that locks the step from then on.
  if (to === 'IN PROGRESS') return from === 'SCHEDULED' ? { ok: true, state: to } : conflict;
  if (from === 'SCHEDULED') return conflict;
  if (lock !== undefined && transaction !== lock) return no(400, SAYS.incorrect);
  if (from === to)
    return { ok: true, state: to, warning: to === 'COMPLETED' ? SAYS.completed : SAYS.canceled };
  if (from !== 'IN PROGRESS') return conflict;
  return isComplete ? { ok: true, state: to } : no(409, SAYS.unmet);
}

/** Somebody, the performer or before it is claimed anyone, changes what the step says. */
export function updated(from: StepState, { transaction, lock }: Omit<Asking, 'isComplete'>): Verdict {
  if (from === 'SCHEDULED') return transaction === undefined ? { ok: true, state: from } : conflict;
  if (from !== 'IN PROGRESS') return conflict;
  if (transaction === undefined) return no(400, SAYS.missing);
  return transaction === lock ? { ok: true, state: from } : no(400, SAYS.incorrect);
}

/** Somebody wants that it is not performed. `reaches`: the performer can be told, because it is ourselves. */
export function cancelRequested(from: StepState, reaches: boolean): Verdict {
  if (from === 'CANCELED') return { ok: true, state: from, warning: SAYS.canceled };
  if (from === 'COMPLETED') return conflict;
  if (from === 'SCHEDULED' || reaches) return { ok: true, state: 'CANCELED' };
  return no(409, SAYS.unreachable);
}
