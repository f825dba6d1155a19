import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { started } from '../helpers/command.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { radiograph } from '../helpers/radiograph.ts';
import { type TestServer, testServer } from '../helpers/server.ts';

jest.setTimeout(240_000);

const timed = (study: string, series: number, SeriesTime: string): Buffer =>
  radiograph({ study, series, attributes: { SeriesDate: '20260101', SeriesTime } });

const RULES = `
schema: 1
rules:
  - name: newest-chest
    when: { Modality: { equals: CR }, none: [{ SeriesDescription: { equals: patient } }] }
    run: [chest-xr-pneumonia]
    study:
      quiet: 8 s
      deadline: 20 s
      expect: [{ SeriesTime: { range: { min: 100000 } } }]
      atDeadline: skip
      series: newest
  - name: patient
    when: { SeriesDescription: { equals: patient } }
    run: [chest-xr-pneumonia]
    study:
      quiet: 1 s
      deadline: 3 s
      expect: [{ SeriesTime: { range: { min: 100000 } } }]
      atDeadline: wait
`;

describe('a rule that waits for the study', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-study-'));
  let orthanc: TestOrthanc;
  let server: TestServer;
  beforeAll(async () => {
    writeFileSync(join(folder, 'rules.yaml'), RULES);
    orthanc = await startOrthanc({ config: { StableAge: 1 } });
    server = await testServer(folder, {
      ORTHANC_URL: orthanc.url,
      RULES_FILE: join(folder, 'rules.yaml'),
      SETTLE_MS: '500',
    });
    await server.start();
  });
  afterAll(async () => {
    await server.stop();
    await orthanc.remove();
    rmSync(folder, { recursive: true });
  });
  const send = (body: Buffer) => fetch(`${orthanc.url}/instances`, { method: 'POST', body });

  const held = async (study: string) =>
    (
      (await (await fetch(`${server.url}/api/held?StudyInstanceUID=${study}`)).json()) as {
        held: readonly { readonly waitsFor: string; readonly deadline?: string }[];
      }
    ).held;

  test('runs on the newest series once the study is complete, also over a kill -9, and says why not on the other', async () => {
    await send(timed('1.2.9', 1, '090000'));
    await send(timed('1.2.9', 2, '110000'));
    for (let tries = 0; tries < 300 && !/"msg":"rules read"/.test(server.log()); tries++) await wait(50);
    await wait(2_500);
    expect(await server.analyses()).toEqual([]);
    expect(await held('1.2.9')).toEqual([
      expect.objectContaining({
        rule: 'newest-chest',
        series: ['1.2.9.1', '1.2.9.2'],
        waitsFor: 'nothing new must come for 8 s',
        atDeadline: 'it is skipped',
      }),
    ]);
    const { stdout } = started({ PORT: new URL(server.url).port }, 'analysis', 'list');
    expect(stdout).toBe('There is none.\n1 study is held by a rule until complete: pellucid route held\n');
    await server.kill9();
    await server.start();
    const [newest] = await server.settled('1.2.9.2');
    expect(newest).toMatchObject({ state: 'done', modelId: 'chest-xr-pneumonia' });
    expect((newest as { why?: string }).why).toContain('the study is complete; the newest of 2 series');
    const [older] = await server.settled('1.2.9.1');
    expect(older).toMatchObject({ state: 'skipped' });
    expect(older?.reason).toContain('of 2 series of the study the rule takes the newest, 1.2.9.2');
  });

  test('a series that comes later does not run beside the one that was taken, unless it is newer', async () => {
    await send(timed('1.2.9', 3, '080000'));
    await send(timed('1.2.6', 1, '110000'));
    const [late] = await server.settled('1.2.9.3');
    expect(late).toMatchObject({ state: 'skipped' });
    expect(late?.reason).toContain('before it came the rule took 1.2.9.2, which is still the newest');
    await send(timed('1.2.9', 4, '120000'));
    const [newer] = await server.settled('1.2.9.4');
    expect(newer).toMatchObject({ state: 'done' });
    expect((newer as { why?: string }).why).toContain('before it came the rule took 1.2.9.2');
    // What one study took is nothing to another.
    expect(await server.settled('1.2.6.1')).toMatchObject([{ state: 'done' }]);
  });

  test('the tester says of a study what was done with it, by the same reasons, and nothing of our results', async () => {
    const answer = await fetch(`${server.url}/api/route/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ StudyInstanceUID: '1.2.9' }),
    });
    const { series, lines } = (await answer.json()) as {
      readonly series: readonly { readonly SeriesInstanceUID: string; readonly does: readonly string[] }[];
      readonly lines: readonly string[];
    };
    const runs = series.map(({ SeriesInstanceUID: uid, does }) => [uid, does.length]).sort();
    expect(runs).toEqual([
      ['1.2.9.1', 0],
      ['1.2.9.2', 0],
      ['1.2.9.3', 0],
      ['1.2.9.4', 1],
    ]);
    expect(lines.join()).toContain('of 4 series of the study the rule takes the newest, 1.2.9.4');
  });

  test('a changed file is compared with the rules in force, study by study', async () => {
    const next = join(folder, 'next.yaml');
    writeFileSync(next, RULES.replace('series: newest', 'series: all'));
    // This shell has no RULES_FILE: the server's count.
    const { stdout } = started({ PORT: new URL(server.url).port }, 'route', 'compare', next);
    const lines = stdout.trim().split('\n').sort();
    expect(lines).toEqual([
      expect.stringMatching(/^1\.2\.9\.1: nothing → chest-xr-pneumonia@[\d.]+ \(normal\)$/),
      expect.stringMatching(/^1\.2\.9\.2: nothing → chest/),
      expect.stringMatching(/^1\.2\.9\.3: nothing → chest/),
      '3 of 5 series in 2 studies change.',
    ]);
  });

  test('a study that is deleted meanwhile ends with that reason and keeps no other waiting', async () => {
    await send(timed('1.2.1', 1, '110000'));
    const page = async () => (await fetch(`${server.url}/operations`)).text();
    for (let tries = 0; tries < 300 && !(await page()).includes('Held for their study'); tries++)
      await wait(50);
    const found = await fetch(`${orthanc.url}/tools/lookup`, { method: 'POST', body: '1.2.1' });
    const [study] = (await found.json()) as readonly { Path: string }[];
    expect((await fetch(`${orthanc.url}${study?.Path}`, { method: 'DELETE' })).status).toBe(200);
    await send(timed('1.2.7', 1, '110000'));
    expect(await server.settled('1.2.7.1')).toMatchObject([{ state: 'done' }]);
    const [gone] = await server.settled('1.2.1.1');
    expect(gone).toMatchObject({ state: 'skipped' });
    expect(gone?.reason).toContain('the series went from the archive while its study was waited for');
  });

  test('what is expected and does not come is said at the deadline', async () => {
    await send(timed('1.2.8', 1, '080000'));
    const missing = 'no series with SeriesTime at least 100000 has come';
    for (let tries = 0; tries < 300 && (await held('1.2.8'))[0]?.waitsFor !== missing; tries++)
      await wait(50);
    const { stdout } = started({ PORT: new URL(server.url).port }, 'route', 'held', '1.2.8');
    expect(stdout).toMatch(/^1\.2\.8 {2}rule newest-chest {2}1 series since 20/);
    expect(stdout).toContain(`${missing}; at 20`);
    const deadline = Date.parse((await held('1.2.8'))[0]?.deadline ?? '');
    const [analysis] = await server.settled('1.2.8.1');
    expect(analysis?.state).toBe('skipped');
    expect(analysis?.reason).toContain('at the deadline 1 of 1 expected series had not come');
    // The archive was looked at shortly before the deadline; it is looked at again then, not a minute later.
    expect(Date.now() - deadline).toBeLessThan(20_000);
  });

  test('`atDeadline: wait` waits on after the deadline, says so, and runs all once what is expected comes', async () => {
    const patient = (series: number, SeriesTime: string): Buffer =>
      radiograph({ study: '1.2.5', series, attributes: { SeriesDescription: 'patient', SeriesTime } });
    await send(patient(1, '080000'));
    const isOver = async (): Promise<boolean> => {
      const [line] = await held('1.2.5');
      return line?.deadline !== undefined && Date.parse(line.deadline) + 2_000 < Date.now();
    };
    for (let tries = 0; tries < 300 && !(await isOver()); tries++) await wait(50);
    // The deadline is two seconds ago.
    expect(await held('1.2.5')).toEqual([
      expect.objectContaining({
        rule: 'patient',
        series: ['1.2.5.1'],
        waitsFor: 'no series with SeriesTime at least 100000 has come',
        atDeadline: 'it waits on',
      }),
    ]);
    const known = (await server.analyses()).filter((a) => a.StudyInstanceUID === '1.2.5');
    expect(known).toEqual([]);
    await send(patient(2, '110000'));
    for (const series of ['1.2.5.1', '1.2.5.2'])
      expect(await server.settled(series)).toMatchObject([
        { state: 'done', why: expect.stringContaining('rule patient') },
      ]);
    expect(await held('1.2.5')).toEqual([]);
  });
});
