import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { tokenVerifier } from '../../server/access/tokens.ts';
import { type Site, site } from './site.ts';

const PUBLIC_URL = 'http://pellucid.test';

/** A real provider as a process of its own. */
async function provider(roles: string): Promise<{ issuer: string; child: ChildProcess }> {
  const child = spawn('node', ['test/access/provider-process.mjs', `${PUBLIC_URL}/login/callback`, roles], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [said] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  return { issuer: String(said).trim(), child };
}

/** A person's browser: follows redirects, keeps cookies by host, fills in the provider's forms. */
class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();
  private readonly ours: string;
  constructor(ours: string) {
    this.ours = ours;
  }

  async open(address: string, form?: URLSearchParams): Promise<{ url: URL; status: number; body: string }> {
    const url = new URL(address.replace(PUBLIC_URL, this.ours));
    const jar = this.cookies.get(url.host) ?? new Map<string, string>();
    this.cookies.set(url.host, jar);
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; '), accept: 'text/html' },
      ...(form ? { method: 'POST', body: form } : {}),
    });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(set)) jar.delete(name);
      else jar.set(name, value);
    }
    const location = answer.headers.get('location');
    const body = await answer.text();
    if (location) return this.open(new URL(location, url).href);
    const action = /<form[^>]* action="([^"]+)"/.exec(body)?.[1];
    if (action && url.origin !== this.ours) {
      const prompt = /name="prompt" value="([^"]+)"/.exec(body)?.[1] ?? '';
      return this.open(
        new URL(action, url).href,
        new URLSearchParams({ prompt, login: 'reader', password: 'any' }),
      );
    }
    return { url, status: answer.status, body };
  }
}

