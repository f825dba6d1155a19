import { priorsOf } from '../../ohif-extension/src/lib/priors.ts';
import type { Finding, ModelFacts, Result, Subject } from '../../ohif-extension/src/lib/result.ts';
import type { ResultSet } from '../../ohif-extension/src/lib/result-sets.ts';
import { FINDING } from '../helpers/finding.ts';

const HIPPOCAMPUS: Finding = { ...FINDING, label: 'Left hippocampus', trackingUID: '2.25.1', volumeMl: 2.61 };
const SUBJECT: Subject = {
  PatientID: 'A',
  IssuerOfPatientID: '',
  PatientBirthDate: '19700102',
  studiedAt: '2026-11-24T10:11:12',
};
const BEFORE = '2025-05-03T10:11:12';
const MODEL: ModelFacts = { name: 'Head', version: '2.0.0', id: 'head', digest: 'ab' };

interface Made {
  readonly subject?: Partial<Subject>;
  readonly model?: Partial<ModelFacts>;
  readonly finding?: Partial<Finding>;
  readonly study?: string;
}
const made = ({ subject, model, finding, study = '1.1' }: Made): Result => ({
  SOPInstanceUID: `${study}.9`,
  SeriesInstanceUID: '1',
  StudyInstanceUID: study,
  subject: { ...SUBJECT, studiedAt: BEFORE, ...subject },
  model: { ...MODEL, ...model },
  createdAt: BEFORE,
  verified: false,
  origin: 'explained',
  findings: [{ ...HIPPOCAMPUS, volumeMl: 2.75, ...finding }],
});
const setOf = (newest: Result, over: Partial<ResultSet> = {}): ResultSet => ({
  key: newest.SOPInstanceUID,
  newest,
  superseded: [],
  assessments: [],
  ...over,
});
const OPEN: Result = { ...made({ study: '1.2' }), subject: SUBJECT, findings: [HIPPOCAMPUS] };
const found = (...before: readonly ResultSet[]) => priorsOf(HIPPOCAMPUS, OPEN, before);

test('2.61 ml, was 2.75 ml: −5 %', () => {
  const [prior] = found(setOf(made({})));
  expect(prior).toMatchObject({ studiedAt: BEFORE, finding: { volumeMl: 2.75 }, isDoubtful: false });
  expect(prior?.change).toBeCloseTo(-0.0509, 4);
});

test('the newest first', () => {
  const at = (studiedAt: string, study: string) => setOf(made({ subject: { studiedAt }, study }));
  const priors = found(
    at('2023-01-01T00:00:00', '1.3'),
    at('2025-01-01T00:00:00', '1.4'),
    at('2024-01-01T00:00:00', '1.5'),
  );
  expect(priors.map(({ StudyInstanceUID }) => StudyInstanceUID)).toEqual(['1.4', '1.5', '1.3']);
});

test.each<[string, Made]>([
  ['of another Patient ID', { subject: { PatientID: 'B' } }],
  ['of the same number from another issuer', { subject: { IssuerOfPatientID: 'ELSEWHERE' } }],
  ['of another birth date', { subject: { PatientBirthDate: '19800102' } }],
  ['of the same study', { study: '1.2' }],
  ['of a later study', { subject: { studiedAt: '2026-11-25T00:00:00' } }],
  ['of another model’s label', { model: { id: 'other' }, finding: { trackingUID: '2.25.2' } }],
  ['of another label', { finding: { trackingUID: '2.25.2', label: 'Right hippocampus' } }],
])('no prior: a report %s', (_, before) => {
  expect(found(setOf(made(before)))).toEqual([]);
});

test('a report that does not say whose it is has no priors, and is none', () => {
  const { subject: _, ...unsaid } = made({});
  expect(found(setOf(unsaid))).toEqual([]);
  expect(priorsOf(HIPPOCAMPUS, unsaid, [setOf(made({ study: '1.9' }))])).toEqual([]);
});

test('a report from before tracking over studies is found by model and label', () => {
  expect(found(setOf(made({ finding: { trackingUID: '2.25.2' } })))).toHaveLength(1);
});

test.each<[string, Made, Partial<ResultSet>, object]>([
  ['another version', { model: { version: '1.0.0' } }, {}, { otherVersion: '1.0.0', isDoubtful: false }],
  ['other weights', { model: { digest: 'cd' } }, {}, { otherVersion: '2.0.0' }],
  [
    'a failed check',
    { finding: { checks: [{ name: 'features', state: 'failed', sentence: '' }] } },
    {},
    { isDoubtful: true },
  ],
  [
    'a rejection',
    {},
    { assessments: [{ verdict: 'Rejected', isRejected: true, of: '1' }] },
    { isDoubtful: true },
  ],
  ['a structure that was not there', { finding: { volumeMl: 0, present: false } }, {}, { isDoubtful: false }],
])('not compared, but shown: %s', (_, before, over, expected) => {
  const [prior] = found(setOf(made(before), over));
  expect(prior).toMatchObject(expected);
  expect(prior?.change).toBeUndefined();
});

test('what a person corrected then counts as corrected, and is said to be', () => {
  const corrected = { ...HIPPOCAMPUS, volumeMl: 2.5 };
  const assessment = { verdict: 'Modified', isRejected: false, of: '1', corrected: [corrected] };
  const [prior] = found(setOf(made({}), { assessments: [assessment] }));
  expect(prior).toMatchObject({ isCorrected: true, finding: { volumeMl: 2.5 } });
  expect(prior?.change).toBeCloseTo(0.044);
  expect(found(setOf(made({})))[0]?.isCorrected).toBe(false);
});

test('of a score the difference; of another program’s number only where name and unit are the same', () => {
  const scored = (value: number): Partial<Finding> => ({ score: { value, calibrated: true } });
  const change = (now: Partial<Finding>, then: Partial<Finding>): number | undefined => {
    const { volumeMl: _, ...bare } = HIPPOCAMPUS;
    const open = { ...bare, ...now };
    const before = made({});
    return priorsOf(open, OPEN, [setOf({ ...before, findings: [{ ...bare, ...then }] })])[0]?.change;
  };
  expect(change(scored(0.91), scored(0.34))).toBeCloseTo(0.57);
  const area = (value: number, unit = 'square centimeter') => ({
    measurements: [{ name: 'Area', value, unit }],
  });
  expect(change(area(5), area(4))).toBeCloseTo(0.25);
  expect(change(area(5), area(4, 'square millimeter'))).toBeUndefined();
});
