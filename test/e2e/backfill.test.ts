import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { backfillCommand } from '../../server/cli/backfill.ts';
import { allStable } from '../helpers/archive.ts';
import { here } from '../helpers/command.ts';
import { madeClassifier, spotted } from '../helpers/made-classifier.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type TestServer, testServer } from '../helpers/server.ts';

jest.setTimeout(300_000);

const RULES = `
schema: 1
rules:
  - name: chest-at-once
    when: { Modality: { equals: CR } }
    run: [spots]
    priority: urgent
  - name: chest-when-complete
    when: { Modality: { equals: DX } }
    run: [spots]
    study: { quiet: 1 h, deadline: 2 h, expect: [{ SeriesTime: { range: { min: 100000 } } }], atDeadline: skip }
`;

interface Told {
  readonly id: string;
  readonly state: string;
  readonly day: string | null;
  readonly counts: Readonly<Record<string, number>>;
}

describe('an archive that is full at the first start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-backfill-'));
  let orthanc: TestOrthanc;
  let server: TestServer;
  beforeAll(async () => {
    writeFileSync(join(folder, 'rules.yaml'), RULES);
    await madeClassifier(join(folder, 'models'), {
      id: 'spots',
      label: 'Spot',
      type: ['4147007', 'Mass'],
      cells: 9,
    });
    orthanc = await startOrthanc({ config: { StableAge: 1 } });
    for (const [study, date, modality] of [
      ['1.2.1', '20250103'],
      ['1.2.2', '20250102'],
      ['1.2.3', '20250102', 'DX'],
      ['1.2.4', '20250101', 'MG'],
      ['1.2.5', '20240101'],
    ] as const)
      await fetch(`${orthanc.url}/instances`, {
        method: 'POST',
        body: spotted(study, [4, 4], { Modality: modality ?? 'CR', StudyDate: date, SeriesTime: '090000' }),
      });
    await allStable({ url: orthanc.url });
    server = await testServer(folder, {
      ORTHANC_URL: orthanc.url,
      MODEL_PATH: join(folder, 'models'),
      RULES_FILE: join(folder, 'rules.yaml'),
      START: 'now',
    });
    await server.start();
    // It has looked at what there is before anything else comes.
    for (let tries = 0; tries < 300 && !server.log().includes('is left alone'); tries++) await wait(100);
  });
  afterAll(async () => {
    await server.stop();
    await orthanc.remove();
    rmSync(folder, { recursive: true });
  });
  const backfill = async (...args: readonly string[]): Promise<Told> => {
    const settings = { HOST: '127.0.0.1', PORT: new URL(server.url).port };
    const { fault, stdout } = await here(backfillCommand, settings, [...args, '--json']);
    if (fault) throw fault;
    return JSON.parse(stdout) as Told;
  };

  test('is left alone, which the log says, and what comes is read', async () => {
    await fetch(`${orthanc.url}/instances`, {
      method: 'POST',
      body: spotted('1.2.9', [4, 4], { Modality: 'MG', StudyDate: '20250101' }),
    });
    await server.settled('1.2.9.1');
    expect((await server.analyses()).map((a) => a.SeriesInstanceUID)).toEqual(['1.2.9.1']);
    expect(server.log()).toMatch(/"series":5,.*what the archive holds already is left alone/);
  });

  test('a dry run counts and queues nothing', async () => {
    const range = ['--from', '2025-01-01', '--to', '2025-01-03', '--rate', '6000'];
    const { state, counts } = await backfill(...range, '--dry-run');
    expect(state).toBe('done');
    // The mammographies are not for the model; the DX waits in vain for a series after ten.
    expect(counts).toEqual({ studies: 5, series: 5, queued: 2, known: 0, skipped: 3, failed: 0 });
    expect(await server.analyses()).toHaveLength(1);
  });

  test('a backfill runs what models and rules choose, behind everything else, and goes on after a kill -9', async () => {
    // One study in 2 s: killed in between.
    const begun = await backfill('--from', '2025-01-01', '--to', '2025-01-03', '--rate', '30', '--detach');
    for (let tries = 0; tries < 600 && (await server.analyses()).length < 2; tries++) await wait(100);
    await server.kill9();
    await server.start();
    const { state, counts } = await backfill('follow', begun.id);
    expect(state).toBe('done');
    // The mammography that came is known as skipped, and counts as that.
    expect(counts).toMatchObject({ studies: 5, queued: 2, skipped: 3, failed: 0 });
    await server.settled('1.2.1.1');
    await server.settled('1.2.2.1');
    const records = (await server.analyses()) as unknown as readonly Record<string, unknown>[];
    const of = (series: string) => records.find((a) => a.SeriesInstanceUID === series);
    expect(of('1.2.1.1')).toMatchObject({ state: 'done', priority: 'backfill' });
    expect(of('1.2.2.1')).toMatchObject({ state: 'done', priority: 'backfill' });
    expect(of('1.2.3.1')).toMatchObject({ state: 'skipped' });
    expect(of('1.2.3.1')?.reason).toContain('at the deadline 1 of 1 expected series had not come');
    expect(of('1.2.4.1')).toMatchObject({ state: 'skipped' });
    expect(of('1.2.5.1')).toBeUndefined();
  });

  test('the same days again queue nothing', async () => {
    const { counts } = await backfill('--from', '2025-01-01', '--to', '2025-01-03', '--rate', '6000');
    expect(counts).toMatchObject({ queued: 0, known: 2 });
  });

  test('one that is stopped reads no further until it is resumed', async () => {
    const { id } = await backfill('--from', '2024-01-01', '--to', '2025-01-03', '--rate', '10', '--detach');
    expect((await backfill('stop', id)).state).toBe('stopped');
    expect((await backfill('resume', id)).state).toBe('running');
    expect((await backfill('stop', id)).state).toBe('stopped');
    await expect(backfill('stop', id)).rejects.toThrow(/NOT_FOUND/);
  });

  test.each([
    [{ from: '2025-01-02', to: '2025-01-01' }, /lies before from/],
    [{ from: '2025-02-30', to: '2025-03-01' }, /from/],
    [{ from: '2025-01-01', to: '2025-01-01', model: 'none' }, /no model none is installed; there are spots/],
    [{ from: '2025-01-01', to: '2025-01-01', speed: 1 }, /speed/],
    [{ from: '2025-01-01', to: '2025-01-01', perMinute: 0 }, /perMinute/],
  ])('%j is refused', async (body, reason) => {
    const answer = await fetch(`${server.url}/api/backfills`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(reason);
  });
});
