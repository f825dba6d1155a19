import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Priority, SeriesArrived } from '../../server/contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { type JobsProcess, type Seen, startJobs } from '../helpers/jobs-process.ts';

jest.setTimeout(120_000);

const folders: string[] = [];
const servers: JobsProcess[] = [];

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'pellucid-jobs-'));
  folders.push(made);
  return made;
};
const start = async (env: Readonly<Record<string, string>>): Promise<JobsProcess> => {
  const server = await startJobs(env);
  servers.push(server);
  return server;
};
const arrival = (series: number, fingerprint = 'a'): SeriesArrived => ({
  StudyInstanceUID: StudyInstanceUID.parse('1.2.3'),
  SeriesInstanceUID: SeriesInstanceUID.parse(`1.2.3.${series}`),
  fingerprint,
  instanceCount: 2,
  settledAt: '2026-01-01T00:00:00.000Z',
});
const by = (id: string, run = true) => ({
  model: { id, version: '1.0.0', digest: `digest of ${id}` },
  run,
  why: run ? 'it is a test' : `not for ${id}`,
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill9()));
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

test('what is urgent goes before what came earlier, and off-peak work waits for its time', async () => {
  const server = await start({ DATA_DIR: folder(), FAKE_MS: '100' });
  const come = (series: number, priority: Priority, notBefore?: string) =>
    server.arrive({
      arrived: arrival(series),
      decisions: [{ ...by('works'), priority, ...(notBefore ? { notBefore: new Date(notBefore) } : {}) }],
    });
  await come(1, 'normal');
  await server.until((said) => said.state === 'retrieving');
  await come(2, 'off-peak');
  await come(3, 'normal');
  await come(4, 'off-peak', '2100-01-01T00:00:00Z');
  await come(5, 'urgent');
  await come(6, 'normal');
  await server.until((said) => said.state === 'done' && done().length === 5);
  function done(): readonly string[] {
    return server.said.flatMap(({ state, id = '' }) => (state === 'done' ? [id] : []));
  }
  const records = await server.list();
  const seriesOf = (id: string) => records.find((a) => a.id === id)?.SeriesInstanceUID.at(-1);
  expect(done().map(seriesOf).join('')).toBe('15362');
  expect(records.find((a) => a.SeriesInstanceUID === '1.2.3.4')).toMatchObject({
    state: 'queued',
    priority: 'off-peak',
    notBefore: '2100-01-01T00:00:00.000Z',
  });
});

test('work that is due outside of its hours is set back to their next begin, unless a person wants it', async () => {
  const server = await start({ DATA_DIR: folder(), FAKE_MS: '10' });
  const clock = (hoursFromNow: number): string =>
    new Date(Date.now() + hoursFromNow * 3_600_000).toTimeString().slice(0, 5);
  const come = (series: number, from: number, to: number) =>
    server.arrive({
      arrived: arrival(series),
      decisions: [
        // Due now, as what was left of a night.
        { ...by('works'), priority: 'off-peak', hours: { from: clock(from), to: clock(to) } },
      ],
    });
  const of = async (series: number) =>
    (await server.list()).find((a) => a.SeriesInstanceUID === `1.2.3.${series}`) as Seen & {
      readonly notBefore: string | null;
    };
  await come(1, 2, 4);
  await come(2, -2, 2);
  const inside = await of(2);
  await server.until((said) => said.state === 'done' && said.id === inside.id);
  const { id, ...outside } = await of(1);
  expect(outside).toMatchObject({ state: 'queued', attempts: 0 });
  const wait = Date.parse(outside.notBefore ?? '') - Date.now();
  expect(wait).toBeGreaterThan(1.9 * 3_600_000);
  expect(wait).toBeLessThanOrEqual(2 * 3_600_000);
  // It is still queued, once.
  await fetch(`${server.url}/api/analyses/${id}/rerun`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: '{}',
  });
  await server.until((said) => said.state === 'done' && said.id === id);
  expect(await of(1)).toMatchObject({ state: 'done', attempts: 1, notBefore: null });
});

