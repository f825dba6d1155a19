import { request } from 'node:http';
import fc from 'fast-check';
import { ROLES, type Role } from '../../server/access/identity.ts';
import { openAccess } from '../../server/access/index.ts';
import { safeNext } from '../../server/access/login.ts';
import { neededRole, POLICY } from '../../server/access/policy.ts';
import { NO_ACCESS, type Site, site } from './site.ts';

/** One HTTP request as bytes want it, with any header: `fetch` sets some by itself. */
function ask(
  url: string,
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, method, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
      );
    });
    sent.on('error', reject).end(body);
  });
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('with keys', () => {
  let it: Site;
  beforeAll(async () => {
    it = await site();
  });
  afterAll(() => it.close());

  const ALL = [...ROLES, 'none'];
  const PEOPLE = ['viewer', 'reviewer', 'admin'];
  const JUDGES = ['reviewer', 'admin'];
  test.each<[string, string, readonly string[]]>([
    ['GET', '/healthz', ALL],
    ['POST', '/hooks/orthanc', ALL],
    ['GET', '/login', ALL],
    ['GET', '/', PEOPLE],
    ['GET', '/viewer', PEOPLE],
    ['GET', '/api/session', PEOPLE],
    ['GET', '/api/analyses', PEOPLE],
    ['GET', '/api/analyses/1', PEOPLE],
    ['POST', '/api/analyses', ['admin']],
    ['GET', '/api/models', PEOPLE],
    ['PUT', '/api/models/m', ['admin']],
    ['GET', '/api/assessments', JUDGES],
    ['POST', '/api/assessments', JUDGES],
    ['DELETE', '/api/assessments', ['admin']],
    ['GET', '/dicom-web/studies', PEOPLE],
    ['POST', '/dicom-web/studies', ['admin']],
    ['GET', '/ups-rs/workitems', ['requester', ...JUDGES]],
    ['POST', '/ups-rs/workitems', ['requester', 'admin']],
    ['PUT', '/ups-rs/workitems', ['requester', 'admin']],
    ['DELETE', '/ups-rs/workitems', ['admin']],
    ['GET', '/metrics', ['monitor', 'admin']],
    ['GET', '/api/other', ['admin']],
    ['OPTIONS', '/api/analyses', ['admin']],
  ])('%s %s: each role', async (method, path, wanted) => {
    for (const role of ALL) {
      const headers = role === 'none' ? {} : bearer(it.keys[role as Role]);
      const status = wanted.includes(role) ? 200 : role === 'none' ? 401 : 403;
      expect([role, (await ask(it.url, path, { method, headers })).status]).toEqual([role, status]);
    }
  });

  test.each([
    ['a key of nobody', 'Bearer pk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 401],
    ['no key', 'Bearer ', 401],
    ['another scheme', 'Basic YWRtaW46YWRtaW4=', 401],
    [
      'a token without a provider',
      'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4Iiwicm9sZXMiOlsiYWRtaW4iXX0.',
      401,
    ],
  ])('%s opens nothing', async (_, authorization, status) => {
    const answer = await ask(it.url, '/api/analyses', { headers: { authorization } });
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([status, 'LOG_IN_NEEDED']);
  });

  test('a key that has expired says so', async () => {
    const answer = await ask(it.url, '/api/analyses', { headers: bearer(it.keys.expired) });
    expect([answer.status, JSON.parse(answer.body).detail]).toEqual([
      401,
      'the key expired expired on 2026-01-31',
    ]);
  });

  test('no answer holds a key, and every one its headers', async () => {
    const answer = await ask(it.url, '/api/session', { headers: bearer(it.keys.viewer) });
    expect(JSON.parse(answer.body)).toEqual({
      subject: 'key:viewer',
      name: 'viewer',
      role: 'viewer',
      how: 'key',
    });
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['x-powered-by']).toBeUndefined();
  });

  test.each([
    '/API/OTHER',
    '/api/other/',
    '/Metrics',
    '/metrics/',
    '/api/%6fther',
    '//metrics',
    '/viewer/../metrics',
    '/api/analyses/../other',
  ])('%s opens nothing that its plain form keeps from a viewer', async (path) => {
    const answer = await ask(it.url, path, { headers: bearer(it.keys.viewer) });
    expect(answer.body).not.toContain('"reached"');
    expect([403, 404]).toContain(answer.status);
  });

  describe('a session', () => {
    const logIn = async (key: string, headers: Record<string, string> = {}) =>
      ask(it.url, '/api/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ key }),
      });
    const cookieOf = (answer: Awaited<ReturnType<typeof ask>>) =>
      String((answer.headers['set-cookie'] as string[])[0]).split(';')[0] as string;

    test('is begun by a key, is for the browser alone, and may do what the key may', async () => {
      const answer = await logIn(it.keys.reviewer);
      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        200,
        { subject: 'key:reviewer', name: 'reviewer', role: 'reviewer', how: 'key' },
      ]);
      const [set] = answer.headers['set-cookie'] as string[];
      expect(set).toMatch(/; HttpOnly; SameSite=Lax$/);
      expect(set).not.toContain(it.keys.reviewer);
      const headers = { cookie: cookieOf(answer) };
      expect((await ask(it.url, '/api/assessments', { headers })).status).toBe(200);
      expect((await ask(it.url, '/metrics', { headers })).status).toBe(403);
      expect(JSON.parse((await ask(it.url, '/api/session', { headers })).body)).toEqual({
        subject: 'key:reviewer',
        name: 'reviewer',
        role: 'reviewer',
        how: 'session',
      });
    });

    test('is ended by DELETE, also for a copy of its cookie, and no other is', async () => {
      const [headers, other] = [
        { cookie: cookieOf(await logIn(it.keys.viewer)) },
        { cookie: cookieOf(await logIn(it.keys.viewer)) },
      ];
      expect((await ask(it.url, '/api/analyses', { headers })).status).toBe(200);
      const answer = await ask(it.url, '/api/session', { method: 'DELETE', headers });
      expect([answer.status, cookieOf(answer)]).toEqual([204, 'pellucid=']);
      expect((await ask(it.url, '/api/analyses', { headers })).status).toBe(401);
      expect((await ask(it.url, '/api/analyses', { headers: other })).status).toBe(200);
      // Who was told once is not told again of a session that is over, or was none.
      await ask(it.url, '/api/session', { method: 'DELETE', headers });
      await ask(it.url, '/api/session', { method: 'DELETE', headers: { cookie: 'pellucid=none' } });
      expect(it.loggedOut).toEqual(['key:viewer']);
    });

    test.each([
      ['another letter', (cookie: string) => `${cookie.slice(0, -2)}${cookie.endsWith('AA') ? 'BB' : 'AA'}`],
      ['nothing', () => 'pellucid='],
      [
        'a token without encryption',
        () => 'pellucid=eyJhbGciOiJub25lIn0.eyJzdWIiOiJrZXk6YWRtaW4iLCJyb2xlIjoiYWRtaW4ifQ.',
      ],
    ])('with %s opens nothing', async (_, change) => {
      const cookie = change(cookieOf(await logIn(it.keys.admin)));
      expect((await ask(it.url, '/api/analyses', { headers: { cookie } })).status).toBe(401);
    });

    test.each<[string, Record<string, string>, number]>([
      ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
      ['a page of a neighbouring name', { 'sec-fetch-site': 'same-site' }, 403],
      ['an older browser on another site', { origin: 'https://evil.example' }, 403],
      ['a page without an origin', { origin: 'null' }, 403],
      ['our own page', { 'sec-fetch-site': 'same-origin' }, 200],
      ['a program', {}, 200],
    ])('%s: what it may change', async (_, headers, status) => {
      const cookie = cookieOf(await logIn(it.keys.admin));
      const answer = await ask(it.url, '/api/analyses', { method: 'POST', headers: { cookie, ...headers } });
      expect(answer.status).toBe(status);
    });

    test('a page of another site cannot log people in either', async () => {
      expect((await logIn(it.keys.admin, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    });
  });

  test('who opens a page is sent to log in and comes back to it', async () => {
    const answer = await ask(it.url, '/viewer?StudyInstanceUIDs=1.2', { headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      '/login?next=%2Fviewer%3FStudyInstanceUIDs%3D1.2',
    ]);
    const form = await ask(it.url, '/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ key: it.keys.viewer, next: '/viewer?StudyInstanceUIDs=1.2' }).toString(),
    });
    expect([form.status, form.headers.location]).toEqual([303, '/viewer?StudyInstanceUIDs=1.2']);
  });

  test('HTML in the address stays text on the log-in page', async () => {
    const { body } = await ask(it.url, `/login?next=${encodeURIComponent('/"><script>alert(1)</script>')}`);
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('value="/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
  });

  test('bodies that are too large or malformed are refused', async () => {
    const send = (body: string) =>
      ask(it.url, '/api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect((await send(JSON.stringify({ key: 'x'.repeat(10_000) }))).status).toBe(400);
    expect((await send('{"key":')).status).toBe(400);
    expect((await send('{"key":"x","role":"admin"}')).status).toBe(400);
  });

  const NETWORK = { trustedProxies: ['172.16.0.0/12'] };
  test.each<[string, { trustedProxies?: readonly string[] }, (n: number) => string, number]>([
    ['from there', {}, () => '203.0.113.7', 429],
    ['behind a proxy elsewhere that is not trusted', {}, (n) => `203.0.113.${n}, 172.20.0.5`, 429],
    ['of others behind a proxy that is', NETWORK, (n) => `203.0.113.${n}, 172.20.0.5`, 401],
    ['who says that he is many', NETWORK, (n) => `203.0.113.${n}, 198.51.100.1, 172.20.0.5`, 429],
  ])('after ten failures a minute, one %s', async (_, options, forwarded, then) => {
    const other = await site({}, options);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++)
      statuses.push(
        (
          await ask(other.url, '/api/session', {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-forwarded-for': forwarded(n) },
            body: '{"key":"wrong"}',
          })
        ).status,
      );
    await other.close();
    expect(statuses).toEqual([...Array(10).fill(401), then, then]);
  });
});

