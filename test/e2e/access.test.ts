import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Entry } from '../../server/audit/entry.ts';
import { started } from '../helpers/command.ts';
import { slice } from '../helpers/instances.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type AnalysisJson, type TestServer, testServer } from '../helpers/server.ts';

/** The real server with people who log in, on a real archive. */
describe('a server with access keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-login-'));
  const file = join(folder, 'keys.yaml');
  let orthanc: TestOrthanc;
  let server: TestServer;
  const keys: Record<string, string> = {};
  const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}): string =>
    execFileSync('node', ['server/cli.ts', ...args], {
      env: { ...process.env, PORT: new URL(server?.url ?? 'http://x:1').port, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();

  beforeAll(async () => {
    for (const role of ['viewer', 'admin'])
      keys[role] = cli(['key', 'add', role, '--role', role, '--file', file]);
    orthanc = await startOrthanc();
    await fetch(`${orthanc.url}/instances`, {
      method: 'POST',
      body: Buffer.from(slice({ study: '1.2.3.4', series: '1.2.3.4.5', number: 1 })),
    });
    server = await testServer(folder, { ORTHANC_URL: orthanc.url, ACCESS_KEYS: file, MODEL_PATH: folder });
    await server.start();
  });
  afterAll(async () => {
    await server.stop();
    await orthanc.remove();
    rmSync(folder, { recursive: true });
  });
  const get = (path: string, who?: string) =>
    fetch(server.url + path, { headers: who ? { authorization: `Bearer ${keys[who]}` } : {} });

  test('who has no key reads nothing; a viewer reads the archive, and that is noted once', async () => {
    const study = '1.2.3.4';
    const series = `/dicom-web/studies/${study}/series`;
    expect((await get(series)).status).toBe(401);
    for (let i = 0; i < 3; i++) expect((await get(series, 'viewer')).status).toBe(200);
    expect((await get('/api/audit', 'viewer')).status).toBe(403);
    const { entries } = (await (await get('/api/audit', 'admin')).json()) as { entries: readonly Entry[] };
    expect(entries.map(({ action, who, study: of, object }) => [action, who, of ?? object])).toEqual([
      ['server-started', 'pellucid', undefined],
      ['study-read', 'key:viewer', study],
      ['refused', 'key:viewer', 'GET /api/audit'],
    ]);
  });

  test('a study is found by its patient’s ID, in no address, and that is noted', async () => {
    const find = (who: string) =>
      fetch(`${server.url}/operations/find`, {
        method: 'POST',
        redirect: 'manual',
        headers: { authorization: `Bearer ${keys[who]}` },
        body: new URLSearchParams({ find: 'TEST-1' }),
      });
    expect((await find('viewer')).status).toBe(403);
    const answer = await find('admin');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/operations/studies/1.2.3.4']);
    const { entries } = (await (await get('/api/audit', 'admin')).json()) as { entries: readonly Entry[] };
    expect(
      entries.some(
        ({ action, who, study }) => `${action} ${who} ${study}` === 'study-read key:admin 1.2.3.4',
      ),
    ).toBe(true);
    expect(JSON.stringify(entries)).not.toContain('TEST-1');
  });

  test('the trail is checked and told from the command line', () => {
    expect(cli(['audit', 'verify'], { PELLUCID_KEY: keys.admin as string })).toMatch(
      /^\d+ entries, unbroken/,
    );
    const told = cli(['audit', 'export', '--as', 'dicom'], { PELLUCID_KEY: keys.admin as string });
    expect(told.split('\n')[0]).toMatch(/^<AuditMessage>.*Application Start.*<\/AuditMessage>$/);
    expect(() => cli(['audit', 'verify'], { PELLUCID_KEY: keys.viewer as string })).toThrow();
  });

  test('a command says which key is wrong, and what to do', () => {
    const said = (key: Readonly<Record<string, string>>, ...args: readonly string[]) =>
      started({ HOST: '127.0.0.1', PORT: new URL(server.url).port, PELLUCID_KEY: '', ...key }, ...args).says;
    expect(said({}, 'analysis', 'list')).toBe(
      'LOG_IN_NEEDED: people log in at this server, and PELLUCID_KEY holds no key\nWhat to do: Log in, or send a key or token that counts.\n',
    );
    const wrong = { PELLUCID_KEY: `pk_${'A'.repeat(43)}` };
    for (const command of [['status'], ['audit', 'verify']])
      expect(said(wrong, ...command)).toMatch(
        /^LOG_IN_NEEDED: the server does not know the key that PELLUCID_KEY holds/,
      );
    const viewer = { PELLUCID_KEY: keys.viewer as string };
    expect(said(viewer, 'status')).toMatch(/^ACCESS_DENIED: this needs the role admin; viewer is viewer/);
  });

  test('what no model read is run again only by a model that is named', async () => {
    const listed = async () =>
      ((await (await get('/api/analyses', 'admin')).json()) as { analyses: readonly AnalysisJson[] })
        .analyses;
    while ((await listed()).length === 0) await wait(100);
    const [{ id, state } = { id: '', state: '' }] = await listed();
    expect(state).toBe('skipped');
    const key = { HOST: '127.0.0.1', PORT: new URL(server.url).port, PELLUCID_KEY: keys.admin as string };
    expect(started(key, 'analysis', 'rerun', id).says).toMatch(
      /^REQUEST_INVALID: no model read this series \(.+\): say which shall, as id@version/,
    );
  });

  test('ready is said to everyone, figures to the admin; without its archive the server is not ready', async () => {
    expect([(await get('/readyz')).status, await (await get('/readyz')).json()]).toEqual([
      200,
      { database: 'ok', archive: 'ok' },
    ]);
    expect((await get('/metrics')).status).toBe(401);
    expect(await (await get('/metrics', 'admin')).text()).toContain('pellucid_waiting');
    await orthanc.stop();
    expect([(await get('/readyz')).status, await (await get('/readyz')).json()]).toEqual([
      503,
      { database: 'ok', archive: 'ARCHIVE_UNREACHABLE' },
    ]);
  });

  test('the log holds no key and no name of a patient', () => {
    expect(server.log()).toContain('"msg":"refused"');
    for (const secret of [...Object.values(keys), 'TEST-1']) expect(server.log()).not.toContain(secret);
  });
});
