import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../server/shared/free-port.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { radiograph } from '../helpers/radiograph.ts';

jest.setTimeout(240_000);

/** The npm package as `npm run package` makes it, unpacked where none of our sources is near; its dependencies are those of the checkout. */
describe('the npm package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-package-'));
  const home = join(folder, 'node_modules', 'pellucid');
  let orthanc: TestOrthanc;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    execFileSync('node', ['scripts/package.mjs', folder], { stdio: 'ignore' });
    const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    mkdirSync(home, { recursive: true });
    execFileSync('tar', ['xzf', join(folder, String(packed)), '--strip-components=1', '-C', home]);
    for (const name of readdirSync('node_modules').filter((n) => n !== 'pellucid' && !n.startsWith('.')))
      symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  });
  afterAll(async () => {
    await orthanc?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('holds JavaScript and no types, and nothing of the tests', () => {
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.startsWith('server/') && file.endsWith('.ts'))).toEqual([]);
    for (const file of [
      'LICENSE',
      'server/cli.js',
      'models/chest-xr-pneumonia/model.yaml',
      'docs/operate.md',
    ])
      expect([file, existsSync(join(home, file))]).toEqual([file, true]);
    expect(files.some((file) => file.startsWith('test'))).toBe(false);
  });

  test('serves from any folder: a radiograph is read by a model of the package, and its results are stored', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const server = spawn('node', [join(home, 'server/cli.js'), 'serve'], {
      cwd: folder,
      env: {
        ...process.env,
        ORTHANC_URL: orthanc.url,
        PORT: new URL(url).port,
        DATA_DIR: 'data',
        POLL_MS: '200',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (chunk) => {
        log += chunk;
      });
    const states = async (): Promise<readonly { state: string; modelId: string; objects: unknown[] }[]> => {
      const answer = await fetch(`${url}/api/analyses`).catch(() => undefined);
      return answer?.ok ? ((await answer.json()) as { analyses: [] }).analyses : [];
    };
    for (let tries = 0; tries < 600 && !log.includes('"listening"'); tries++) await wait(100);
    const body = radiograph({ study: '1.2.3' });
    expect((await fetch(`${orthanc.url}/instances`, { method: 'POST', body })).status).toBe(200);
    let found = await states();
    for (let tries = 0; tries < 600 && found[0]?.state !== 'done' && server.exitCode === null; tries++) {
      await wait(200);
      found = await states();
    }
    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    await gone;
    expect([found[0]?.state, found[0]?.modelId, log.includes('"level":60')]).toEqual([
      'done',
      'chest-xr-pneumonia',
      false,
    ]);
    expect(found[0]?.objects.length).toBeGreaterThan(2);
  });
});
