import type { SeriesArrived } from '../../server/contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { admit } from '../../server/jobs/admit.ts';
import { type Analyses, openAnalyses } from '../../server/jobs/analyses.ts';
import type { WorkResult } from '../../server/jobs/protocol.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';

jest.setTimeout(120_000);

let database: TestDatabase;
let analyses: Analyses;
beforeAll(async () => {
  database = await openTables();
  analyses = openAnalyses(database.sql, () => undefined);
});
afterAll(() => database.close());

const arrival = (series: string, fingerprint = 'a'): SeriesArrived => ({
  StudyInstanceUID: StudyInstanceUID.parse('1.2.3'),
  SeriesInstanceUID: SeriesInstanceUID.parse(series),
  fingerprint,
  instanceCount: 1,
  settledAt: '2026-11-25T12:00:00.000Z',
});
const model = { id: 'm', version: '1.0.0', digest: 'd' };
const RESULT: WorkResult = {
  findings: [
    { label: 'Clear', sentence: 'No clear.', score: 0.9, threshold: 0.95, positive: false },
    {
      label: 'Nodule',
      sentence: 'A nodule.',
      score: 0.7,
      threshold: 0.6,
      positive: true,
      probability: 0.4,
      checkBeforeUse: ['The picture is unlike those it knows.'],
    },
    { label: 'Mass', sentence: 'A mass.', score: 0.65, threshold: 0.6, positive: true },
  ],
  context: {
    modality: 'DX',
    scanner: 'Box · A',
    site: 'North',
    ageYears: 90,
    sex: 'F',
    inputs: { kvp: 120 },
  },
  objects: [
    { kind: 'SR', SOPInstanceUID: '1.9', SeriesInstanceUID: '1.8', SOPClassUID: '1.7' },
    { kind: 'MAP', SOPInstanceUID: '1.6', SeriesInstanceUID: '1.5', SOPClassUID: '1.4' },
  ],
  timings: {},
};

/** A finished analysis; its id. */
async function done(arrived: SeriesArrived, result: WorkResult, shadow?: string): Promise<string> {
  const [analysis] = await admit(
    database.sql,
    arrived,
    [{ model, run: true, why: 'a test', ...(shadow ? { shadow } : {}) }],
    '2026-11-25T12:00:00.000Z',
  ).then((changed) => changed.filter(({ state }) => state === 'queued'));
  const id = analysis?.id ?? '';
  await analyses.claim(id);
  await analyses.advance(id, 'storing');
  if (shadow)
    await database.sql.query(`update pellucid.analysis set state = 'explaining' where id = $1`, [id]);
  expect(await analyses.finish(id, result)).toBe(true);
  return id;
}
const rows = (text: string, ...values: unknown[]) =>
  database.sql.query(text, values) as Promise<readonly Record<string, unknown>[]>;

test('a finished analysis is a case: its headline is the strongest finding that is present', async () => {
  const id = await done(arrival('1.2.3.1'), RESULT);
  const [row] = await rows('select * from pellucid.review_case where analysis = $1', id);
  expect(row).toMatchObject({
    study: '1.2.3',
    series: '1.2.3.1',
    report: '1.9',
    report_series: '1.8',
    headline: 1,
    label: 'Nodule',
    positive: true,
    score: 0.7,
    threshold: 0.6,
    probability: 0.4,
    flags: ['The picture is unlike those it knows.'],
    flagged: true,
    scanner: 'Box · A',
    age_years: 90,
    inputs: { kvp: 120 },
    state: 'unread',
    current: true,
    urgency: 1,
  });
  expect(row?.name).toMatch(/^S-\d{5}$/);
  expect(row?.distance).toBeCloseTo(0.1, 12);
  expect(
    await rows('select n, label from pellucid.review_finding where analysis = $1 order by n', id),
  ).toEqual([
    { n: 0, label: 'Clear' },
    { n: 1, label: 'Nodule' },
    { n: 2, label: 'Mass' },
  ]);
});

test('what is found nowhere has its strongest as headline; of segments the largest, and one of no voxels is absent', async () => {
  const [clear] = RESULT.findings;
  const negative = await done(arrival('1.2.3.2'), { ...RESULT, findings: [clear as never] });
  const segments = await done(arrival('1.2.3.3'), {
    ...RESULT,
    findings: [0, 12, 30].map((volumeMl) => ({ label: `${volumeMl} ml`, sentence: 's', volumeMl })),
  });
  const nothing = await done(arrival('1.2.3.4'), { ...RESULT, findings: [] });
  const headline = async (id: string) =>
    rows('select label, positive, nearness from pellucid.review_case where analysis = $1', id);
  expect(await headline(negative)).toEqual([
    { label: 'Clear', positive: false, nearness: expect.closeTo(0.05, 12) },
  ]);
  expect(await headline(segments)).toEqual([{ label: '30 ml', positive: true, nearness: 9 }]);
  expect(await headline(nothing)).toEqual([{ label: '', positive: null, nearness: 9 }]);
  expect(
    await rows('select positive from pellucid.review_finding where analysis = $1 order by n', segments),
  ).toEqual([{ positive: false }, { positive: true }, { positive: true }]);
});

test('what ran in shadow is no case, but its scores can be compared', async () => {
  const id = await done(arrival('1.2.3.5'), { ...RESULT, objects: [] }, 'not accepted yet');
  expect(await rows('select 1 from pellucid.review_case where analysis = $1', id)).toEqual([]);
  expect(await rows('select n from pellucid.review_finding where analysis = $1', id)).toHaveLength(3);
});

test('a result whose series changed is not current; it is again when the same images are back', async () => {
  const first = await done(arrival('1.2.3.6'), RESULT);
  const current = async () =>
    (await rows('select current from pellucid.review_case where analysis = $1', first)).map((r) => r.current);
  await done(arrival('1.2.3.6', 'b'), RESULT);
  expect(await current()).toEqual([false]);
  await done(arrival('1.2.3.6'), RESULT);
  expect(await current()).toEqual([true]);
});

test('one person has one reading of a case that counts', async () => {
  const [first] = await rows('select analysis from pellucid.review_case limit 1');
  const sign = (id: string, key: string) =>
    rows(
      `insert into pellucid.review_reading (id, analysis, subject, name, role, reading, at, key)
        values ($1, $2, 'a', 'A', 'reader', '{}', now(), $3::uuid)`,
      id,
      first?.analysis,
      key,
    );
  await sign('1', '00000000-0000-4000-8000-000000000001');
  await expect(sign('2', '00000000-0000-4000-8000-000000000002')).rejects.toThrow('review_reading_once');
  await rows(`delete from pellucid.review_reading`);
});
