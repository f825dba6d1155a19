import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PNG } from 'pngjs';
import { readPart10 } from '../../server/dicom/read.ts';
import type { Case } from '../../server/review/contract/case.ts';
import type { FindingVerdict, Signed } from '../../server/review/contract/reading.ts';
import type { CaseLine } from '../../server/review/contract/worklist.ts';
import { storedBytes } from '../helpers/archive.ts';
import { disagreementsOf, errorsOf } from '../helpers/validators.ts';
import { analysisOf, type ReviewApi, startReviewApi } from './review-api.ts';

jest.setTimeout(300_000);

const PACKAGES = '.cache/python';
const PEOPLE = { ann: 'reviewer', bob: 'reviewer', cat: 'reviewer', ada: 'admin', vera: 'viewer' } as const;
type Person = keyof typeof PEOPLE;
/** Of a finding that nobody drew. */
const OUTLINES = [
  {
    trackingUID: '1.2.3',
    SeriesInstanceUID: '1.2.3.4',
    SOPInstanceUID: '1.2.3.4.5',
    shape: 'POLYLINE',
    points: [
      [1, 1],
      [4, 1],
      [4, 3],
      [1, 1],
    ],
  },
];
const RESULTS = [
  { name: 'agreed', kind: 'CR', model: 'chest' },
  { name: 'differing', kind: 'CT', model: 'head' },
  { name: 'amended', kind: 'CR', model: 'chest' },
  { name: 'blocked', kind: 'CR', model: 'chest' },
  { name: 'assessed', kind: 'CR', model: 'chest' },
] as const;
type Name = (typeof RESULTS)[number]['name'];