describe('of requests in a minute', () => {
  let it: Site;
  beforeAll(async () => {
    it = await site({}, { requestsPerMinute: 5 });
  });
  afterAll(() => it.close());
  const statuses = async (path: string, key: string): Promise<readonly number[]> => {
    const all: number[] = [];
    for (let n = 0; n < 7; n++) all.push((await ask(it.url, path, { headers: bearer(key) })).status);
    return all;
  };

  test('each who asks has so many, whatever others do', async () => {
    const limited = [200, 200, 200, 200, 200, 429, 429];
    expect(await statuses('/api/analyses', it.keys.viewer)).toEqual(limited);
    expect(await statuses('/metrics', it.keys.monitor)).toEqual(limited);
  });

  test('images are not counted', async () => {
    expect(await statuses('/dicom-web/studies', it.keys.viewer)).toEqual(Array(7).fill(200));
  });
});

describe('without a log-in', () => {
  let it: Site;
  beforeAll(async () => {
    it = await site({}, { open: true });
  });
  afterAll(() => it.close());

  test('who is on this machine may do everything', async () => {
    expect((await ask(it.url, '/metrics')).status).toBe(200);
    expect(JSON.parse((await ask(it.url, '/api/session')).body)).toEqual({
      subject: 'local',
      name: 'no log-in',
      role: 'admin',
      how: 'loopback',
    });
  });

  test('a site whose name points here reads nothing (DNS rebinding)', async () => {
    const answer = await ask(it.url, '/api/analyses', { headers: { host: 'evil.example:3000' } });
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'ACCESS_DENIED']);
  });

  test('a page of another site changes nothing', async () => {
    const answer = await ask(it.url, '/api/analyses', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(403);
  });
});

