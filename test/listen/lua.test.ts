import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Orthanc, startOrthanc } from '../../server/orthanc-process.ts';
import { freePort } from '../../server/shared/free-port.ts';
import { slice } from '../helpers/instances.ts';
import { type JobsProcess, startJobs } from '../helpers/jobs-process.ts';

jest.setTimeout(60_000);

/** The configuration and the hook that we ship, in a real Orthanc, against the real router: polling is too slow to help. */

const folder = mkdtempSync(join(tmpdir(), 'pellucid-lua-'));
const running: { orthanc?: Orthanc; server?: JobsProcess } = {};
afterEach(async () => {
  await running.orthanc?.stop();
  await running.server?.kill9();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const begin = async (name: string, secret: string): Promise<{ orthanc: Orthanc; server: JobsProcess }> => {
  const [port, orthancPort] = [await freePort(), await freePort()];
  const server = await startJobs({
    LISTEN: '1',
    ORTHANC_URL: `http://127.0.0.1:${orthancPort}`,
    PORT: String(port),
    HOOK_SECRET: 'long '.repeat(20),
    POLL_MS: '600000',
    DATA_DIR: join(folder, name, 'server'),
  });
  running.server = server;
  const orthanc = await startOrthanc({
    folder: join(folder, name),
    port: orthancPort,
    hookSecret: secret,
    hookUrl: `http://127.0.0.1:${port}/hooks/orthanc`,
    config: { StableAge: 1 },
  });
  running.orthanc = orthanc;
  const body = Buffer.from(slice({ study: '1.2.3', series: '1.2.3.1', number: 1 }));
  await fetch(`${orthanc.url}/instances`, { method: 'POST', body });
  return { orthanc, server };
};

test('Orthanc signs its call, and the series is analysed long before the next poll', async () => {
  const { server } = await begin('right', 'long '.repeat(20));
  await server.until((s) => s.type === 'woken');
  expect(await server.settled(1)).toMatchObject([{ state: 'done', SeriesInstanceUID: '1.2.3.1' }]);
});

test('with another secret nobody is woken', async () => {
  const { server, orthanc } = await begin('wrong', 'other');
  for (let stable = false; !stable; ) {
    const changes = (await (await fetch(`${orthanc.url}/changes`)).json()) as {
      Changes: { ChangeType: string }[];
    };
    stable = changes.Changes.some((c) => c.ChangeType === 'StableStudy');
    await new Promise((next) => setTimeout(next, 100));
  }
  expect(server.said.map((s) => s.type)).toEqual(['ready']);
});

test('a machine without Orthanc is told what to install', async () => {
  jest.resetModules();
  process.env.ORTHANC_BINARY = join(folder, 'none');
  const { startOrthanc: start } = await import('../../server/orthanc-process.ts');
  delete process.env.ORTHANC_BINARY;
  await expect(start({ folder, port: 1, hookSecret: '', hookUrl: '' })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    detail: expect.stringMatching(/apt-get install orthanc orthanc-dicomweb/),
  });
});
