import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { evidencePackage } from '../../../server/review/acts/evidence.ts';
import { openIncidents } from '../../../server/review/acts/incidents.ts';
import { compareVersions, thresholdEffect } from '../../../server/review/acts/what-if.ts';
import { Fault } from '../../../server/shared/fault.ts';
import { openTables, type TestDatabase } from '../../helpers/database.ts';
import { insertCases } from '../../helpers/review-cases.ts';

jest.setTimeout(120_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await openTables();
});
afterAll(() => database.close());

test('another threshold, by hand: 0.4 makes two more positive, and finds the one that was missed', async () => {
  const ids = await insertCases(
    database.sql,
    [
      { score: 0.9, positive: true, truth: true, verdict: 'agree' },
      { score: 0.6, positive: true, truth: false, verdict: 'disagree', reasons: ['falsePositive'] },
      { score: 0.45, positive: false, truth: true, verdict: 'disagree', reasons: ['falseNegative'] },
      { score: 0.4, positive: false },
      { score: 0.1, positive: false, truth: false, verdict: 'agree' },
      { score: 0.45, positive: false, current: false },
    ].map((c) => ({ ...c, model: 'what-if' })),
  );
  const effect = await thresholdEffect(database.sql.query, 'what-if', { finding: 'Nodule', at: 0.4 });
  expect(effect).toEqual({
    now: 0.5,
    at: 0.4,
    results: 5,
    positiveNow: 2,
    positiveThen: 4,
    truth: { n: 4, sensitivityNow: 0.5, sensitivityThen: 1, specificityNow: 0.5, specificityThen: 0.5 },
    changed: [
      { analysis: ids[2], name: 'S-00003', score: 0.45 },
      { analysis: ids[3], name: 'S-00004', score: 0.4 },
    ],
  });
});

test('without a scored result there is no effect to tell', async () => {
  await expect(
    thresholdEffect(database.sql.query, 'what-if', { finding: 'Fracture', at: 0.4 }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('two versions are compared on the same images alone, the newest result of each', async () => {
  const base = { model: 'two', positive: true, score: 0.75 };
  await insertCases(database.sql, [base, base, { ...base, score: 0.5 }], 100);
  await insertCases(
    database.sql,
    [
      { ...base, version: '2.0.0', score: 0.5 },
      { ...base, version: '2.0.0', score: 0.25, positive: false },
    ],
    200,
  );
  // The first of 2.0.0 again, and made later.
  await insertCases(
    database.sql,
    [{ ...base, version: '2.0.0', score: 1, madeAt: '2026-11-20T00:00:00.000Z' }],
    300,
  );
  const found = await compareVersions(database.sql.query, 'two', {
    finding: 'Nodule',
    a: '1.0.0',
    b: '2.0.0',
  });
  expect(found).toMatchObject({ n: 2, agreed: 1, meanDifference: -0.125 });
  expect(found.changed).toMatchObject([{ name: '1.3.2', scoreA: 0.75, scoreB: 0.25 }]);
  expect(await compareVersions(database.sql.query, 'two', { finding: 'Nodule', a: '1.0.0', b: '9' })).toEqual(
    {
      n: 0,
      agreed: 0,
      changed: [],
    },
  );
});

describe('incidents', () => {
  const by = { subject: 's', name: 'Dr Sample' };

  test('are told, closed once, and listed newest first', async () => {
    const [analysis = ''] = await insertCases(database.sql, [{ score: 0.9, positive: true }], 400);
    const incidents = openIncidents(database.sql.query);
    const first = await incidents.report({ analysis, severity: 'possible-harm', what: 'Wrong side.' }, by);
    const second = await incidents.report({ analysis, severity: 'no-harm', what: 'Map missing.' }, by);
    expect((await incidents.list()).map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(await incidents.close(first.id, 'Model stopped.')).toMatchObject({
      by: 'Dr Sample',
      done: 'Model stopped.',
      closedAt: expect.any(String),
    });
    await expect(incidents.close(first.id, 'again')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(
      incidents.report({ analysis: 'f'.repeat(32), severity: 'harm', what: 'of nothing' }, by),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('their evidence is a zip that says what is missing, read by another program', async () => {
    const incident = {
      id: '6a1b0c5e-0000-4000-8000-000000000000',
      analysis: 'a'.repeat(32),
      severity: 'harm' as const,
      what: 'Wrong side.',
      by: 'Dr Sample',
      at: '2026-11-25T12:00:00.000Z',
    };
    const large = new Uint8Array(3_000_000).map((_, i) => (i * i) % 251);
    const bytes = await buffer(
      evidencePackage({
        incident,
        records: { analysis: { id: incident.analysis } },
        objects: [
          { kind: 'SR', SOPInstanceUID: '1.2', read: async () => large },
          {
            kind: 'SEG',
            SOPInstanceUID: '1.3',
            read: async () => {
              throw new Fault('NOT_FOUND', 'the archive does not hold 1.3');
            },
          },
          { kind: 'KOS', SOPInstanceUID: '1.4', read: async () => new Uint8Array([1, 2, 3]) },
        ],
      }),
    );
    const file = join(mkdtempSync(join(tmpdir(), 'pellucid-zip-')), 'a.zip');
    writeFileSync(file, bytes);
    const script = `import hashlib, json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps({n: hashlib.sha256(z.read(n)).hexdigest() for n in z.namelist()}))
print(z.read('contents.json').decode())`;
    const [sums = '', ...contents] = execFileSync('python3', ['-c', script, file], {
      encoding: 'utf8',
    }).split('\n');
    const inside = JSON.parse(sums) as Record<string, string>;
    const listed = JSON.parse(contents.join('\n')) as { file: string; sha256?: string; missing?: string }[];
    expect(Object.keys(inside)).toEqual([
      'incident.json',
      'records/analysis.json',
      'objects/SR-1.2.dcm',
      'objects/KOS-1.4.dcm',
      'contents.json',
    ]);
    expect(listed.find(({ missing }) => missing)).toEqual({
      file: 'objects/SEG-1.3.dcm',
      missing: 'the archive does not hold 1.3',
    });
    for (const { file: name, sha256 } of listed.filter((l) => l.sha256)) expect(inside[name]).toBe(sha256);
  });
});
