import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { loadModels } from '../../server/models/load.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { chestCase } from '../encode/fixtures.ts';
import { sendBytes, seriesOf, storedBytes } from '../helpers/archive.ts';
import { type JobsProcess, type Seen, startJobs } from '../helpers/jobs-process.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';

jest.setTimeout(120_000);

/**
 * The archive is down for at least as many tries as five minutes hold: pauses of 1, 2, 4, 8 s and then 15 s, with jitter a quarter less.
 * Here the pauses are zero; the queue, the worker, the spool and the archive are the real ones.
 */
const TRIES = 30;

let archive: TestOrthanc;
let folder: string;
let server: JobsProcess;
const start = () =>
  startJobs({ DATA_DIR: folder, ORTHANC_URL: archive.url, REAL_WORKER: '1', LONGEST_PAUSE_S: '0' });

beforeAll(async () => {
  archive = await startOrthanc();
  folder = mkdtempSync(join(tmpdir(), 'pellucid-outage-'));
  server = await start();
});
afterAll(async () => {
  await server?.kill9();
  await archive?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const now = async (): Promise<Seen> => (await server.list())[0] as Seen;
const triedTimes = async (count: number): Promise<Seen> => {
  for (;;) {
    const analysis = await now();
    if (analysis.attempts >= count) return analysis;
    await wait(50);
  }
};
/** SHA-256 of each finished object by its UID, as the spool has it. */
function spooled(analysis: string): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(folder, 'spool', analysis, 'manifest.json'), 'utf8')) as {
    objects: { SOPInstanceUID: string; sha256: string }[];
  };
  return Object.fromEntries(manifest.objects.map((o) => [o.SOPInstanceUID, o.sha256]));
}

test('an archive that is down for five minutes: nothing is done again, lost or doubled, and the state is seen', async () => {
  const [source] = chestCase({ header: { WindowCenter: 2048, WindowWidth: 4096 } }).sources;
  const { ParentSeries } = await sendBytes(archive, source as Uint8Array);
  const series = await seriesOf(archive, ParentSeries);
  const { ready } = await loadModels('models');
  const model = ready.find(({ identity }) => identity.id === 'chest-xr-pneumonia')?.identity;
  if (!model) throw new Error('no model');
  await server.arrive({
    arrived: {
      StudyInstanceUID: StudyInstanceUID.parse(series.StudyInstanceUID),
      SeriesInstanceUID: SeriesInstanceUID.parse(series.SeriesInstanceUID),
      fingerprint: 'a',
      instanceCount: 1,
      settledAt: '2026-01-01T00:00:00.000Z',
    },
    decisions: [{ model, run: true, why: 'it is a test' }],
  });
  await server.until((s) => s.state === 'explaining');
  await archive.kill9();

  const down = await triedTimes(TRIES / 2);
  expect(['queued', 'storing']).toContain(down.state);
  expect(down.fault).toMatchObject({
    code: 'ARCHIVE_UNREACHABLE',
    action: expect.stringMatching(/Orthanc|archive/),
  });
  const finished = spooled(down.id);
  const inferred = server.said.filter((s) => s.state === 'inferring').length;
  expect(inferred).toBe(1);

  await server.kill9();
  server = await start();
  expect((await triedTimes(TRIES)).fault).toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
  expect(spooled(down.id)).toEqual(finished);
  expect(server.said.filter((s) => s.state === 'inferring')).toEqual([]);

  await archive.restart();
  const [done] = await server.settled(1);
  expect(done).toMatchObject({ id: down.id, state: 'done', fault: null });
  expect(done?.objects.map((o) => o.SOPInstanceUID)).toEqual(Object.keys(finished));
  const stored = (await (await fetch(`${archive.url}/instances`)).json()) as readonly string[];
  expect(stored).toHaveLength(1 + Object.keys(finished).length);
  for (const [uid, digest] of Object.entries(finished))
    expect(sha256(await storedBytes(archive, uid))).toBe(digest);
  expect(() => spooled(down.id)).toThrow('ENOENT');
});
