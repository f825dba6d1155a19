import fc from 'fast-check';
import {
  agreeWithRest,
  EMPTY,
  type Form,
  formOf,
  lackOf,
  readingOf,
  withFinding,
  withReason,
} from '../../review-console/src/lib/verdict.ts';
import { REASONS, Reading } from '../../server/review/contract/reading.ts';

const judged = (verdict: 'agree' | 'disagree' | 'cannot-tell'): Form => withFinding(EMPTY, 0, { verdict });

test.each([
  ['nothing was said', EMPTY, 1, { what: 'verdict', finding: 0 }],
  ['a disagreement has no reason', judged('disagree'), 1, { what: 'reason', finding: 0 }],
  ['the second finding is open', judged('agree'), 2, { what: 'verdict', finding: 1 }],
  ['all is said', judged('cannot-tell'), 1, undefined],
  ['the rest is agreed with', agreeWithRest(judged('cannot-tell'), 3), 3, undefined],
] as const)('what is missing when %s', (_, form, count, lack) => {
  expect(lackOf(form, count)).toEqual(lack);
});

test('to agree with the rest changes nothing that was said', () => {
  const form = agreeWithRest(withReason(judged('disagree'), 0, 'artefact'), 2);
  expect(form.findings[0]).toEqual({ verdict: 'disagree', reasons: ['artefact'] });
  expect(form.findings[1]).toMatchObject({ verdict: 'agree' });
});

test('a reason is given and taken back', () => {
  const once = withReason(EMPTY, 0, 'other');
  expect(once.findings[0]?.reasons).toEqual(['other']);
  expect(withReason(once, 0, 'other').findings[0]?.reasons).toEqual([]);
});

test('what cannot be signed yet is not sent, not even as a draft', () => {
  expect(readingOf(EMPTY, 0)).toBeUndefined();
  expect(readingOf(judged('disagree'), 0)).toBeUndefined();
  expect(readingOf({ ...EMPTY, note: 'a note alone' }, 0)).toBeUndefined();
});

test('whatever is said, what is sent is a reading of the contract and comes back the same', () => {
  const finding = fc.record(
    {
      verdict: fc.constantFrom('agree', 'disagree', 'cannot-tell'),
      reasons: fc.uniqueArray(fc.constantFrom(...REASONS)),
      explanation: fc.integer({ min: 1, max: 5 }),
      truth: fc.record({
        present: fc.boolean(),
        source: fc.constantFrom('report', 'pathology'),
        words: fc.constantFrom('', ' a middle lobe ', 'x'),
      }),
    },
    { requiredKeys: ['reasons'] },
  );
  const forms = fc.record({
    findings: fc.dictionary(fc.integer({ min: 0, max: 20 }).map(String), finding),
    note: fc.constantFrom('', '  ', 'Side marker.'),
  });
  fc.assert(
    fc.property(forms, fc.float({ min: -5, max: 1e9, noNaN: true }), (form, spent) => {
      const reading = readingOf(form as unknown as Form, spent);
      if (!reading) return;
      expect(Reading.parse(reading)).toEqual(reading);
      expect(readingOf(formOf(reading), reading.spentMs ?? 0)).toEqual(reading);
    }),
  );
});
