import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Priority, SeriesArrived } from '../../server/contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { started } from '../helpers/command.ts';
import { type JobsProcess, type Said, type Seen, startJobs } from '../helpers/jobs-process.ts';

jest.setTimeout(240_000);

/** What an operator does to the queue, on the real one with a worker that analyses nothing. */

const folder = mkdtempSync(join(tmpdir(), 'pellucid-control-'));
let server: JobsProcess;
beforeAll(async () => {
  server = await startJobs({
    DATA_DIR: folder,
    FAKE_MS: '30',
    CONCURRENCY: '4',
    WORKER_MEMORY_MB: '400',
    MODEL_CONCURRENCY: 'single=1',
    MEMORY_MB: '1600',
    MODEL_MEMORY_MB: 'large=700',
  });
});
afterAll(async () => {
  await server.kill9();
  rmSync(folder, { recursive: true, force: true });
});

const arrival = (series: number): SeriesArrived => ({
  StudyInstanceUID: StudyInstanceUID.parse('1.2.3'),
  SeriesInstanceUID: SeriesInstanceUID.parse(`1.2.3.${series}`),
  fingerprint: 'a',
  instanceCount: 2,
  settledAt: '2026-01-01T00:00:00.000Z',
});
const by = (id: string, priority: Priority = 'normal', digest = `digest of ${id}`) => ({
  model: { id, version: '1.0.0', digest },
  run: true,
  why: 'it is a test',
  priority,
});
const saidOf = (state: string): readonly string[] =>
  server.said.flatMap((s) => (s.state === state && s.id ? [s.id] : []));
const only = async (series: number): Promise<Seen> => {
  const found = (await server.list('?limit=1000')).filter((a) => a.SeriesInstanceUID === `1.2.3.${series}`);
  expect(found).toHaveLength(1);
  return found[0] as Seen;
};
const act = async (id: string, verb: string, body: object = {}): Promise<number> => {
  const answer = await fetch(`${server.url}/api/analyses/${id}/${verb}`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.status;
};
const state = (id: string, wanted: string) => (s: Said) => s.id === id && s.state === wanted;

const stopSwitch = (disabled: readonly string[]) =>
  writeFileSync(join(folder, 'models.json'), JSON.stringify({ schema: 1, promoted: {}, disabled }));

test('what is at work is called off, and stays so', async () => {
  await server.arrive({ arrived: arrival(10), decisions: [by('hangs')] });
  const { id } = await only(10);
  await server.until(state(id, 'inferring'));
  expect(await act(id, 'cancel')).toBe(202);
  expect(await only(10)).toMatchObject({ state: 'cancelled', reason: 'cancelled by the operator' });
  // The worker is free again, and does other things.
  await server.arrive({ arrived: arrival(11), decisions: [by('works')] });
  await server.until(state((await only(11)).id, 'done'));
  expect(await only(10)).toMatchObject({ state: 'cancelled', objects: [] });
});

test('what was cancelled is tried again when someone wants it, under the same id', async () => {
  const { id } = await only(10);
  expect(await act(id, 'retry')).toBe(202);
  await server.until(
    (s) => state(id, 'inferring')(s) && saidOf('inferring').filter((i) => i === id).length === 2,
  );
  expect(await act(id, 'cancel')).toBe(202);
});

test('what failed is left at that, or tried again with all that failed alike', async () => {
  for (const series of [20, 21, 22])
    await server.arrive({ arrived: arrival(series), decisions: [by('refuses')] });
  await server.settled(5);
  expect(await act((await only(20)).id, 'cancel')).toBe(202);
  const answer = await fetch(`${server.url}/api/analyses/retry`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ code: 'PIXELS_UNSUPPORTED' }),
  });
  expect(await answer.json()).toEqual({ retried: 2 });
  await server.settled(5);
  expect(await only(20)).toMatchObject({ state: 'cancelled', attempts: 1 });
  expect(await only(21)).toMatchObject({ state: 'failed', attempts: 2 });
});

test('what is done is not cancelled, but made again when someone wants it', async () => {
  const done = await only(11);
  expect(await act(done.id, 'cancel')).toBe(404);
  expect(await act(done.id, 'rerun')).toBe(202);
  await server.settled(5);
  expect(await only(11)).toMatchObject({
    id: done.id,
    state: 'done',
    attempts: 2,
    objects: done.objects,
  });
});

