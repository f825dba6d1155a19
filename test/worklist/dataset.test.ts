import { analysisId } from '../../server/jobs/analysis.ts';
import {
  assertCreatable,
  dateTime,
  element,
  first,
  isComplete,
  parseWorkitem,
  type Workitem,
  withoutPeople,
} from '../../server/worklist/dataset.ts';
import { likeOf, statesOf, uidOf } from '../../server/worklist/from-analysis.ts';

const minimal: Workitem = {
  ...element('ScheduledProcedureStepPriority', 'MEDIUM'),
  ...element('ProcedureStepLabel', 'Chest'),
  ...element('ScheduledProcedureStepStartDateTime', '20260101120000'),
  ...element('InputReadinessState', 'READY'),
  ...element('ProcedureStepState', 'SCHEDULED'),
};

test('tags and representations are those of PS3.6', () => {
  expect(element('ProcedureStepState', 'SCHEDULED')).toEqual({
    '00741000': { vr: 'CS', Value: ['SCHEDULED'] },
  });
  expect(element('InputInformationSequence')).toEqual({ '00404021': { vr: 'SQ' } });
  expect(() => element('NoSuchAttribute')).toThrow('no attribute of DICOM');
});

test('what names a patient, an order or a person is not kept, however deep it lies', () => {
  const item: Workitem = {
    ...minimal,
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'MARKED^PATIENT' }] },
    '00100020': { vr: 'LO', Value: ['MARKED-ID'] },
    '00380010': { vr: 'LO', Value: ['MARKED-ADMISSION'] },
    '0040A370': {
      vr: 'SQ',
      Value: [
        { '00080050': { vr: 'SH', Value: ['MARKED-ACC'] }, '0020000D': { vr: 'UI', Value: ['1.2.3'] } },
      ],
    },
    '00404037': { vr: 'PN', Value: [{ Alphabetic: 'MARKED^PERSON' }] },
  };
  const kept = withoutPeople(item);
  expect(JSON.stringify(kept)).not.toContain('MARKED');
  expect(Object.keys(kept)).toEqual(Object.keys(item));
  expect(first(kept, 'ReferencedRequestSequence', 'StudyInstanceUID')).toBe('1.2.3');
});

test.each<[string, Workitem, RegExp]>([
  [
    'everything',
    {},
    /Priority is missing.*Label is missing.*StartDateTime is missing.*Readiness.*State is missing/,
  ],
  [
    'the state',
    { ...minimal, ...element('ProcedureStepState', 'IN PROGRESS') },
    /ProcedureStepState is not SCHEDULED/,
  ],
  [
    'the priority',
    { ...minimal, ...element('ScheduledProcedureStepPriority', 'SOON') },
    /is none of HIGH, MEDIUM, LOW/,
  ],
  ['a lock', { ...minimal, ...element('TransactionUID', '1.2') }, /TransactionUID must be empty/],
])('a request that gets %s wrong is refused (PS3.4 table CC.2.5-3)', (_, item, reason) => {
  expect(() => assertCreatable(item)).toThrow(reason);
});

const deep = (levels: number): string =>
  '{"00404021":{"vr":"SQ","Value":['.repeat(levels) + ']}}'.repeat(levels);
test.each<[string, unknown]>([
  ['an element that is null', { '00100010': null }],
  ['an item with an element that is null', { '00404021': { vr: 'SQ', Value: [{ '00100010': null }] } }],
  ['a keyword', { PatientName: { vr: 'PN' } }],
  ['a NUL', { '00741204': { vr: 'LO', Value: ['a\0b'] } }],
  ['half a character', { '00741204': { vr: 'LO', Value: ['\ud800'] } }],
  ['bulk data', { '00420011': { vr: 'OB', BulkDataURI: 'http://x' } }],
  ['two datasets', [{}, {}]],
  ['text', 'x'],
  ['nothing', undefined],
  ['a nesting that ends the stack', JSON.parse(deep(8_000))],
])('%s is no workitem', (_, body) => {
  expect(() => parseWorkitem(body)).toThrow(/no workitem in DICOM JSON/);
});

test('a dataset is read alone and as an array of one, names of persons too', () => {
  const item = {
    '00404037': { vr: 'PN', Value: [{ Alphabetic: 'A^B' }] },
    '00404021': { vr: 'SQ', Value: [{}] },
  };
  expect(parseWorkitem(item)).toEqual(item);
  expect(parseWorkitem([item])).toEqual(item);
});

test('a request that says what it must is taken', () => {
  expect(() => assertCreatable(minimal)).not.toThrow();
});

test('a step is complete with begin, end, station and procedure (PS3.4 table CC.2.5-3)', () => {
  const performed = {
    ...element('PerformedProcedureStepStartDateTime', '20260101120000'),
    ...element('PerformedProcedureStepEndDateTime', '20260101120100'),
    ...element('PerformedStationNameCodeSequence', element('CodeValue', 'X')),
    ...element('PerformedWorkitemCodeSequence', element('CodeValue', 'Y')),
  };
  const of = (item: Workitem) =>
    isComplete(element('UnifiedProcedureStepPerformedProcedureSequence', item), 'COMPLETED');
  expect(of(performed)).toBe(true);
  for (const key of Object.keys(performed)) {
    const { [key]: _, ...rest } = performed as Record<string, Workitem[string]>;
    expect(of(rest)).toBe(false);
  }
  expect(isComplete({}, 'CANCELED')).toBe(true);
});

test('the UID of an analysis leads back to it, and to no other', () => {
  for (let n = 0; n < 500; n++) {
    const id = analysisId(`1.2.${n}`, 'a');
    const uid = uidOf(id);
    expect(uid).toMatch(/^2\.25\.[1-9]\d{30,38}$/);
    const like = new RegExp(`^${(likeOf(uid) as string).replaceAll('_', '.')}$`);
    expect(id).toMatch(like);
    expect(analysisId(`1.3.${n}`, 'a')).not.toMatch(like);
  }
  expect(likeOf('1.2.3')).toBeUndefined();
  expect(likeOf('2.25.1')).toBeUndefined();
});

test('the states of analyses are those of workitems, none of them twice', () => {
  expect(statesOf('SCHEDULED')).toEqual(['queued']);
  expect(statesOf('COMPLETED')).toEqual(['done']);
  expect(statesOf('CANCELED')).toEqual(['failed', 'cancelled', 'superseded']);
});

test('a time as DICOM writes it (PS3.5 §6.2, DT)', () => {
  expect(dateTime('2026-01-31T09:30:05.040Z')).toBe('20260131093005.040+0000');
});
