import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ROLES, type Role } from '../../server/access/identity.ts';
import { addKey } from '../../server/access/keys.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import type { Document, Operation } from '../../server/surface/document.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type TestServer, testServer } from '../helpers/server.ts';
import { listen } from '../show/listening.ts';

/** A word that may stand nowhere but in the archive, and what a browser must not run. */
export const MARK = 'ZQXMARK';
export const HOSTILE = `"><img src=x onerror="window.owned=1">${MARK}`;
export const STUDY = '1.2.826.7';

/** What a request is answered. */
export interface Said {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** One address of the document. */
export interface Described {
  readonly method: string;
  readonly template: string;
  readonly operation: Operation;
}

export interface GuardedSite {
  readonly server: TestServer;
  readonly orthanc: TestOrthanc;
  readonly keys: Readonly<Record<Role | 'expired', string>>;
  readonly document: Document;
  readonly addresses: readonly Described[];
  /** A token of the provider that the server trusts, or one that differs from it as said. */
  token(how?: TokenOptions): Promise<string>;
  ask(path: string, sent?: Sent): Promise<Said>;
  close(): Promise<void>;
}

export interface TokenOptions {
  readonly role?: string;
  readonly audience?: string;
  readonly issuer?: string;
  /** s since the epoch. */
  readonly expires?: number;
  readonly notBefore?: number;
  /** Signed by somebody else who says that he is the provider. */
  readonly forged?: boolean;
}

/** The real server where people log in by key and token, on a real archive that holds one hostile study. */
export async function guardedSite(env: Readonly<Record<string, string>> = {}): Promise<GuardedSite> {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-security-'));
  const provider = await identityProvider();
  let file: string | undefined;
  const keys = Object.fromEntries(
    ([...ROLES, 'expired'] as const).map((name) => {
      const role = name === 'expired' ? 'admin' : name;
      const added = addKey(file, { name, role, expires: name === 'expired' ? '2026-01-31' : undefined });
      file = added.file;
      return [name, added.key];
    }),
  ) as GuardedSite['keys'];
  writeFileSync(join(folder, 'keys.yaml'), file ?? '');
  const orthanc = await startOrthanc();
  await fetch(`${orthanc.url}/instances`, { method: 'POST', body: Buffer.from(hostileImage()) });
  const server = await testServer(folder, {
    ORTHANC_URL: orthanc.url,
    ACCESS_KEYS: join(folder, 'keys.yaml'),
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: 'pellucid',
    OIDC_AUDIENCE: AUDIENCE,
    PUBLIC_URL: 'http://127.0.0.1',
    HOOK_SECRET: 'of the test',
    // Everyone asks everything, in one minute.
    REQUESTS_PER_MINUTE: '0',
    ...env,
  });
  await server.start();
  const ask = asking(server.url);
  const document = JSON.parse(
    (await ask('/openapi.json', { headers: bearer(keys.viewer) })).body,
  ) as Document;
  return {
    server,
    orthanc,
    keys,
    document,
    addresses: Object.entries(document.paths).flatMap(([template, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        method: method.toUpperCase(),
        template,
        operation,
      })),
    ),
    token: provider.token,
    ask,
    close: async () => {
      agent.destroy();
      await server.stop();
      await orthanc.remove();
      await provider.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

/** An address with something in each place that its template has. */
export const somewhere = (template: string): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => (name === 'study' ? STUDY : 'x'));

/** Connections are used again: the suite asks some thousand times. */
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** One request, its path as it is written; an answer that goes on is left after its headers. */
export const asking =
  (url: string) =>
  (path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Said> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url);
      const sent = request({ hostname, port, path, method, headers, agent }, (answer) => {
        const said = (text: string): Said => ({
          status: answer.statusCode ?? 0,
          type: (answer.headers['content-type'] ?? '').split(';')[0] ?? '',
          headers: answer.headers,
          body: text,
        });
        if (answer.headers['content-type'] === 'text/event-stream') {
          sent.destroy();
          return resolve(said(''));
        }
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve(said(text)));
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });

const AUDIENCE = 'urn:pellucid';

/** The keys and the metadata of an OpenID Connect provider, and tokens that it signs. */
async function identityProvider(): Promise<{
  readonly issuer: string;
  token(how?: TokenOptions): Promise<string>;
  close(): Promise<void>;
}> {
  const [ours, another] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  const app = express();
  const site = await listen(app);
  app.get('/.well-known/openid-configuration', (_, response) => {
    response.json({
      issuer: site.url,
      jwks_uri: `${site.url}/jwks`,
      authorization_endpoint: `${site.url}/auth`,
      token_endpoint: `${site.url}/token`,
    });
  });
  app.get('/jwks', async (_, response) => {
    response.json({ keys: [{ ...(await exportJWK(ours.publicKey)), kid: 'k', alg: 'ES256' }] });
  });
  return {
    issuer: site.url,
    token: ({ role = 'admin', audience = AUDIENCE, issuer = site.url, expires, notBefore, forged } = {}) => {
      const token = new SignJWT({ roles: [role] })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setSubject('program')
        .setIssuer(issuer)
        .setAudience(audience)
        .setExpirationTime(expires ?? '5m');
      if (notBefore !== undefined) token.setNotBefore(notBefore);
      return token.sign(forged ? another.privateKey : ours.privateKey);
    },
    close: () => site.close(),
  };
}

/** A text attribute may hold what HTML reads as a tag. */
export const hostileImage = (): Uint8Array =>
  writePart10({
    PatientID: MARK,
    PatientName: { Alphabetic: HOSTILE },
    StudyDescription: HOSTILE.slice(0, 64),
    SeriesDescription: HOSTILE.slice(0, 64),
    AccessionNumber: MARK,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
    SOPInstanceUID: `${STUDY}.1.1`,
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: `${STUDY}.1`,
    Modality: 'MR',
    InstanceNumber: 1,
    Rows: 2,
    Columns: 2,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
    PixelData: Uint16Array.of(1, 2, 3, 4),
  });
