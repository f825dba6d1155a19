import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { segmentation, slice } from '../helpers/instances.ts';
import { type JobsProcess, startJobs } from '../helpers/jobs-process.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';

jest.setTimeout(120_000);

/** Any archive with DICOMweb, here a real Orthanc of which nothing else is asked. */
describe('an archive that is asked by QIDO-RS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-query-'));
  let archive: TestOrthanc;
  let server: JobsProcess;
  const settings = () => ({
    LISTEN: '1',
    ARCHIVE: 'dicomweb',
    ORTHANC_URL: archive.url,
    DATA_DIR: folder,
    POLL_MS: '200',
    SETTLE_MS: '1500',
  });
  const day = (back: number): string =>
    new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const put = async (bytes: Uint8Array): Promise<void> => {
    const answer = await fetch(`${archive.url}/instances`, { method: 'POST', body: Buffer.from(bytes) });
    expect(answer.status).toBe(200);
  };
  const send = async (series: string, numbers: readonly number[], date = day(0)): Promise<void> => {
    const study = series.split('.').slice(0, -1).join('.');
    for (const number of numbers) await put(slice({ study, series, number, date }));
  };
  const of = async (series: string) => (await server.list()).filter((a) => a.SeriesInstanceUID === series);
  const states = async (series: string) => (await of(series)).map((a) => a.state).sort();
  const until = async (fact: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 60_000; Date.now() < end; await wait(50)) if (await fact()) return;
    throw new Error(`not in time: ${fact}\n${server.log()}`);
  };

  beforeAll(async () => {
    archive = await startOrthanc();
    server = await startJobs(settings());
  });
  afterAll(async () => {
    await server.kill9();
    await archive.remove();
    rmSync(folder, { recursive: true });
  });

  test('a series arrives once, with all its images, when nothing comes any more', async () => {
    await send('1.2.30.1', [1, 2, 3]);
    await until(async () => (await states('1.2.30.1')).join() === 'done');
    expect(server.said.filter((s) => s.arrived).map((s) => s.arrived?.instanceCount)).toEqual([3]);
  });

  test('our own results are no arrival, and what others computed is none', async () => {
    await put(
      segmentation({
        StudyInstanceUID: '1.2.30',
        Modality: 'SEG',
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.66.4',
        SOPInstanceUID: '1.2.30.9.1',
        SeriesInstanceUID: '1.2.30.9',
      }),
    );
    await send('1.2.31.1', [1]);
    await until(async () => (await states('1.2.31.1')).join() === 'done');
    expect(server.said.filter((s) => s.arrived).map((s) => s.arrived?.SeriesInstanceUID)).toEqual([
      '1.2.30.1',
      '1.2.31.1',
    ]);
  });

  test('a late image makes a new analysis, and the old one is superseded', async () => {
    await send('1.2.30.1', [4]);
    await until(async () => (await states('1.2.30.1')).join() === 'done,superseded');
    expect((await of('1.2.30.1')).find((a) => a.state === 'done')?.objects).toHaveLength(1);
  });

  test('older studies are left alone', async () => {
    await send('1.2.32.1', [1], day(5));
    await send('1.2.33.1', [1], day(1));
    await until(async () => (await states('1.2.33.1')).join() === 'done');
    expect(await states('1.2.32.1')).toEqual([]);
  });

  test('after a restart nothing arrives again; what came meanwhile does', async () => {
    await server.kill9();
    await send('1.2.34.1', [1, 2]);
    server = await startJobs(settings());
    await until(async () => (await states('1.2.34.1')).join() === 'done');
    expect(server.said.filter((s) => s.arrived).map((s) => s.arrived?.SeriesInstanceUID)).toEqual([
      '1.2.34.1',
    ]);
  });

  test('an archive that is down is asked again', async () => {
    await archive.stop();
    await wait(1_000);
    await archive.restart();
    await send('1.2.35.1', [1]);
    await until(async () => (await states('1.2.35.1')).join() === 'done');
    expect(server.log()).toContain('archive followed again');
  });
});
