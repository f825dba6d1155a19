import { setTimeout as wait } from 'node:timers/promises';
import { listen } from '../../server/listen/changes.ts';
import { allStable } from '../helpers/archive.ts';
import { slice } from '../helpers/instances.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';

jest.setTimeout(240_000);

/** The listener alone, beside a real Orthanc that holds series of before. */
describe('the first start', () => {
  let orthanc: TestOrthanc;
  const send = async (series: string): Promise<void> => {
    const body = Buffer.from(slice({ study: '1.2.3', series, number: 1 }));
    await (await fetch(`${orthanc.url}/instances`, { method: 'POST', body })).text();
  };
  beforeAll(async () => {
    orthanc = await startOrthanc({ config: { StableAge: 1 } });
    for (const n of [1, 2, 3]) await send(`1.2.3.${n}`);
    await allStable({ url: orthanc.url });
  });
  afterAll(() => orthanc.remove());

  /** What a listener with this memory tells until `count` series have come. */
  const told = async (
    start: 'now' | 'all',
    {
      count,
      memory,
      hasRoom = async () => true,
    }: { count: number; memory: { state?: object }; hasRoom?: () => Promise<boolean> },
  ): Promise<readonly string[]> => {
    const arrived: string[] = [];
    const listener = listen({
      archive: { url: orthanc.url },
      store: {
        load: async () => memory.state,
        save: async (state) => {
          memory.state = structuredClone(state);
        },
      },
      isOwnSeries: async () => false,
      onArrived: async ({ SeriesInstanceUID }, past) => {
        arrived.push(`${SeriesInstanceUID}${past ? ' of the past' : ''}`);
      },
      start,
      hasRoom,
      pollMs: 100,
      settleMs: 60_000,
    });
    for (let tries = 0; tries < 600 && (arrived.length < count || memory.state === undefined); tries++)
      await wait(100);
    // Long enough for what must not come.
    await wait(1_000);
    await listener.stop();
    return arrived.toSorted();
  };
  const past = ['1.2.3.1 of the past', '1.2.3.2 of the past', '1.2.3.3 of the past'];

  test('leaves what is there alone, and reads what comes', async () => {
    const memory = {};
    expect(await told('now', { count: 0, memory })).toEqual([]);
    await send('1.2.3.4');
    expect(await told('now', { count: 1, memory })).toEqual(['1.2.3.4']);
    await allStable({ url: orthanc.url });
  });

  test('or reads all of it as the past, once', async () => {
    const memory = {};
    expect(await told('all', { count: 4, memory })).toEqual([...past, '1.2.3.4 of the past']);
    expect(await told('all', { count: 0, memory })).toEqual([]);
  });

  test('the past waits while there is no room; what comes does not', async () => {
    const memory = {};
    expect(await told('all', { count: 0, memory, hasRoom: async () => false })).toEqual([]);
    await send('1.2.3.5');
    expect(await told('all', { count: 1, memory, hasRoom: async () => false })).toEqual(['1.2.3.5']);
    // It is read twice, as new and as of the past: the records know it by then.
    expect(await told('all', { count: 5, memory })).toEqual([
      ...past,
      '1.2.3.4 of the past',
      '1.2.3.5 of the past',
    ]);
  });
});