test('another version runs beside, and the older result stays', async () => {
  const { id } = await only(11);
  expect(await act(id, 'rerun', { model: 'works@2.0.0' })).toBe(202);
  await server.settled(6);
  const both = (await server.list()).filter((a) => a.SeriesInstanceUID === '1.2.3.11');
  expect(both.map((a) => a.state)).toEqual(['done', 'done']);
  expect(new Set(both.map((a) => a.id)).size).toBe(2);
});

test('two versions are compared on the images that both have read', async () => {
  const path = '?a=works@1.0.0&b=works@2.0.0';
  const answer = await fetch(`${server.url}/api/compare${path}`);
  expect(await answer.json()).toMatchObject({
    images: 1,
    findings: [{ label: 'Fake', images: 1, difference: { of: 'volumeMl', mean: 0, largest: 0 } }],
    differing: [],
  });
  const page = await (await fetch(`${server.url}/operations/compare${path}`)).text();
  expect(page).toContain('pellucid model promote works@2.0.0');
  const none = await (await fetch(`${server.url}/operations/compare?a=works@1.0.0&b=works@3.0.0`)).text();
  expect(none).toContain('pellucid backfill --model works@3.0.0');
  expect((await fetch(`${server.url}/api/compare?a=works&b=works@2.0.0`)).status).toBe(400);
});

test('pellucid analysis lists, tries again and runs again; what the server refuses is said', async () => {
  const analysis = async (...args: readonly string[]) => {
    const env = { ...process.env, HOST: '127.0.0.1', PORT: new URL(server.url).port };
    const { stdout } = await promisify(execFile)('node', ['server/cli.ts', 'analysis', ...args], { env });
    return stdout;
  };
  const failed = await analysis('list', '--state', 'failed');
  expect(failed).toMatch(
    /^failed {6}20\d\d-\d\d-\d\d \d\d:\d\d {2}[0-9a-f]{32} {2}refuses@1\.0\.0 {2}2 tries\n +study 1\.2\.3, series 1\.2\.3\.2[12]$/m,
  );
  expect(failed).toContain('PIXELS_UNSUPPORTED: frames of 3 bits');
  expect(failed).toContain('Do: This kind of pixel data is not read yet');
  expect(await analysis('compare', 'works@1.0.0', 'works@2.0.0')).toContain('"images": 1');
  await expect(analysis('cancel', (await only(20)).id)).rejects.toThrow(
    /NOT_FOUND: no analysis that could be cancelled/,
  );
  await expect(analysis('forget')).rejects.toThrow(/say one of/);
});

test('pellucid analysis show tells one from its arrival on', async () => {
  const shown = async (series: number) =>
    started(
      { HOST: '127.0.0.1', PORT: new URL(server.url).port },
      'analysis',
      'show',
      (await only(series)).id,
    ).stdout;
  const failed = await shown(21);
  expect(failed).toMatch(/^state {6}failed since 20.*, 2 tries$/m);
  expect(failed).toMatch(
    /^fault {6}PIXELS_UNSUPPORTED: frames of 3 bits\nfault {6}Do: This kind of pixel data/m,
  );
  const [, log = ''] = failed.split('\n\n');
  // Both tries, each with its state, its time and its end.
  expect(log.match(/ {2}inferring {2}[\d.]+ s$/gm)).toHaveLength(2);
  expect(log.match(/ {2}PIXELS_UNSUPPORTED frames of 3 bits$/gm)).toHaveLength(2);
  const both = (await server.list()).find((a) => a.SeriesInstanceUID === '1.2.3.11') as Seen;
  const done = started({ HOST: '127.0.0.1', PORT: new URL(server.url).port }, 'analysis', 'show', both.id);
  expect(done.stdout).toContain(`object     SEG ${both.objects[0]?.SOPInstanceUID}`);
  expect(done.stdout).toMatch(/ {2}storing {2}[\d.]+ s\n.* {2}done\n$/);
  const { status, says } = started(
    { HOST: '127.0.0.1', PORT: new URL(server.url).port },
    'analysis',
    'show',
    '0'.repeat(32),
  );
  expect([status, says]).toEqual([1, expect.stringContaining('no analysis has this id')]);
});

test('pellucid status tells what waits, runs and failed', async () => {
  const told = started({ HOST: '127.0.0.1', PORT: new URL(server.url).port }, 'status').stdout;
  expect(told).toMatch(/^waiting {2}nothing$/m);
  expect(told).toMatch(/^running {2}0\nworkers {2}1 process works on 4 at once$/m);
  expect(told).toMatch(/^latency {2}[\d.]+ s from arrival to visible/m);
  expect(told).toMatch(/^failed {3}2 × PIXELS_UNSUPPORTED$/m);
  expect(told).toMatch(/^archive {2}answers in 21 ms$/m);
});