describe('a person logs in at the provider', () => {
  let idp: Awaited<ReturnType<typeof provider>>;
  let it: Site;
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-oidc-'));

  beforeAll(async () => {
    idp = await provider('pellucid-reviewer,staff');
    writeFileSync(join(folder, 'secret'), 'of-the-test\n');
    it = await site({
      OIDC_ISSUER: idp.issuer,
      OIDC_CLIENT_ID: 'pellucid',
      OIDC_CLIENT_SECRET_FILE: join(folder, 'secret'),
      OIDC_AUDIENCE: 'urn:pellucid',
      PUBLIC_URL,
    });
  });
  afterAll(async () => {
    await it.close();
    idp.child.disconnect();
    rmSync(folder, { recursive: true });
  });

  test('and comes back to the page that was asked for, with the role that the provider gives', async () => {
    const browser = new Browser(it.url);
    const page = await browser.open(`${it.url}/login/oidc?next=${encodeURIComponent('/viewer?a=b')}`);
    expect([page.status, page.url.href]).toEqual([200, `${it.url}/viewer?a=b`]);
    expect(JSON.parse((await browser.open(`${it.url}/api/session`)).body)).toEqual({
      subject: expect.any(String),
      name: 'Dr. Reader',
      role: 'reviewer',
      how: 'session',
    });
    expect((await browser.open(`${it.url}/metrics`)).status).toBe(403);
  });

  test.each([
    ['with a code of nobody', 'code=nobody'],
    ['with another state', 'code=x&state=another'],
    ['that the provider refused', 'error=access_denied'],
  ])('a log-in %s is none', async (_, query) => {
    const browser = new Browser(it.url);
    const begun = await fetch(`${it.url}/login/oidc`, { redirect: 'manual' });
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const answer = await fetch(`${it.url}/login/callback?${query}`, {
      redirect: 'manual',
      headers: { cookie },
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'LOG_IN_NEEDED']);
    expect((await browser.open(`${it.url}/viewer`)).url.pathname).toBe('/login');
  });

  test('a log-in that was not begun here is none', async () => {
    expect((await fetch(`${it.url}/login/callback?code=x&state=y`)).status).toBe(401);
  });

  test('a program’s token is read as it is', async () => {
    const granted = await fetch(`${idp.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'program',
        client_secret: 'of-the-program',
        resource: 'urn:pellucid',
        scope: 'api',
      }),
    });
    const { access_token } = (await granted.json()) as { access_token: string };
    const answer = await fetch(`${it.url}/api/session`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(await answer.json()).toMatchObject({ role: 'reviewer', how: 'token' });
    expect(
      (await fetch(`${it.url}/api/session`, { headers: { authorization: `Bearer ${access_token}x` } }))
        .status,
    ).toBe(401);
  });
});

test('a provider that is down is said to be down', async () => {
  const it = await site({
    OIDC_ISSUER: 'http://127.0.0.1:1',
    OIDC_CLIENT_ID: 'pellucid',
    OIDC_AUDIENCE: 'urn:pellucid',
    PUBLIC_URL,
  });
  const answer = await fetch(`${it.url}/login/oidc`, { redirect: 'manual' });
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
    503,
    'IDENTITY_UNREACHABLE',
  ]);
  await it.close();
});

test.each([
  ['answers 500', 500, ''],
  ['answers no set of keys', 200, '{}'],
])(
  'a provider that %s instead of its keys is said to be down, and no token is blamed',
  async (_, status, body) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const verify = tokenVerifier({
      issuer,
      jwksUri: async () => issuer,
      audience: 'pellucid',
      roleClaim: 'roles',
    });
    const { privateKey } = await generateKeyPair('RS256');
    const token = await new SignJWT({ sub: 'u1' }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    await expect(verify(token)).rejects.toMatchObject({ code: 'IDENTITY_UNREACHABLE' });
    server.close();
  },
);

describe('a token', () => {
  const server = createServer();
  let issuer: string;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  beforeAll(async () => {
    keys = await generateKeyPair('RS256');
    const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'RS256', kid: '1' };
    server.on('request', (_, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const verifier = () =>
    tokenVerifier({ issuer, jwksUri: async () => issuer, audience: 'pellucid', roleClaim: 'realm.roles' });
  const token = (
    claims: object = {},
    { alg = 'RS256', key = keys.privateKey as Parameters<SignJWT['sign']>[0] } = {},
  ) =>
    new SignJWT({ sub: 'u1', iss: issuer, aud: 'pellucid', realm: { roles: ['viewer'] }, ...claims })
      .setProtectedHeader({ alg, kid: '1' })
      .setExpirationTime((claims as { exp?: number }).exp ?? '5m')
      .sign(key);

  test('that is whole names who asks, by the highest of the roles', async () => {
    expect(
      await verifier()(
        await token({ realm: { roles: ['viewer', 'x', 'pellucid-admin'] }, preferred_username: 'ann' }),
      ),
    ).toEqual({
      subject: 'u1',
      name: 'ann',
      role: 'admin',
      how: 'token',
    });
  });

  const past = Math.floor(Date.now() / 1000) - 120;
  test.each([
    ['expired', { exp: past }, 'the token has expired'],
    ['for another audience', { aud: 'other' }, 'aud'],
    ['of another issuer', { iss: 'https://evil.example' }, 'iss'],
    ['not yet valid', { nbf: past + 3600 }, 'nbf'],
    ['without a subject', { sub: undefined }, 'sub'],
    ['without a role', { realm: { roles: ['superuser'] } }, 'none of the roles'],
    ['with roles elsewhere', { realm: {}, roles: ['admin'] }, 'none of the roles'],
  ])('%s opens nothing', async (_, claims, says) => {
    await expect(verifier()(await token(claims))).rejects.toMatchObject({
      code: 'LOG_IN_NEEDED',
      detail: expect.stringContaining(says),
    });
  });

  test('signed by another, by our public key as a secret, or not at all opens nothing', async () => {
    const other = await generateKeyPair('RS256');
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
    const unsigned = [
      { alg: 'none' },
      { sub: 'u1', iss: issuer, aud: 'pellucid', exp: past + 3600, realm: { roles: ['admin'] } },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    for (const forged of [
      await token({}, { key: other.privateKey }),
      await token({}, { alg: 'HS256', key: secret }),
      `${unsigned}.`,
      'nonsense',
    ])
      await expect(verifier()(forged)).rejects.toMatchObject({ code: 'LOG_IN_NEEDED' });
  });
});