const silent = {
  onRefused: () => undefined,
  onLogIn: () => undefined,
  onLogOut: () => undefined,
  ended: { add: async () => undefined, has: async () => false },
};
test.each([
  ['an address that others reach', { HOST: '0.0.0.0' }, 'HOST is 0.0.0.0'],
  [
    'a provider without its settings',
    { OIDC_ISSUER: 'https://id.example' },
    'OIDC_CLIENT_ID, OIDC_AUDIENCE, PUBLIC_URL',
  ],
  [
    'a key file that is not there',
    { ACCESS_KEYS: '/nowhere/keys.yaml' },
    '/nowhere/keys.yaml cannot be read',
  ],
])('%s is refused at the start', async (_, config, says) => {
  await expect(openAccess({ ...NO_ACCESS, ...config }, silent)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(says),
  });
});

test.each([
  ['/viewer?a=b#c', '/viewer?a=b#c'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/a\nb', '/'],
  ['/a\\b', '/'],
  ['', '/'],
  [undefined, '/'],
  [['/a', '/b'], '/'],
])('after the log-in, %j leads to %s', (next, to) => {
  expect(safeNext(next)).toBe(to);
});

test('whatever a path is, no way of writing it needs less than the plain way', () => {
  const paths = POLICY.map(({ path }) => path.replace('/*', '/x'));
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.array(fc.boolean()), fc.nat(3), (path, capitals, slashes) => {
      const written =
        [...path].map((c, i) => (capitals[i] ? c.toUpperCase() : c)).join('') + '/'.repeat(slashes);
      expect(neededRole('GET', written)).toBe(neededRole('GET', path));
    }),
  );
});