test.each(['works', 'works@2', '../x', 'works@2.0.0 '])('%j is no version of a model', async (model) => {
  expect(await act('a'.repeat(32), 'rerun', { model })).toBe(400);
});

test('a stopped model keeps back what is queued, and goes on when it is let', async () => {
  stopSwitch(['works@1.0.0']);
  await server.arrive({ arrived: arrival(30), decisions: [by('works')] });
  const { id } = await only(30);
  // Said anew when it is parked: queued twice.
  await server.until(() => saidOf('queued').filter((i) => i === id).length === 2);
  expect(await only(30)).toMatchObject({
    state: 'queued',
    attempts: 0,
    parked: 'the operator stopped the model',
  });
  // The alarm of a queue that stands still does not count it.
  const page = await (await fetch(`${server.url}/operations`)).text();
  expect(page).toContain('1 analysis is kept back: the model was stopped');
  expect(page).toContain('Nothing waits.');
  stopSwitch([]);
  await server.until(state(id, 'done'));
  expect(await only(30)).toMatchObject({ attempts: 1, parked: null });
});

test('what is at work when its model is stopped stores nothing', async () => {
  await server.arrive({ arrived: arrival(31), decisions: [by('works')] });
  const { id } = await only(31);
  await server.until(state(id, 'retrieving'));
  stopSwitch(['works@1.0.0']);
  // It was queued, taken, and parked.
  await server.until(() => saidOf('queued').filter((i) => i === id).length === 3);
  expect(await only(31)).toMatchObject({
    state: 'queued',
    objects: [],
    parked: expect.any(String),
  });
  expect(await act(id, 'cancel')).toBe(202);
  stopSwitch([]);
});

test('a model has no more at work than it may, others go beside it, and together they use no more memory than there is', async () => {
  const before = server.said.length;
  const decisions = [
    ...Array.from({ length: 3 }, (_, i) => by('single', 'normal', `s${i}`)),
    ...Array.from({ length: 3 }, (_, i) => by('large', 'normal', `l${i}`)),
    ...Array.from({ length: 3 }, (_, i) => by('other', 'normal', `o${i}`)),
  ];
  await server.arrive({ arrived: arrival(40), decisions });
  await server.settled(17);
  const records = (await server.list()).filter((a) => a.SeriesInstanceUID === '1.2.3.40');
  expect(records.map((a) => a.state)).toEqual(decisions.map(() => 'done'));
  const modelOf = (id: string) => records.find((a) => a.id === id)?.modelId ?? '';
  const atWork = new Set<string>();
  const most = { single: 0, all: 0, mb: 0 };
  for (const { state: now, id = '' } of server.said.slice(before)) {
    if (now === 'retrieving') atWork.add(id);
    if (now === 'done') atWork.delete(id);
    const models = [...atWork].map(modelOf);
    const count = (model: string) => models.filter((m) => m === model).length;
    most.single = Math.max(most.single, count('single'));
    most.all = Math.max(most.all, models.length);
    most.mb = Math.max(most.mb, 700 * count('large') + 400 * (models.length - count('large')));
  }
  expect(most.single).toBe(1);
  expect(most.all).toBeGreaterThan(1);
  expect(most.mb).toBeLessThanOrEqual(1600);
});

test('an urgent study behind 300 analyses of a backfill is taken by the next worker that is free', async () => {
  const backfill = Array.from({ length: 300 }, (_, i) => by('works', 'backfill', `version ${i}`));
  await server.arrive({ arrived: arrival(50), decisions: backfill });
  const before = server.said.length;
  await server.until((s) => s.state === 'done' && server.said.indexOf(s) >= before);
  await server.arrive({ arrived: arrival(51), decisions: [by('works', 'urgent')] });
  const urgent = await only(51);
  await server.until(state(urgent.id, 'retrieving'));
  const events = server.said.filter((s) => s.type === 'state');
  const queued = events.findIndex(state(urgent.id, 'queued'));
  const taken = events.findIndex(state(urgent.id, 'retrieving'));
  const between = events.slice(queued, taken).filter((s) => s.state === 'retrieving');
  // Each of the four workers may have taken one before it was queued, and three of them another while the fourth, which has
  // it, has not said so yet.
  expect(between.length).toBeLessThanOrEqual(7);
  expect(saidOf('done').length).toBeLessThan(290);
});
