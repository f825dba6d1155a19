import { setTimeout as wait } from 'node:timers/promises';
import { arrivalsOf } from '../../server/listen/arrivals.ts';
import { studiesBetween } from '../../server/listen/qido.ts';
import { listenByQuery } from '../../server/listen/query.ts';
import { seriesAttributes } from '../../server/route/attributes.ts';
import { slice } from '../helpers/instances.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type Habits, type OtherArchive, startOtherArchive } from '../helpers/other-archive.ts';

jest.setTimeout(120_000);

const STUDIES = 7;
const IMAGES = 5;

describe.each<[string, Habits]>([
  ['that gives three at a time', { most: 3 }],
  ['that gives one at a time', { most: 1 }],
  ['that counts nothing', { countless: true }],
  ['that counts nothing and gives three at a time', { countless: true, most: 3 }],
  ['that ignores where a page begins', { ignoresOffset: true }],
])('an archive %s', (_, habits) => {
  let orthanc: TestOrthanc;
  let archive: OtherArchive;
  const day = new Date().toISOString().slice(0, 10);
  const send = async (study: number, number: number): Promise<void> => {
    const body = Buffer.from(
      slice({ study: `1.2.${study}`, series: `1.2.${study}.1`, number, date: day.replaceAll('-', '') }),
    );
    expect((await fetch(`${orthanc.url}/instances`, { method: 'POST', body })).status).toBe(200);
  };
  const dicomWebPath = '/dicom-web';
  const isOwnSeries = async () => false;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    archive = await startOtherArchive(habits, orthanc.url);
    for (let study = 1; study <= STUDIES; study++) for (let n = 1; n <= IMAGES; n++) await send(study, n);
  });
  afterAll(async () => {
    await archive.stop();
    await orthanc.remove();
  });

  test('every series arrives once, with all its images, and again with a late one', async () => {
    const arrived: string[] = [];
    let ahead = 0;
    const listener = listenByQuery({
      archive,
      dicomWebPath,
      store: { load: async () => undefined, save: async () => undefined },
      isOwnSeries,
      onArrived: async ({ SeriesInstanceUID, instanceCount }) =>
        void arrived.push(`${SeriesInstanceUID}: ${instanceCount}`),
      pollMs: 50,
      settleMs: 300,
      days: 1,
      now: () => Date.now() + ahead,
    });
    const all = Array.from({ length: STUDIES }, (_, i) => `1.2.${i + 1}.1: ${IMAGES}`);
    for (let tries = 0; tries < 400 && arrived.length < STUDIES; tries++) await wait(50);
    await wait(500);
    expect(arrived.toSorted()).toEqual(all);

    await send(2, IMAGES + 1);
    // Where nothing is counted, a study is looked into every five minutes.
    ahead = 5 * 60_000;
    for (let tries = 0; tries < 400 && arrived.length <= STUDIES; tries++) await wait(50);
    await listener.stop();
    expect(arrived.slice(STUDIES)).toEqual([`1.2.2.1: ${IMAGES + 1}`]);
  });

  test('a backfill finds every study, and all images of each', async () => {
    const found = await studiesBetween(archive, dicomWebPath, { from: day, to: day });
    expect([...found.keys()].toSorted()).toEqual(Array.from({ length: STUDIES }, (_, i) => `1.2.${i + 1}`));
    expect(await arrivalsOf('1.2.1', { archive, dicomWebPath, kind: 'dicomweb', isOwnSeries })).toMatchObject(
      [{ SeriesInstanceUID: '1.2.1.1', instanceCount: IMAGES }],
    );
  });

  test('a rule knows how many images the series has', async () => {
    const address = { StudyInstanceUID: '1.2.1', SeriesInstanceUID: '1.2.1.1' };
    expect(await seriesAttributes(archive, dicomWebPath, address)).toMatchObject({
      NumberOfSeriesRelatedInstances: [String(IMAGES)],
    });
  });
});