describe('one server', () => {
  let server: JobsProcess;
  beforeAll(async () => {
    server = await start({ DATA_DIR: folder(), WORKER_MEMORY_MB: '400', JOB_TIMEOUT_MS: '10000' });
  });
  const of = async (series: number) =>
    (await server.list()).filter((a) => a.SeriesInstanceUID === `1.2.3.${series}`);
  const outcome = async (series: number) => {
    await server.settled(1);
    return of(series);
  };

  test('an analysis passes through every state, with the time in each', async () => {
    await server.arrive({ arrived: arrival(1), decisions: [by('works')] });
    const [analysis] = await outcome(1);
    expect(analysis).toMatchObject({ state: 'done', attempts: 1, fault: null, modelId: 'works' });
    expect(analysis?.findings).toHaveLength(1);
    expect(Object.keys(analysis?.timings ?? {}).sort()).toEqual([
      'encoding',
      'explaining',
      'inferring',
      'queued',
      'retrieving',
      'storing',
    ]);
    const states = server.said.filter((s) => s.type === 'state' && s.id === analysis?.id).map((s) => s.state);
    expect([...new Set(states)]).toEqual([
      'queued',
      'retrieving',
      'inferring',
      'explaining',
      'encoding',
      'storing',
      'done',
    ]);
  });

  test('the same set of instances again makes nothing new', async () => {
    await server.arrive({ arrived: arrival(1), decisions: [by('works')] });
    expect(await outcome(1)).toHaveLength(1);
  });

  test('another set makes one analysis, and the old one is superseded; the first set again is current again', async () => {
    await server.arrive({ arrived: arrival(1, 'b'), decisions: [by('works')] });
    expect((await outcome(1)).map((a) => a.state).sort()).toEqual(['done', 'superseded']);
    await server.arrive({ arrived: arrival(1, 'a'), decisions: [by('works')] });
    const back = await outcome(1);
    expect(back.map((a) => [a.attempts, a.state]).sort()).toEqual([
      [1, 'superseded'],
      [2, 'done'],
    ]);
  });

  test('a series that no model reads is skipped with every reason', async () => {
    await server.arrive({ arrived: arrival(2), decisions: [by('chest', false), by('head', false)] });
    const [skipped] = await server.list('?state=skipped');
    expect(skipped).toMatchObject({ reason: 'chest: not for chest; head: not for head', modelId: null });
  });

  test('in shadow an analysis is done with its findings and without objects, and may run again for the archive', async () => {
    const shadow = 'it was never checked';
    await server.arrive({ arrived: arrival(4), decisions: [{ ...by('works'), shadow }] });
    const [first] = await outcome(4);
    expect(first).toMatchObject({ state: 'done', mode: 'shadow', shadow, objects: [], fault: null });
    expect(first?.findings).toHaveLength(1);
    expect(server.said.some((s) => s.id === first?.id && s.state === 'storing')).toBe(false);
    await server.arrive({ arrived: arrival(4), decisions: [by('works')] });
    expect((await outcome(4)).map((a) => [a.mode, a.shadow, a.objects.length]).sort()).toEqual([
      ['clinical', null, 1],
      ['shadow', shadow, 0],
    ]);
    const asReader = async (path: string) =>
      (await fetch(`${server.url}/api/analyses${path}`, { headers: { 'x-reader': '1' } })).json();
    const seen = (await asReader('?limit=1000')) as { analyses: readonly { mode: string | null }[] };
    expect(new Set(seen.analyses.map((a) => a.mode))).toEqual(new Set(['clinical', null]));
    expect(await asReader(`/${first?.id}`)).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a worker that would store in shadow gets no leave', async () => {
    const decision = { ...by('stores-in-shadow'), shadow: 'it was never checked' };
    await server.arrive({ arrived: arrival(5), decisions: [decision] });
    expect(await outcome(5)).toMatchObject([
      { state: 'failed', objects: [], fault: { code: 'MODEL_NOT_ACCEPTED' } },
    ]);
  });

  test('an analysis that is at work is called off when another set arrives', async () => {
    await server.arrive({ arrived: arrival(3), decisions: [by('hangs')] });
    const [begun] = await of(3);
    await server.until((s) => s.state === 'inferring' && s.id === begun?.id);
    await server.arrive({ arrived: arrival(3, 'b'), decisions: [by('works')] });
    expect((await outcome(3)).map((a) => [a.modelId, a.state]).sort()).toEqual([
      ['hangs', 'superseded'],
      ['works', 'done'],
    ]);
  });

  test.each([
    ['refuses', 'PIXELS_UNSUPPORTED', /3 bits/, 1],
    ['crashes', 'WORKER_DIED', /SIGKILL while inferring/, 2],
    ['hangs', 'WORKER_TIMEOUT', /10000 ms .* inferring/, 1],
    ['leaks', 'WORKER_DIED', /MB of memory while inferring, the limit is 400 MB/, 2],
  ])('a worker that %s fails the analysis with %s and what to do', async (model, code, detail, attempts) => {
    const series = 10 + code.length + model.length;
    await server.arrive({ arrived: arrival(series), decisions: [by(model)] });
    const [analysis] = await outcome(series);
    expect(analysis).toMatchObject({ state: 'failed', attempts, fault: { code } });
    expect(analysis?.fault?.detail).toMatch(detail);
    expect(analysis?.fault?.action).not.toBe('');
  });

  test.each(['crashes-once', 'loses-archive-once'])(
    'a worker that %s is tried again and done',
    async (model) => {
      const series = 50 + model.length;
      await server.arrive({ arrived: arrival(series), decisions: [by(model)] });
      expect(await outcome(series)).toMatchObject([{ state: 'done', attempts: 2, fault: null }]);
    },
  );

  test('the next job begins when one ends, and not at the next poll', async () => {
    const started = Date.now();
    for (let series = 100; series < 120; series++)
      await server.arrive({ arrived: arrival(series), decisions: [by('works')] });
    await server.settled(20);
    // A poll a second would take 20.
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  test('the records are asked by study, state and limit; anything else is refused', async () => {
    expect(await server.list('?StudyInstanceUID=1.2.3&limit=2')).toHaveLength(2);
    expect(await server.list('?StudyInstanceUID=1.2.4')).toEqual([]);
    const [one] = await server.list('?limit=1');
    expect(await (await fetch(`${server.url}/api/analyses/${one?.id}`)).json()).toEqual(one);
    for (const [path, status] of [
      ['?limit=0', 400],
      ['?PatientID=1', 400],
      ['?StudyInstanceUID=1.02', 400],
      ['/none', 404],
    ] as const)
      expect((await fetch(`${server.url}/api/analyses${path}`)).status).toBe(status);
  });

  test('a second server on the same folder is refused', async () => {
    const path = folders[0] as string;
    await expect(startJobs({ DATA_DIR: path })).rejects.toThrow(/another server uses this DATA_DIR/);
  });

  test('stops in good order', async () => {
    expect(await server.stop()).toBe(0);
  });
});
