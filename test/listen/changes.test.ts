import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { segmentation, slice } from '../helpers/instances.ts';
import { type JobsProcess, type Seen, startJobs } from '../helpers/jobs-process.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';

jest.setTimeout(120_000);

interface Change {
  readonly ChangeType: string;
  readonly ID: string;
}

const SETTLE_MS = 1_500;
const STABLE_MS = 1_000;
const folders: string[] = [];
let archive: TestOrthanc;
let server: JobsProcess;

const settings = (env: Readonly<Record<string, string>> = {}) => ({
  LISTEN: '1',
  ORTHANC_URL: archive.url,
  POLL_MS: '100',
  SETTLE_MS: String(SETTLE_MS),
  DATA_DIR: folders.at(-1) as string,
  ...env,
});
const store = async (bytes: Uint8Array): Promise<void> => {
  const answer = await fetch(`${archive.url}/instances`, { method: 'POST', body: Buffer.from(bytes) });
  expect(answer.status).toBe(200);
  await answer.text();
};
const json = async <T>(path: string, init: RequestInit = {}): Promise<T> =>
  (await fetch(archive.url + path, init)).json() as Promise<T>;
const send = async (series: string, numbers: readonly number[], value = 1): Promise<void> => {
  for (const number of numbers) await store(slice({ study: '1.2.3', series, number, value }));
};
const of = async (series: string): Promise<readonly Seen[]> =>
  (await server.list()).filter((a) => a.SeriesInstanceUID === series);
const states = async (series: string) => (await of(series)).map((a) => a.state).sort();
const arrivals = (series: string) =>
  server.said.flatMap(({ arrived }) => (arrived?.SeriesInstanceUID === series ? [arrived] : []));
/** Does something, and waits until the series has arrived after it. An arrival may be told twice: by its quiet time and, a moment later, by its event. */
const andArrives = async (series: string, act: () => Promise<void>): Promise<void> => {
  const before = arrivals(series).length;
  await act();
  await until(() => arrivals(series).length > before);
};
const until = async (fact: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 40_000; Date.now() < end; await wait(50)) if (await fact()) return;
  throw new Error(`not in time: ${fact}\n${server.log()}`);
};
/** Long enough for an event to come that must not come. */
const nothingHappens = (): Promise<void> => wait(STABLE_MS + SETTLE_MS + 1_000);

