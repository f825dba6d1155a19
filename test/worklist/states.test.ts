import fc from 'fast-check';
import {
  cancelRequested,
  changed,
  STEP_STATES,
  type StepState,
  updated,
  type Verdict,
} from '../../server/worklist/states.ts';

/** PS3.4 table CC.1.1-2, row by row: an answer is the state afterwards, `!` for one that it had already, or the HTTP status of the refusal. */

const told = (verdict: Verdict): string =>
  verdict.ok ? `${verdict.state}${verdict.warning ? '!' : ''}` : String(verdict.status);
const RIGHT = '1.2.3';
const WRONG = '1.2.4';

test.each<[string, StepState, string | undefined, readonly string[]]>([
  // What is asked, with which Transaction UID; in the states SCHEDULED, IN PROGRESS, COMPLETED, CANCELED.
  ['IN PROGRESS', 'IN PROGRESS', RIGHT, ['IN PROGRESS', '409', '409', '409']],
  ['IN PROGRESS without a UID', 'IN PROGRESS', undefined, ['400', '400', '400', '400']],
  ['SCHEDULED', 'SCHEDULED', RIGHT, ['409', '409', '409', '409']],
  ['COMPLETED', 'COMPLETED', RIGHT, ['409', 'COMPLETED', 'COMPLETED!', '409']],
  ['COMPLETED by another', 'COMPLETED', WRONG, ['409', '400', '400', '400']],
  ['COMPLETED without a UID', 'COMPLETED', undefined, ['400', '400', '400', '400']],
  ['CANCELED', 'CANCELED', RIGHT, ['409', 'CANCELED', '409', 'CANCELED!']],
  ['CANCELED by another', 'CANCELED', WRONG, ['409', '400', '400', '400']],
  ['CANCELED without a UID', 'CANCELED', undefined, ['400', '400', '400', '400']],
])('change to %s', (_, to, transaction, answers) => {
  const lockIn = (state: StepState) => (state === 'SCHEDULED' ? undefined : RIGHT);
  expect(
    STEP_STATES.map((from) => told(changed(from, to, { transaction, lock: lockIn(from), isComplete: true }))),
  ).toEqual(answers);
});

test('what a final state requires must be there first', () => {
  const asked = { transaction: RIGHT, lock: RIGHT, isComplete: false };
  expect(changed('IN PROGRESS', 'COMPLETED', asked)).toMatchObject({
    status: 409,
    warning: expect.stringContaining('final state requirements'),
  });
});

test.each<[string, string | undefined, readonly string[]]>([
  ['without a UID', undefined, ['SCHEDULED', '400', '409', '409']],
  ['with that of the claim', RIGHT, ['409', 'IN PROGRESS', '409', '409']],
  ['with another', WRONG, ['409', '400', '409', '409']],
])('an update %s', (_, transaction, answers) => {
  const lockIn = (state: StepState) => (state === 'SCHEDULED' ? undefined : RIGHT);
  expect(STEP_STATES.map((from) => told(updated(from, { transaction, lock: lockIn(from) })))).toEqual(
    answers,
  );
});

test.each([
  ['ourselves', true, ['CANCELED', 'CANCELED', '409', 'CANCELED!']],
  ['someone who cannot be told', false, ['CANCELED', '409', '409', 'CANCELED!']],
] as const)('a request to cancel what is performed by %s', (_, reaches, answers) => {
  expect(STEP_STATES.map((from) => told(cancelRequested(from, reaches)))).toEqual(answers);
});

test('whatever is asked in whatever order, what is final stays, and nobody gets past a lock', () => {
  const ask = fc.record({
    to: fc.constantFrom(...STEP_STATES),
    transaction: fc.constantFrom(undefined, RIGHT, WRONG),
    isComplete: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(ask, { maxLength: 12 }), (asks) => {
      let state: StepState = 'SCHEDULED';
      let lock: string | undefined;
      for (const { to, transaction, isComplete } of asks) {
        const verdict = changed(state, to, { transaction, lock, isComplete });
        if (!verdict.ok) continue;
        if (state === 'COMPLETED' || state === 'CANCELED') expect(verdict.state).toBe(state);
        if (lock !== undefined) expect(transaction).toBe(lock);
        if (state === 'SCHEDULED') lock = transaction;
        state = verdict.state;
      }
    }),
  );
});
