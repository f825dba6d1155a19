import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createApp } from '../../server/app.ts';
import { auditRouter } from '../../server/audit/routes.ts';
import { openTrail, type Trail } from '../../server/audit/trail.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';
import { NO_LOG_IN } from '../helpers/no-log-in.ts';
import { type Listening, listen } from '../show/listening.ts';

jest.setTimeout(120_000);

const ANN = { who: 'u1', whoName: 'Ann' };
const DAY_MS = 86_400_000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);

/** The address and the command, on one trail whose first three entries are old. */
describe('retention', () => {
  let tables: TestDatabase;
  let trail: Trail;
  let server: Listening;
  beforeAll(async () => {
    tables = await openTables();
    let clock = daysAgo(110);
    trail = openTrail(tables.sql, () => clock);
    const note = (study: string) => trail.note({ ...ANN, action: 'study-read', study, outcome: 'done' });
    await note('1.2.0');
    clock = daysAgo(100);
    await note('1.2.1');
    clock = daysAgo(90);
    await note('1.2.2');
    clock = daysAgo(10);
    await note('1.2.3');
    clock = new Date();
    server = await listen(createApp({ access: NO_LOG_IN, routers: [auditRouter(trail, () => ANN)] }));
  });
  afterAll(async () => {
    await server.close();
    await tables.close();
  });
  const prune = (body: unknown) =>
    fetch(`${server.url}/api/audit/prune`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const left = async () => (await trail.list({ limit: 10 })).map(({ study, action }) => study ?? action);
  const pellucid = (...args: readonly string[]) =>
    promisify(execFile)('node', ['server/cli.ts', 'audit', ...args], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: new URL(server.url).port },
    });

  test.each([
    ['what is younger than 30 days', { before: daysAgo(29).toISOString() }],
    ['no day at all', {}],
    ['a day that is none', { before: 'yesterday' }],
    ['more than is asked', { before: daysAgo(60).toISOString(), after: 1 }],
  ])('%s is refused, and nothing goes', async (_, body) => {
    const answer = await prune(body);
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'REQUEST_INVALID' }]);
    expect(await left()).toEqual(['1.2.0', '1.2.1', '1.2.2', '1.2.3']);
  });

  test('what is older goes, that is noted with its hash, and the rest is a chain still', async () => {
    const [, last] = await trail.list({ limit: 10 });
    const answer = await prune({ before: daysAgo(95).toISOString() });
    expect([answer.status, await answer.json()]).toEqual([200, { gone: 2 }]);
    expect(await left()).toEqual(['1.2.2', '1.2.3', 'audit-pruned']);
    expect((await trail.list({ limit: 10 }))[2]).toMatchObject({
      ...ANN,
      detail: `2 entries up to 2, whose hash is ${last?.hash}`,
    });
    expect(await trail.verify()).toMatchObject({ entries: 3 });
    expect(await trail.verify()).not.toHaveProperty('brokenAt');
  });

  test('the command does and says the same, and the trail verifies', async () => {
    const { stdout } = await pellucid('prune', '--before', daysAgo(60).toISOString());
    expect(stdout).toBe('1 entry is gone; the rest is a chain, and says from which hash it goes on.\n');
    expect(await left()).toEqual(['1.2.3', 'audit-pruned', 'audit-pruned']);
    expect((await pellucid('verify')).stdout).toMatch(/^3 entries, unbroken/);
    await expect(pellucid('prune', '--before', new Date().toISOString())).rejects.toMatchObject({
      stderr: expect.stringContaining('younger than 30 days'),
    });
    await expect(pellucid('prune')).rejects.toMatchObject({
      stderr: expect.stringContaining('REQUEST_INVALID'),
    });
    expect(await left()).toHaveLength(3);
  });
});
