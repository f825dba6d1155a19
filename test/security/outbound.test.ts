import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createApp } from '../../server/app.ts';
import { loadConfig } from '../../server/config.ts';
import { archiveOf, furtherTargets } from '../../server/places.ts';
import { call, getJson } from '../../server/shared/http.ts';
import { dicomWebProxy } from '../../server/show/proxy.ts';
import { NO_LOG_IN } from '../helpers/no-log-in.ts';
import { listen } from '../show/listening.ts';
import { asking } from './guarded-site.ts';

const folder = mkdtempSync(join(tmpdir(), 'pellucid-outbound-'));
const file = (name: string) => join(folder, name);
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

async function started(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });

/** An authority, and what it or nobody signed. */
function makeCertificates(): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
  );
  for (const [name, subject] of [
    ['archive', '/CN=127.0.0.1'],
    ['pellucid', '/CN=pellucid'],
  ] as const) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1\n');
    const signed = [
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'names',
    ];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`);
  }
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'stranger.key',
    '-out',
    'stranger.pem',
    '-days',
    '2',
    '-subj',
    '/CN=x',
  );
}

describe('an archive that asks for a certificate (mutual TLS)', () => {
  let url: string;
  beforeAll(async () => {
    makeCertificates();
    const server = createServer(
      {
        ca: readFileSync(file('ca.pem')),
        cert: readFileSync(file('archive.pem')),
        key: readFileSync(file('archive.key')),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request: IncomingMessage, response: ServerResponse) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify([subject.CN]));
      },
    );
    url = `https://127.0.0.1:${await started(server)}`;
  });
  const env = (ca: string, own: string) => ({
    ORTHANC_URL: url,
    ...(ca ? { ARCHIVE_CA_FILE: file(`${ca}.pem`) } : {}),
    ...(own ? { ARCHIVE_CERT_FILE: file(`${own}.pem`), ARCHIVE_KEY_FILE: file(`${own}.key`) } : {}),
    STORE_ALSO: `dicomweb:${url}/dicom-web`,
  });

  test('knows us by ours, and we know it by its authority; so do further archives', async () => {
    const config = loadConfig(env('ca', 'pellucid'));
    expect(await getJson(archiveOf(config), '/studies')).toEqual(['pellucid']);
    const [further] = furtherTargets(config);
    expect(further?.kind === 'dicomweb' && (await getJson(further.archive, '/studies'))).toEqual([
      'pellucid',
    ]);
  });

  test.each([
    ['without a certificate of ours', 'ca', ''],
    ['with one that another authority signed', 'ca', 'stranger'],
    ['that we have no reason to trust', '', 'pellucid'],
    ['of another authority', 'stranger', 'pellucid'],
  ])('%s is not reached', async (_, ca, own) => {
    await expect(getJson(archiveOf(loadConfig(env(ca, own))), '/studies')).rejects.toMatchObject({
      code: 'ARCHIVE_UNREACHABLE',
    });
  });
});

describe('what another server says of where to go', () => {
  let reached: string[] = [];
  let archive: string;
  beforeAll(async () => {
    const elsewhere = await started(
      createPlain((request, response) => {
        reached.push(request.url ?? '');
        response.end('secrets of the inner network');
      }),
    );
    archive = `http://127.0.0.1:${await started(
      createPlain((_, response) =>
        response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}/inner` }).end(),
      ),
    )}`;
  });
  afterEach(() => {
    expect(reached).toEqual([]);
    reached = [];
  });

  test('is not followed by the server', async () => {
    expect((await call({ url: archive }, '/dicom-web/studies')).status).toBe(307);
  });

  test('is not passed on to the browser', async () => {
    const site = await listen(
      createApp({ access: NO_LOG_IN, routers: [dicomWebProxy({ url: archive }, '/dicom-web')] }),
    );
    const answer = await fetch(`${site.url}/dicom-web/studies`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([307, null]);
    await site.close();
  });

  test.each([
    '//127.0.0.1:1/x',
    '/@127.0.0.1:1/x',
    '/..//127.0.0.1:1',
    '/%2e%2e/%2e%2e/system',
    '/studies/../../system',
    '/studies/1%0d%0aHost:%20x',
  ])('/dicom-web%s leads nowhere but to the archive’s DICOMweb', async (path) => {
    const site = await listen(
      createApp({ access: NO_LOG_IN, routers: [dicomWebProxy({ url: archive }, '/dicom-web')] }),
    );
    const { status } = await asking(site.url)(`/dicom-web${path}`);
    expect([400, 404]).toContain(status);
    await site.close();
  });
});