beforeAll(async () => {
  folders.push(mkdtempSync(join(tmpdir(), 'pellucid-listen-')));
  // Overwriting makes Orthanc tell of duplicates too.
  archive = await startOrthanc({ config: { StableAge: STABLE_MS / 1000, OverwriteInstances: true } });
  server = await startJobs(settings());
});
afterAll(async () => {
  await server.kill9();
  await archive.remove();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('a series makes one analysis; its result, which is stored in the same study, makes none', async () => {
  await send('1.2.3.1', [1, 2, 3]);
  await until(async () => (await states('1.2.3.1')).includes('done'));
  await nothingHappens();
  expect(await server.list()).toHaveLength(1);
  expect(new Set(arrivals('1.2.3.1').map((arrived) => arrived.fingerprint)).size).toBe(1);
  expect(arrivals('1.2.3.1')[0]).toMatchObject({ instanceCount: 3, StudyInstanceUID: '1.2.3' });
});

test('the same series again arrives again, and makes no analysis', async () => {
  await andArrives('1.2.3.1', () => send('1.2.3.1', [1, 2, 3]));
  expect(await states('1.2.3.1')).toEqual(['done']);
});

test('a late slice makes one analysis, and the old one is superseded', async () => {
  await andArrives('1.2.3.1', () => send('1.2.3.1', [4]));
  await server.settled(2);
  expect(await states('1.2.3.1')).toEqual(['done', 'superseded']);
});

test('other pixels under the same UIDs make one analysis', async () => {
  await send('1.2.3.2', [1, 2]);
  await until(async () => (await states('1.2.3.2')).includes('done'));
  await andArrives('1.2.3.2', () => send('1.2.3.2', [2], 7));
  await server.settled(4);
  expect(await states('1.2.3.2')).toEqual(['done', 'superseded']);
});

test.each([
  ['a segmentation of somebody else', 'SEG', '1.2.840.10008.5.1.4.1.1.66.4'],
  ['a report', 'SR', '1.2.840.10008.5.1.4.1.1.88.33'],
  ['a parametric map with the modality of its source', 'MR', '1.2.840.10008.5.1.4.1.1.30'],
  ['a presentation state', 'PR', '1.2.840.10008.5.1.4.1.1.11.1'],
])('%s makes no analysis', async (name, Modality, SOPClassUID) => {
  const SeriesInstanceUID = `1.2.4.${name.length}`;
  const before = server.said.length;
  await store(
    segmentation({
      StudyInstanceUID: '1.2.4',
      SeriesInstanceUID,
      SOPInstanceUID: `${SeriesInstanceUID}.1`,
      SOPClassUID,
      Modality,
    }),
  );
  await nothingHappens();
  expect(server.said.slice(before)).toEqual([]);
});

test('a report that joins the series of the images makes no analysis', async () => {
  const before = (await server.list()).length;
  const report = segmentation({
    StudyInstanceUID: '1.2.3',
    SeriesInstanceUID: '1.2.3.2',
    SOPInstanceUID: '1.2.3.2.900',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.33',
    Modality: 'MR',
  });
  await andArrives('1.2.3.2', () => store(report));
  expect(await server.list()).toHaveLength(before);
});

test('a secondary capture, which could be an image, makes none when it is ours', async () => {
  await server.stop();
  server = await startJobs(settings({ MODEL: 'captures' }));
  const before = (await server.list()).length;
  await send('1.2.3.8', [1]);
  await until(async () => (await states('1.2.3.8')).includes('done'));
  await nothingHappens();
  expect(await server.list()).toHaveLength(before + 1);
  await store(
    segmentation({
      StudyInstanceUID: '1.2.3',
      SeriesInstanceUID: '1.2.3.9',
      SOPInstanceUID: '1.2.3.9.1',
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
      Modality: 'OT',
    }),
  );
  await until(async () => (await states('1.2.3.9')).includes('done'));
});

test('what arrives while the server is down is found at its start', async () => {
  await server.kill9();
  await send('1.2.3.3', [1, 2]);
  await wait(STABLE_MS + 500);
  server = await startJobs(settings());
  await until(async () => (await states('1.2.3.3')).includes('done'));
  expect(arrivals('1.2.3.1')).toEqual([]);
});

test('a series whose event Orthanc lost by a crash arrives after the quiet time', async () => {
  await send('1.2.3.4', [1, 2]);
  await archive.kill9();
  await archive.restart();
  await until(async () => (await states('1.2.3.4')).includes('done'));
  const found = await json<readonly { ID: string }[]>('/tools/lookup', { method: 'POST', body: '1.2.3.4' });
  const { Changes } = await json<{ Changes: readonly Change[] }>('/changes?limit=1000');
  const lost = Changes.filter((c) => c.ChangeType === 'StableSeries' && c.ID === found[0]?.ID);
  expect(lost).toEqual([]);
});

test('an archive that is down is noted once; the work that it interrupted is done when it is back', async () => {
  await server.stop();
  server = await startJobs(settings({ FAKE_MS: '400' }));
  await send('1.2.3.5', [1, 2]);
  await until(async () => (await states('1.2.3.5')).includes('inferring'));
  await archive.stop();
  await until(async () => (await of('1.2.3.5'))[0]?.fault?.code === 'ARCHIVE_UNREACHABLE');
  await wait(2_000);
  await archive.restart();
  await until(async () => (await states('1.2.3.5')).includes('done'));
  await send('1.2.3.6', [1]);
  await until(async () => (await states('1.2.3.6')).includes('done'));
  expect(server.log().match(/archive not followed/g)).toHaveLength(1);
  expect(server.log().match(/archive followed again/g)).toHaveLength(1);
  const [analysis] = await of('1.2.3.5');
  const query = `/dicom-web/studies/1.2.3/instances?SOPInstanceUID=${analysis?.objects[0]?.SOPInstanceUID}`;
  expect(await json(query)).toHaveLength(1);
});

test('an archive that starts anew is followed from its start', async () => {
  await archive.stop();
  rmSync(join(archive.folder, 'storage'), { recursive: true });
  await archive.restart();
  await until(() => server.log().includes('read from the start'));
  await send('1.2.3.7', [1]);
  await until(async () => (await states('1.2.3.7')).includes('done'));
});
