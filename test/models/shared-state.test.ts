import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../server/jobs/migrations.ts';
import { sharedDecisions, takeOverDecisions } from '../../server/models/shared-state.ts';
import type { ModelState } from '../../server/models/state.ts';
import { log } from '../../server/shared/log.ts';
import { sqlOf } from '../helpers/client-sql.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';

/** Decisions about models in a real PostgreSQL, which several machines share. */

let postgres: TestPostgres;
let folder: string;
/** As other processes have it: connections of its own. */
const machine = (name: string) => sharedDecisions(`${postgres.url}?application_name=${name}`);
async function asked(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await work(client);
  await client.end();
}
const stopping = (key: string) => (state: ModelState) => ({
  ...state,
  disabled: [...state.disabled, key],
});
const written = (state: object): string => {
  const file = join(folder, 'models.json');
  writeFileSync(file, JSON.stringify({ schema: 1, promoted: {}, canary: {}, disabled: [], ...state }));
  return file;
};
const version = (number: string) => ({ version: number, digest: `of ${number}`, at: '2026-01-01T00:00:00Z' });

beforeAll(async () => {
  log.level = 'fatal';
  folder = mkdtempSync(join(tmpdir(), 'pellucid-decisions-'));
  postgres = await startPostgres();
}, 120_000);
afterAll(async () => {
  await postgres?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('before the first start of a server nothing is decided, and nothing can be', async () => {
  expect(await machine('a').read()).toEqual({ schema: 1, promoted: {}, canary: {}, disabled: [] });
  await expect(machine('a').change(stopping('m@1.0.0'))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    detail: expect.stringContaining('start the server once'),
  });
});

describe('with tables', () => {
  beforeAll(async () => {
    await asked((client) => migrate(sqlOf(client)));
  });
  beforeEach(() => machine('a').change(() => ({ schema: 1, promoted: {}, canary: {}, disabled: [] })));

  test('what one machine decides the others read', async () => {
    await machine('a').change(stopping('m@1.0.0'));
    expect((await machine('b').read()).disabled).toEqual(['m@1.0.0']);
  });

  test('of many who decide at once none is lost', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `m${i}@1.0.0`);
    await Promise.all(keys.map((key, i) => machine(i % 2 ? 'a' : 'b').change(stopping(key))));
    expect([...(await machine('c').read()).disabled].sort()).toEqual([...keys].sort());
  });

  test('a decision that fails leaves those from before', async () => {
    await machine('a').change(stopping('m@1.0.0'));
    const failing = machine('a').change(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await machine('a').read()).disabled).toEqual(['m@1.0.0']);
  });

  test('a file of decisions is taken over once: the database’s own stay, and what was stopped anywhere is stopped', async () => {
    await machine('a').change((state) => ({
      ...stopping('kept@1.0.0')(state),
      promoted: { m: version('2.0.0') },
    }));
    const file = written({
      promoted: { m: version('1.0.0'), n: version('3.0.0') },
      disabled: ['other@1.0.0', 'kept@1.0.0'],
    });
    await takeOverDecisions(file, postgres.url);
    const taken = await machine('b').read();
    expect(taken.promoted).toEqual({ m: version('2.0.0'), n: version('3.0.0') });
    expect(taken.disabled).toEqual(['kept@1.0.0', 'other@1.0.0']);
    expect([existsSync(file), existsSync(`${file}.taken-over`)]).toEqual([false, true]);
    await machine('a').change((state) => ({ ...state, disabled: [] }));
    await takeOverDecisions(file, postgres.url);
    expect((await machine('a').read()).disabled).toEqual([]);
  });

  test('a damaged file is a fault, and stays where it is', async () => {
    const file = join(folder, 'models.json');
    writeFileSync(file, '{"schema": 1');
    await expect(takeOverDecisions(file, postgres.url)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(existsSync(file)).toBe(true);
    rmSync(file);
  });

  test('a damaged row is a fault: no decision is guessed', async () => {
    await asked((client) => client.query(`update pellucid.model_decisions set state = '{"schema": 1}'`));
    await expect(machine('a').read()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(machine('a').change((state) => state)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await asked((client) => client.query('delete from pellucid.model_decisions'));
  });

  test('a database that was killed is asked again when it is back', async () => {
    await machine('a').change(stopping('m@1.0.0'));
    await postgres.kill9();
    await expect(machine('a').read()).rejects.toThrow();
    await postgres.restart();
    expect((await machine('a').read()).disabled).toEqual(['m@1.0.0']);
  });
});