/** Two readers and an arbiter on the real server, archive and database, by its API. */
describe('the review of results', () => {
  let site: ReviewApi;
  /** What the archive holds in the end, and what it is to say. */
  const verified: {
    readonly bytes: Uint8Array;
    readonly observers: readonly string[];
    readonly predecessor: string;
    readonly tracked?: readonly string[];
  }[] = [];

  beforeAll(async () => {
    site = await startReviewApi(PEOPLE, RESULTS);
  });
  afterAll(() => site?.close());

  const archive = () => ({ url: site.orthanc.url });
  const url = (name: Name, rest = '') => `/api/review/cases/${analysisOf(name)}${rest}`;
  const get = (person: Person, path: string) => site.ask(person, 'GET', path);
  const post = (person: Person, path: string, body?: unknown) => site.ask(person, 'POST', path, body);
  const open = async (person: Person, name: Name) => (await get(person, url(name))).json<Case>();
  const sign = async (person: Person, name: Name, verdict: FindingVerdict['verdict'], more: object = {}) => {
    const { allFindings } = await open(person, name);
    return post(person, url(name, '/readings'), {
      key: randomUUID(),
      reading: {
        findings: allFindings.map((_, finding) => ({
          finding,
          verdict,
          explanation: 4,
          reasons: verdict === 'disagree' ? ['misleading'] : [],
        })),
        note: `Said by ${person}.`,
      },
      ...more,
    });
  };
  const signed = async (answer: Awaited<ReturnType<typeof sign>>, status = 201): Promise<Signed> => {
    const body = answer.json<Signed>();
    expect([answer.status, body]).toEqual([status, expect.objectContaining({ id: expect.any(String) })]);
    return body;
  };
  const objectsOf = async (name: Name) => {
    const { objects } = await open('ada', name);
    return Promise.all(
      objects.map(async ({ SOPInstanceUID }) => ({
        SOPInstanceUID,
        bytes: await storedBytes(archive(), SOPInstanceUID),
      })),
    );
  };
  const line = async (person: Person, name: Name) => {
    const answer = await post(person, '/api/review/cases/query', {});
    const { cases } = answer.json<{ cases: readonly CaseLine[] }>();
    return cases.find(({ analysis }) => analysis === analysisOf(name)) as CaseLine;
  };
  /** What highdicom reads of verified reports; undefined where it is not installed. */
  const readByHighdicom = (
    reports: readonly Uint8Array[],
  ): readonly Record<string, unknown>[] | undefined => {
    if (!existsSync(join(PACKAGES, 'highdicom'))) {
      process.stderr.write('\n*** NOT RUN: highdicom (npm test installs it in .cache/python) ***\n');
      return undefined;
    }
    const folder = mkdtempSync(join(tmpdir(), 'pellucid-verified-'));
    const files = reports.map((bytes, i) => {
      writeFileSync(join(folder, `${i}.dcm`), bytes);
      return join(folder, `${i}.dcm`);
    });
    const out = execFileSync('python3', ['test/oracle/read_verified.py', ...files], {
      env: { ...process.env, PYTHONPATH: PACKAGES },
    });
    rmSync(folder, { recursive: true });
    return JSON.parse(out.toString()) as readonly Record<string, unknown>[];
  };

  test('an admin has all read by two; a reviewer does not plan, a viewer reaches nothing', async () => {
    const plan = { name: 'Two readers', filter: {}, share: 1, readers: 2, blind: true, on: true };
    expect((await post('ann', '/api/review/plans', plan)).status).toBe(403);
    const { id } = (await post('ada', '/api/review/plans', plan)).json<{ id: string }>();
    // What came a moment ago the server itself may ask it about first.
    const { taken } = (await post('ada', `/api/review/plans/${id}/apply`)).json<{ taken: number }>();
    expect(taken).toBeLessThanOrEqual(RESULTS.length);
    for (const { name } of RESULTS)
      expect((await line('ann', name)).readers).toMatchObject({ wanted: 2, signed: 0, blind: true });
    for (const path of ['/api/review/plans', url('agreed'), url('agreed', '/pictures/0.png')])
      expect((await get('vera', path)).status).toBe(403);
    expect((await post('vera', url('agreed', '/readings'), {})).status).toBe(403);
  });

  test('a case comes from the archive: its images, maps and masks at the right pixels', async () => {
    const it = await open('ann', 'differing');
    expect(it.objects.map(({ state }) => state)).toEqual(it.objects.map(() => 'valid'));
    expect(it.pictures).toHaveLength(24);
    const png = async (path: string) => PNG.sync.read((await get('ann', url('differing', path))).bytes);
    // made-markers.ts: a white box in rows 30 to 41 and columns 70 to 85 of frames 9 to 12, and the result is there.
    const isIn = (y: number, x: number) => y >= 30 && y <= 41 && x >= 70 && x <= 85;
    const source = await png('/pictures/10.png');
    const mask = await png('/pictures/10/mask.png');
    expect([source.width, source.height, mask.width, mask.height]).toEqual([128, 96, 128, 96]);
    const pixels = Array.from({ length: 96 * 128 }, (_, i) => i);
    const inside = pixels.filter((i) => isIn(Math.floor(i / 128), i % 128));
    expect(pixels.filter((i) => (source.data[4 * i] as number) > 200)).toEqual(inside);
    expect(pixels.filter((i) => (mask.data[4 * i + 3] as number) > 0)).toEqual(inside);
    expect((await png('/pictures/3/mask.png')).data.every((v) => v === 0)).toBe(true);
    // 900 about, 2000 in the box: black and white through a narrow window.
    const narrow = await png('/pictures/10.png?centre=1500&width=100');
    expect(pixels.map((i) => narrow.data[4 * i])).toEqual(pixels.map((i) => (inside.includes(i) ? 255 : 0)));
    expect((await get('ann', url('differing', '/pictures/10/window'))).json()).toEqual({
      centre: 1000,
      width: 2000,
    });
    expect((await get('ann', url('differing', '/pictures/10.png?centre=1500'))).status).toBe(400);
    const { headers } = await get('ann', url('differing', '/pictures/0.png'));
    expect(headers['cache-control']).toBe('private, no-store');
  });

  test('two who agree verify a report together; blind until both have signed, for an admin too', async () => {
    const before = await objectsOf('agreed');
    const first = await signed(await sign('ann', 'agreed', 'agree'));
    expect(first).toMatchObject({ state: 'reading' });
    expect(first).not.toHaveProperty('report');
    for (const person of ['bob', 'ada'] as const) {
      const seen = await open(person, 'agreed');
      expect([seen.hidden, seen.readings]).toEqual([1, []]);
      expect(JSON.stringify(seen)).not.toContain('Said by ann');
    }
    const incident = {
      analysis: analysisOf('agreed'),
      severity: 'no-harm',
      what: 'A look behind the other.',
    };
    const { id } = (await post('bob', '/api/review/incidents', incident)).json<{ id: string }>();
    const evidence = await get('bob', `/api/review/incidents/${id}/package.zip`);
    expect(evidence.status).toBe(200);
    expect(JSON.parse(fileIn(evidence.bytes, 'records/readings.json'))).toEqual([]);
    const { report } = await signed(await sign('bob', 'agreed', 'agree'));
    const bytes = await storedBytes(archive(), report ?? '');
    expect(errorsOf(bytes)).toEqual([]);
    expect(disagreementsOf([...before.slice(-1).map((o) => o.bytes), bytes])).toEqual([]);
    expect(JSON.stringify(readPart10(bytes).dataset.VerifyingObserverSequence)).toMatch(/ann.*bob/);
    verified.push({ bytes, observers: ['ann', 'bob'], predecessor: (await open('ann', 'agreed')).reportUID });
    for (const { SOPInstanceUID, bytes: original } of before)
      expect(await storedBytes(archive(), SOPInstanceUID)).toEqual(original);
  });

  test('two who differ are arbitrated by a third; what he disagrees with is not verified', async () => {
    await signed(await sign('ann', 'differing', 'agree'));
    expect(await signed(await sign('bob', 'differing', 'disagree'))).toMatchObject({ state: 'differ' });
    expect((await sign('ann', 'differing', 'agree')).status).toBe(409);
    const seen = await open('cat', 'differing');
    expect([seen.readings.length, seen.maySign.as]).toEqual([2, 'arbiter']);
    const { report, state } = await signed(await sign('cat', 'differing', 'disagree'));
    expect(state).toBe('judged');
    const bytes = await storedBytes(archive(), report ?? '');
    expect(errorsOf(bytes)).toEqual([]);
    verified.push({ bytes, observers: ['cat'], predecessor: seen.reportUID, tracked: [] });
  });

  test('an amendment is a further report whose predecessor is the one before', async () => {
    await signed(await sign('ann', 'amended', 'agree'));
    const first = await signed(await sign('bob', 'amended', 'agree'));
    const mine = (await open('bob', 'amended')).mySignature;
    expect(mine).toBe(first.id);
    expect(await signed(await sign('bob', 'amended', 'disagree', { amends: mine }))).toMatchObject({
      state: 'differ',
    });
    const again = (await open('bob', 'amended')).mySignature;
    const last = await signed(await sign('bob', 'amended', 'agree', { amends: again }));
    const chain = [first.report, last.report].map((uid) => uid ?? '');
    const reports = await Promise.all(chain.map((uid) => storedBytes(archive(), uid)));
    expect(reports.map(errorsOf)).toEqual([[], []]);
    const { reportUID } = await open('ann', 'amended');
    const predecessors = reports.map((bytes) =>
      JSON.stringify(readPart10(bytes).dataset.PredecessorDocumentsSequence),
    );
    expect(predecessors[0]).toContain(reportUID);
    expect(predecessors[1]).toContain(chain[0]);
    verified.push({
      bytes: reports[1] as Uint8Array,
      observers: ['ann', 'bob'],
      predecessor: chain[0] ?? '',
    });
  });

  test('the archive is away and the server is killed: the verdict is kept, told, and written once', async () => {
    await signed(await sign('ann', 'blocked', 'agree'));
    await open('bob', 'blocked');
    const key = randomUUID();
    const { allFindings } = await open('bob', 'blocked');
    await site.orthanc.stop();
    const data = {
      key,
      reading: { findings: allFindings.map((_, finding) => ({ finding, verdict: 'agree' })) },
    };
    const kept = await signed(await post('bob', url('blocked', '/readings'), data), 202);
    expect(kept).toMatchObject({ state: 'waiting-for-archive', sentence: expect.stringContaining('kept') });
    await site.server.kill9();
    await site.orthanc.restart();
    await site.server.start();
    for (const end = Date.now() + 120_000; Date.now() < end; await wait(200))
      if ((await line('bob', 'blocked')).state === 'judged') break;
    const again = await signed(await post('bob', url('blocked', '/readings'), data));
    expect([again.id, again.state]).toEqual([kept.id, 'judged']);
    expect(errorsOf(await storedBytes(archive(), again.report ?? ''))).toEqual([]);
    const reports = await site.sql('select state from pellucid.review_report where analysis = $1', [
      analysisOf('blocked'),
    ]);
    expect(reports).toEqual([{ state: 'stored' }]);
  });

  test('what is accepted in the panel is a reading here, and where two read blind it is written when both have', async () => {
    const { reportUID, StudyInstanceUID, objects } = await open('ann', 'assessed');
    const [analysis] = await site.sql('select objects from pellucid.analysis where id = $1', [
      analysisOf('assessed'),
    ]);
    const stored = (analysis as { objects: { SOPInstanceUID: string; SeriesInstanceUID: string }[] }).objects;
    const SeriesInstanceUID = stored.find((o) => o.SOPInstanceUID === reportUID)?.SeriesInstanceUID;
    expect(objects.length).toBe(stored.length);
    const decision = { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID: reportUID, verdict: 'accepted' };
    const held = async () =>
      (await (await fetch(`${site.orthanc.url}/instances`)).json()) as readonly string[];
    const before = await held();
    expect(
      (await post('ann', '/api/assessments', { ...decision, verdict: 'modified', outlines: OUTLINES }))
        .status,
    ).toBe(409);
    const answer = await post('ann', '/api/assessments', decision);
    expect([answer.status, answer.json()]).toEqual([
      202,
      { kept: expect.stringContaining('Another reader is asked') },
    ]);
    // Two are to read it blind: what she said is nowhere that he could look, the archive included.
    expect(await held()).toHaveLength(before.length);
    const { state, readings } = await open('ann', 'assessed');
    expect([state, readings.map(({ reader }) => reader.name)]).toEqual(['reading', ['ann']]);
    const seen = await open('bob', 'assessed');
    expect([seen.hidden, seen.readings]).toEqual([1, []]);
    const last = await post('bob', '/api/assessments', decision);
    expect(last.status).toBe(201);
    const { SOPInstanceUID: written } = last.json<{ SOPInstanceUID: string }>();
    const bytes = await storedBytes(archive(), written);
    expect(errorsOf(bytes)).toEqual([]);
    verified.push({ bytes, observers: ['ann', 'bob'], predecessor: reportUID });
    expect((await post('cat', '/api/assessments', decision)).status).toBe(409);
  });

  test('highdicom reads them: who verified, which document each follows, and no finding that was disagreed', () => {
    const read = readByHighdicom(verified.map(({ bytes }) => bytes));
    if (read)
      expect(read).toEqual(
        verified.map(({ observers, predecessor, tracked = expect.anything() }) => ({
          verified: 'VERIFIED',
          complete: 'COMPLETE',
          observers,
          predecessors: [predecessor],
          tracked,
        })),
      );
  });

  test('who signed what is in the audit trail, and never what he said', async () => {
    const rows = await site.sql(
      `select who_name, detail from pellucid.audit where action = 'assessment' order by seq`,
    );
    expect(rows.filter(({ detail }) => detail === 'a reading was signed').length).toBeGreaterThanOrEqual(9);
    expect(JSON.stringify(rows)).not.toMatch(/agree|Said by/);
    expect(site.server.log()).not.toContain('Said by');
  });
});

/** A file of a zip, by another program. */
const fileIn = (zip: Buffer, name: string): string =>
  execFileSync(
    '/usr/bin/python3',
    [
      '-c',
      'import io, sys, zipfile; print(zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).read(sys.argv[1]).decode())',
      name,
    ],
    { input: zip, encoding: 'utf8' },
  );
