import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examine } from '../../server/cli/doctor-checks.ts';
import type { Finding } from '../../server/cli/doctor-finding.ts';
import { loadConfig } from '../../server/config.ts';
import { slice } from '../helpers/instances.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type Habits, startOtherArchive } from '../helpers/other-archive.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'pellucid-doctor-'));
let orthanc: TestOrthanc;
let postgres: TestPostgres;
beforeAll(async () => {
  [orthanc, postgres] = await Promise.all([startOrthanc(), startPostgres()]);
}, 120_000);
afterAll(async () => {
  await Promise.all([orthanc?.remove(), postgres?.remove()]);
  rmSync(folder, { recursive: true });
});

const look = async (env: Readonly<Record<string, string>>): Promise<Readonly<Record<string, Finding>>> => {
  const findings = await examine(
    loadConfig({ ORTHANC_URL: orthanc.url, DATA_DIR: join(folder, 'not', 'yet'), ...env }),
  );
  return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
};

test('a site on which everything is well, but for what an operator should know', async () => {
  const found = await look({ DATABASE_URL: postgres.url, HOOK_SECRET: 's', STORE_ALSO: `folder:${folder}` });
  expect(Object.values(found).filter(({ state }) => state === 'failed')).toEqual([]);
  expect(found.database?.says).toMatch(/^PostgreSQL \d/);
  expect(found.archive?.says).toMatch(/^Orthanc 1\./);
  expect(found['storing by DICOMweb']?.says).toBe('STOW-RS takes objects');
  expect(found.clock?.says).toMatch(/^\d+ s apart/);
  expect(found['log-in']).toMatchObject({ state: 'warning', action: expect.stringContaining('ACCESS_KEYS') });
  expect(found.hook?.state).toBe('ok');
  const { CountInstances } = (await (await fetch(`${orthanc.url}/statistics`)).json()) as {
    CountInstances: number;
  };
  expect(CountInstances).toBe(0);
});

test.each<[string, Readonly<Record<string, string>>, string, string]>([
  ['an archive that is down', { ORTHANC_URL: 'http://127.0.0.1:9' }, 'archive', 'ECONNREFUSED'],
  ['another server in place of Orthanc', { ORTHANC_URL: 'OTHER' }, 'archive', 'no Orthanc'],
  ['an archive that lets nobody store', { ORTHANC_URL: 'OTHER' }, 'storing by DICOMweb', 'answered 403'],
  ['a clock that is off', { ORTHANC_URL: 'OTHER' }, 'clock', 's apart'],
  ['a DICOMweb root that is elsewhere', { DICOMWEB_PATH: '/nowhere' }, 'storing by DICOMweb', 'answered 40'],
  ['a database that is down', { DATABASE_URL: 'postgres://a@127.0.0.1:9/x' }, 'database', 'ECONNREFUSED'],
  ['no models', { MODEL_PATH: '/nowhere' }, 'models', 'there are none'],
  ['a rule file that is none', { RULES_FILE: '/nowhere.yaml' }, 'rules', '/nowhere.yaml'],
  ['a modality that Orthanc does not know', { STORE_ALSO: 'modality:PACS' }, 'further targets', 'PACS'],
  ['a folder that is not there', { STORE_ALSO: 'folder:/nowhere' }, 'further targets', '/nowhere'],
  [
    'a folder for copies that is not there',
    { COPY_TARGETS: 'research=folder:/nowhere', COPY_SECRET: 'kept by nobody but the administrators' },
    'targets of copies',
    '/nowhere',
  ],
  ['others who can reach a server without a log-in', { HOST: '0.0.0.0' }, 'log-in', 'nobody logs in'],
  ['a provider that is down', { OIDC_ISSUER: 'http://127.0.0.1:9' }, 'log-in', 'how people log in'],
])('%s is found, with what to do', async (_, env, name, says) => {
  const other = createServer((request, response) => {
    if (request.url === '/tools/now') response.end('20200101T000000');
    else if (request.method === 'POST') response.writeHead(403).end();
    else response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const found = await look({ ...env, ...(env.ORTHANC_URL === 'OTHER' ? { ORTHANC_URL: url } : {}) });
  other.closeAllConnections();
  other.close();
  expect(found[name]).toMatchObject({ state: 'failed', says: expect.stringContaining(says) });
  expect(found[name]?.action).toMatch(/\.$/);
});

test.each<[string, Habits, string, string]>([
  ['counts', {}, 'ok', 'in pages, and counts'],
  ['counts nothing', { countless: true }, 'warning', 'looked into every five minutes'],
  ['ignores where a page begins', { ignoresOffset: true }, 'warning', 'never seen'],
])('of an archive that is asked by QIDO-RS: that it %s', async (_, habits, state, says) => {
  for (const study of ['1.2.1', '1.2.2']) {
    const body = Buffer.from(slice({ study, series: `${study}.1`, number: 1 }));
    expect((await fetch(`${orthanc.url}/instances`, { method: 'POST', body })).status).toBe(200);
  }
  const archive = await startOtherArchive(habits, orthanc.url);
  const found = await look({ ARCHIVE: 'dicomweb', ORTHANC_URL: archive.url });
  await archive.stop();
  expect(found['reading by DICOMweb']).toMatchObject({ state, says: expect.stringContaining(says) });
});

test('the command says it as JSON, and ends with 1', async () => {
  writeFileSync(join(folder, 'x'), '');
  const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile(
      'node',
      ['server/cli.ts', 'doctor', '--json'],
      { env: { ...process.env, PORT: 'x' } },
      (error, out) => resolve({ code: error?.code, stdout: out }),
    );
  });
  expect([code, JSON.parse(stdout)]).toEqual([
    1,
    {
      isWell: false,
      findings: [
        {
          name: 'settings',
          state: 'failed',
          says: expect.stringContaining('PORT'),
          action: 'Correct the named settings and start again.',
        },
      ],
    },
  ]);
});
