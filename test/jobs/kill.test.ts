import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { type JobsProcess, startJobs } from '../helpers/jobs-process.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';

jest.setTimeout(120_000);

/** The server ends by SIGKILL in each state and starts again: the work is done once, with one object in the archive. */

let archive: TestOrthanc;
let folder: string;
let server: JobsProcess;
const env = () => ({ DATA_DIR: folder, ORTHANC_URL: archive.url, FAKE_MS: '150' });

const arrival = (series: number) => ({
  arrived: {
    StudyInstanceUID: StudyInstanceUID.parse('1.2.3'),
    SeriesInstanceUID: SeriesInstanceUID.parse(`1.2.3.${series}`),
    fingerprint: 'a',
    instanceCount: 2,
    settledAt: '2026-01-01T00:00:00.000Z',
  },
  decisions: [{ model: { id: 'works', version: '1.0.0', digest: 'd' }, run: true, why: 'it is a test' }],
});

beforeAll(async () => {
  archive = await startOrthanc();
  folder = mkdtempSync(join(tmpdir(), 'pellucid-kill-'));
  server = await startJobs(env());
});
afterAll(async () => {
  await server.kill9();
  await archive.remove();
  rmSync(folder, { recursive: true, force: true });
});

test.each(['queued', 'retrieving', 'inferring', 'explaining', 'encoding', 'storing', 'done'])(
  'kill -9 while %s',
  async (state) => {
    const before = await server.list();
    const series = before.length + 1;
    await server.arrive(arrival(series));
    const { id } = (await server.list()).find((a) => a.SeriesInstanceUID === `1.2.3.${series}`) ?? {};
    await server.until((s) => s.id === id && s.state === state);
    await server.kill9();

    const started = Date.now();
    server = await startJobs(env());
    const analyses = await server.settled(series);
    // Requeued at once, not when a heartbeat or an expiry is missed.
    expect(Date.now() - started).toBeLessThan(15_000);
    expect(analyses).toHaveLength(series);
    const analysis = analyses.find((a) => a.id === id);
    expect(analysis).toMatchObject({ state: 'done', fault: null });
    const found = await fetch(`${archive.url}/dicom-web/studies/1.2.3/instances`);
    const stored = (await found.json()) as readonly { '00080018': { Value: readonly string[] } }[];
    const uids = stored.map((instance) => instance['00080018'].Value[0]);
    expect(uids.filter((uid) => uid === analysis?.objects[0]?.SOPInstanceUID)).toHaveLength(1);
    expect(uids).toHaveLength(series);
  },
);

test('a worker process ends with its server', async () => {
  await server.arrive(arrival(99));
  await server.until((s) => s.type === 'state' && s.state === 'inferring');
  const children = childrenOf(server.pid);
  expect(children).toHaveLength(1);
  await server.kill9();
  for (let tries = 0; tries < 100 && isAlive(children[0] as number); tries++) await wait(20);
  expect(isAlive(children[0] as number)).toBe(false);
});

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** Not gone, and not a zombie that nobody has waited for. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
