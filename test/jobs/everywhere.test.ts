import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import type { Database } from '../../server/jobs/database.ts';
import { tellEverywhere } from '../../server/jobs/everywhere.ts';
import { type JobsProcess, startJobs } from '../helpers/jobs-process.ts';
import { madeAnalysis } from '../helpers/made-jobs.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';

jest.setTimeout(240_000);

const STUDY = '1.2.3';

/** The states that a stream tells of, until one is final. */
async function statesAt(url: string, opened: () => void): Promise<readonly string[]> {
  const stop = new AbortController();
  const answer = await fetch(`${url}/api/events?StudyInstanceUID=${STUDY}`, { signal: stop.signal });
  const states: string[] = [];
  let text = '';
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    opened();
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [name, data] = event.split('\n');
      if (name === 'event: analysis')
        states.push((JSON.parse(data?.slice('data: '.length) ?? '') as { state: string }).state);
    }
    if (states.includes('done')) break;
  }
  stop.abort();
  return states;
}

describe('two servers that share a PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-everywhere-'));
  let postgres: TestPostgres;
  let servers: readonly JobsProcess[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    const start = (name: string) =>
      startJobs({ DATA_DIR: join(folder, name), DATABASE_URL: postgres.url, FAKE_MS: '300' });
    servers = [await start('a'), await start('b')];
  });
  afterAll(async () => {
    for (const server of servers) await server.kill9();
    await postgres?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a reader at either is told how an analysis goes, wherever it runs', async () => {
    let opened = 0;
    let begin = (): void => undefined;
    const open = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const isOpen = new Set<string>();
    const streams = servers.map(({ url }) =>
      statesAt(url, () => {
        isOpen.add(url);
        opened = isOpen.size;
        if (opened === servers.length) begin();
      }),
    );
    await open;
    await servers[0]?.arrive({
      arrived: {
        StudyInstanceUID: StudyInstanceUID.parse(STUDY),
        SeriesInstanceUID: SeriesInstanceUID.parse('1.2.3.4'),
        fingerprint: 'a',
        instanceCount: 1,
        settledAt: '2026-01-01T00:00:00.000Z',
      },
      decisions: [{ model: { id: 'works', version: '1.0.0', digest: 'd' }, run: true, why: 'it is a test' }],
    });
    for (const states of await Promise.all(streams)) expect(states.at(-1)).toBe('done');
    // Only one of them did it: the other was told.
    const worked = servers.filter(({ said }) => said.some(({ state }) => state === 'inferring'));
    expect(worked).toHaveLength(1);
  });
});

describe('what is told', () => {
  const made = (over: Partial<Database> = {}) => {
    const sent: string[] = [];
    const heard: { hear?: (payload: string) => void; connected?: () => void } = {};
    const database = {
      exclusive: false,
      sql: { query: async (_: string, [, payload]: [string, string]) => void sent.push(payload) },
      listen: async (_: string, hear: (payload: string) => void, connected: () => void) => {
        Object.assign(heard, { hear, connected });
        connected();
        return { close: async () => undefined };
      },
      ...over,
    } as unknown as Database;
    const everywhere = tellEverywhere(database, async (id) => madeAnalysis({ id }));
    const told: (string | undefined)[] = [];
    return { everywhere, sent, heard, told, listen: () => everywhere.onChange((a) => told.push(a?.id)) };
  };

  test('many changes are few notices, none longer than PostgreSQL takes; one’s own are told once', async () => {
    const { everywhere, sent, heard, told, listen } = made();
    listen();
    for (let i = 0; i < 500; i++) everywhere.tell(madeAnalysis({ id: String(i).padStart(32, '0') }));
    await everywhere.stop();
    expect(sent.length).toBeLessThanOrEqual(3);
    expect(Math.max(...sent.map((payload) => Buffer.byteLength(payload)))).toBeLessThan(8_000);
    expect(sent.flatMap((payload) => payload.split(' ').slice(1))).toHaveLength(500);
    const before = told.length;
    for (const payload of sent) heard.hear?.(payload);
    await new Promise((done) => setImmediate(done));
    expect(told).toHaveLength(before);
  });

  test('another’s change is read and told; after a gap one is told to look again', async () => {
    const { heard, told, listen } = made();
    listen();
    await new Promise((done) => setImmediate(done));
    expect(told).toEqual([undefined]);
    heard.hear?.('another x y');
    await new Promise((done) => setImmediate(done));
    heard.connected?.();
    expect(told).toEqual([undefined, 'x', 'y', undefined]);
  });

  test('alone with its database it neither tells nor listens', async () => {
    const { everywhere, sent, heard, told, listen } = made({ exclusive: true });
    listen();
    everywhere.tell(madeAnalysis({ id: 'x' }));
    await everywhere.stop();
    expect([sent, heard, told]).toEqual([[], {}, ['x']]);
  });
});
