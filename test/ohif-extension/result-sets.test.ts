import { disagreements } from '../../ohif-extension/src/lib/disagreement.ts';
import type { Result } from '../../ohif-extension/src/lib/result.ts';
import { resultSets, unfinishedIn } from '../../ohif-extension/src/lib/result-sets.ts';
import { FINDING } from '../helpers/finding.ts';

const result = (
  SOPInstanceUID: string,
  createdAt: string,
  trackingUID: string,
  version = '1.0.0',
): Result => ({
  SOPInstanceUID,
  SeriesInstanceUID: '1',
  StudyInstanceUID: '1',
  model: { name: 'A', version },
  createdAt,
  verified: false,
  origin: 'explained',
  findings: [{ ...FINDING, trackingUID }],
});

test('a model is followed by its identifier on each series, whatever its version calls things', () => {
  const of = (uid: string, source: string, id: string, tracking: string): Result => {
    const it = result(uid, '2026-11-24T10:00:00', tracking, uid);
    return { ...it, source, model: { ...it.model, id } };
  };
  const sets = resultSets([
    of('1', 's1', 'm', 'x'),
    of('2', 's1', 'm', 'y'),
    of('3', 's2', 'm', 'x'),
    of('4', 's1', 'n', 'x'),
  ]);
  expect(
    sets.map(({ newest, superseded }) => [newest.SOPInstanceUID, superseded.map((r) => r.SOPInstanceUID)]),
  ).toEqual([
    ['4', []],
    ['3', []],
    ['2', ['1']],
  ]);
});

test('of one model on one series the newest stands, and the others are superseded', () => {
  const old = result('1.1', '2026-11-24T10:00:00', 'x');
  const newer = result('1.2', '2026-11-25T09:00:00', 'x', '1.1.0');
  const other = result('1.3', '2026-11-23T09:00:00', 'y');
  expect(resultSets([old, other, newer])).toEqual([
    {
      key: 'x',
      newest: newer,
      superseded: [old],
      assessments: [],
      before: { key: 'x', newest: old, superseded: [], assessments: [] },
    },
    { key: 'y', newest: other, superseded: [], assessments: [] },
  ]);
});

test('what a reader is at work on is shown as it was when he began: its own verdicts, and none that came later over it', () => {
  const report = (n: number) => result(`1.${n}`, `2026-11-24T0${n}:00:00`, 'x');
  const said = { verdict: 'Accepted', isRejected: false, of: '1.2', person: 'A B' };
  const assessed = { ...result('1.9', '2026-11-24T09:00:00', 'x'), verified: true, assessment: said };
  const [set] = resultSets([report(1), report(2), report(3), assessed]);
  const held = (uid: string) => set && unfinishedIn(set, (each) => each === uid);
  expect([held('1.3'), held('1.8')]).toEqual([undefined, undefined]);
  expect(set?.assessments).toEqual([]);
  expect(held('1.2')).toMatchObject({ newest: report(2), superseded: [report(1)], assessments: [said] });
  expect(held('1.1')).toMatchObject({ newest: report(1), superseded: [], assessments: [] });
});

test('of the same second the order is still the same each time', () => {
  const [a, b] = [result('1.1', '2026-11-24T10:00:00', 'x'), result('1.2', '2026-11-24T10:00:00', 'x')];
  expect(resultSets([a, b])).toEqual(resultSets([b, a]));
});

test('what people said stands with the report that they said it of, and is no result of its own', () => {
  const report = result('1.1', '2026-11-24T10:00:00', 'x');
  const said = { verdict: 'Accepted', isRejected: false, of: '1.1', person: 'A B' };
  const again = { verdict: 'Rejected', isRejected: true, of: '1.2', person: 'C D' };
  const first = { ...result('1.2', '2026-11-24T11:00:00', 'x'), verified: true, assessment: said };
  const second = { ...result('1.3', '2026-11-24T12:00:00', 'x'), findings: [], assessment: again };
  expect(resultSets([second, report, first])).toEqual([
    { key: 'x', newest: report, superseded: [], assessments: [again, said] },
  ]);
});

test('reports without tracking stay apart; those of other programs come last', () => {
  const [a, b] = [result('1.1', '2026-11-24T10:00:00', ''), result('1.2', '2026-11-24T10:00:00', '')];
  const other = { ...result('1.9', '2026-11-25T10:00:00', 'z'), origin: 'other' as const };
  expect(resultSets([other, a, b]).map(({ newest }) => newest.SOPInstanceUID)).toEqual(['1.2', '1.1', '1.9']);
});

test('models disagree where one sees a finding that another of the same name does not', () => {
  const answer = (uid: string, label: string, value: number): Result => {
    const it = result(uid, '2026-11-24T10:00:00', uid);
    const score = { value, threshold: 0.5, calibrated: false };
    return { ...it, findings: it.findings.map((f) => ({ ...f, label, score, present: value >= 0.5 })) };
  };
  const found = (...results: Result[]) =>
    disagreements(resultSets(results)).map(({ label }) => label.toLowerCase());
  expect(found(answer('1', 'Pneumonia', 0.9), answer('2', 'pneumonia', 0.2))).toEqual(['pneumonia']);
  expect(found(answer('1', 'Pneumonia', 0.9), answer('2', 'Pneumonia', 0.6))).toEqual([]);
  expect(found(answer('1', 'Pneumonia', 0.9), answer('2', 'Effusion', 0.2))).toEqual([]);
});

test('two other makers who follow one lesion under one UID: neither supersedes the other', () => {
  const by = (name: string, uid: string, at: string): Result => ({
    ...result(uid, at, 'lesion'),
    model: { name, version: '' },
    origin: 'other',
  });
  const sets = resultSets([
    by('Anna', '1.1', '2026-11-24T10:00:00'),
    by('Bert', '1.2', '2026-11-24T11:00:00'),
    by('Anna', '1.3', '2026-11-24T12:00:00'),
  ]);
  expect(
    sets.map(({ newest, superseded }) => [newest.SOPInstanceUID, superseded.map((r) => r.SOPInstanceUID)]),
  ).toEqual([
    ['1.3', ['1.1']],
    ['1.2', []],
  ]);
});

test('documents that are said to follow each other, or themselves, are not lost; a later verdict counts by what it refers to, whatever its clock said', () => {
  const about = (uid: string, of: string, at = '2026-11-24T10:00:00'): Result => ({
    ...result(uid, at, uid),
    assessment: { verdict: uid, isRejected: false, of },
  });
  const newest = (results: readonly Result[]) =>
    resultSets(results).map(({ newest: { SOPInstanceUID } }) => SOPInstanceUID);
  expect(newest([about('1.1', '1.2'), about('1.2', '1.1')])).toEqual(['1.2', '1.1']);
  expect(newest([about('1.1', '1.1')])).toEqual(['1.1']);
  const chain = [
    result('1.1', '2026-11-24T10:00:00', 'x'),
    about('1.2', '1.1', '2026-11-24T12:00:00'),
    about('1.3', '1.2', '2026-11-24T11:00:00'),
  ];
  expect(newest(chain)).toEqual(['1.1']);
  expect(resultSets(chain)[0]?.assessments.map(({ verdict }) => verdict)).toEqual(['1.2', '1.3']);
});
