import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { z } from 'zod';
import { mayAct, ROLES } from '../../server/access/identity.ts';
import { neededRole, POLICY } from '../../server/access/policy.ts';
import type { Document } from '../../server/surface/document.ts';
import { questions } from './asked.ts';
import {
  bearer,
  type Described,
  type GuardedSite,
  guardedSite,
  MARK,
  type Said,
  STUDY,
  somewhere,
} from './guarded-site.ts';

/** Every address that the running server describes, asked by everyone: a new one is tried from the day on which it is added. */
describe('the whole surface', () => {
  let it: GuardedSite;
  beforeAll(async () => {
    // So that whoever is slow is cut off while a test waits for it.
    it = await guardedSite({ MODEL_PATH: '/nowhere', REQUEST_TIMEOUT_MS: '6000' });
  }, 240_000);
  afterAll(() => it?.close());

  type Responses = Readonly<Record<number, { content?: Record<string, { schema?: object }> }>>;
  const codeOf = ({ body }: Said): string => {
    try {
      return (JSON.parse(body) as { code: string }).code;
    } catch {
      return '';
    }
  };
  /** Refused for who asks, and not for what is asked. */
  const isForbidden = ({ status, body }: Said): boolean =>
    status === 403 && body.includes('this needs the role');
  /** Each address with what came of asking it. */
  const each = async <R>(
    addresses: readonly Described[],
    ask: (address: Described) => Promise<R>,
  ): Promise<readonly [string, R][]> => {
    const all: [string, R][] = [];
    for (const address of addresses) all.push([`${address.method} ${address.template}`, await ask(address)]);
    return all;
  };
  const closed = () => it.addresses.filter(({ operation }) => operation['x-role'] !== 'public');
  const askAt = ({ method, template }: Described, headers: Readonly<Record<string, string>>) =>
    it.ask(somewhere(template), { method, headers });

  test('every address is described as the policy has it, and every line of the policy has an address', () => {
    expect(it.addresses.length).toBeGreaterThan(30);
    for (const { method, template, operation } of it.addresses)
      expect([template, operation['x-role']]).toEqual([template, neededRole(method, template)]);
    const { schemas } = it.document.components as { readonly schemas: object };
    const references = [...JSON.stringify(it.document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
    expect(references.length).toBeGreaterThan(30);
    const places = Object.keys(schemas).map((name) => `#/components/schemas/${name}`);
    expect(references.filter((to) => !places.includes(to as string))).toEqual([]);
    const lines = POLICY.filter(
      ({ methods, path }) =>
        !it.addresses.some(
          ({ method, template }) =>
            methods.includes(method) &&
            (path.endsWith('/*')
              ? `${template}/`.toLowerCase().startsWith(path.slice(0, -1))
              : template.toLowerCase() === path),
        ),
    );
    expect(lines).toEqual([]);
  });

  test.each(ROLES)('a %s reaches what the policy gives, and nothing else', async (role) => {
    const wrong = await each(it.addresses, async (address) => {
      const needed = address.operation['x-role'];
      const may = needed === 'public' || mayAct(role, needed);
      const said = await askAt(address, bearer(it.keys[role]));
      return (
        isForbidden(said) === !may && said.status !== 500 && (said.status !== 401 || needed === 'public')
      );
    });
    expect(wrong.filter(([, isRight]) => !isRight)).toEqual([]);
  });

  test('the provider’s tokens do the same', async () => {
    for (const role of ROLES) {
      const headers = bearer(await it.token({ role }));
      const wrong = await each(closed(), async (address) => {
        const may = mayAct(role, address.operation['x-role'] as 'viewer');
        return isForbidden(await askAt(address, headers)) === !may;
      });
      expect(wrong.filter(([, isRight]) => !isRight)).toEqual([]);
    }
  });

  const hour = 3_600;
  const now = () => Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each<[string, () => Promise<Record<string, string>>]>([
    ['nothing', async () => ({})],
    ['a key of nobody', async () => bearer(`pk_${'A'.repeat(43)}`)],
    ['a key that has expired', async () => bearer(it.keys.expired)],
    ['a key with a letter too many', async () => bearer(`${it.keys.admin}A`)],
    ['a key as Basic', async () => ({ authorization: `Basic ${btoa(`admin:${it.keys.admin}`)}` })],
    ['a key in a cookie', async () => ({ cookie: `pellucid=${it.keys.admin}` })],
    ['a token that has expired', async () => bearer(await it.token({ expires: now() - hour }))],
    ['a token that counts later', async () => bearer(await it.token({ notBefore: now() + hour }))],
    ['a token for another audience', async () => bearer(await it.token({ audience: 'urn:other' }))],
    ['a token of another issuer', async () => bearer(await it.token({ issuer: 'https://evil.example' }))],
    ['a token that another signed', async () => bearer(await it.token({ forged: true }))],
    ['a token without a role of ours', async () => bearer(await it.token({ role: 'root' }))],
    [
      'a token that nobody signed',
      async () => {
        const [, claims] = (await it.token()).split('.');
        return bearer(`${part({ alg: 'none' })}.${claims}.`);
      },
    ],
    [
      'a token signed with the public key as a secret',
      async () => {
        const [, claims] = (await it.token()).split('.');
        const signed = `${part({ alg: 'HS256', kid: 'k' })}.${claims}`;
        return bearer(`${signed}.${createHmac('sha256', 'public').update(signed).digest('base64url')}`);
      },
    ],
    [
      'a token whose role was changed',
      async () => {
        const [header, , signature] = (await it.token({ role: 'viewer' })).split('.');
        return bearer(`${header}.${part({ roles: ['admin'], sub: 'x', exp: now() + hour })}.${signature}`);
      },
    ],
  ])('%s opens nothing', async (_, credentials) => {
    const headers = await credentials();
    const wrong = await each(closed(), async (address) => {
      const said = await askAt(address, headers);
      return [said.status, codeOf(said)].join(' ');
    });
    expect(wrong.filter(([, said]) => said !== '401 LOG_IN_NEEDED')).toEqual([]);
  });

  test('a page of another site changes nothing by the session of who reads it', async () => {
    const begun = await it.ask('/api/session', {
      method: 'POST',
      // From where nobody failed to log in: the tests before did, more than ten times.
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.9' },
      body: JSON.stringify({ key: it.keys.admin }),
    });
    const cookie = String((begun.headers['set-cookie'] as readonly string[])[0]).split(';')[0] as string;
    const others = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    for (const other of others) {
      const wrong = await each(
        it.addresses.filter(({ method, template }) => method !== 'GET' && template !== '/hooks/orthanc'),
        async (address) =>
          (await askAt(address, { cookie, ...other } as Record<string, string>)).body.includes(
            'another site',
          ),
      );
      expect(wrong.length).toBeGreaterThan(4);
      expect(wrong.filter(([, isRefused]) => !isRefused)).toEqual([]);
    }
  });

  const tricks: readonly [string, (path: string) => string][] = [
    ['capitals', (path) => path.toUpperCase()],
    ['a slash at the end', (path) => `${path}/`],
    ['two slashes', (path) => `/${path}`],
    ['two slashes within', (path) => path.replace(/(.)\//, '$1//')],
    ['an encoded slash', (path) => `/${path.slice(1).replace('/', '%2f')}`],
    ['an encoded letter', (path) => `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`],
    ['a segment that goes back', (path) => `/viewer/..${path}`],
    ['an encoded segment that goes back', (path) => `/viewer/%2e%2e${path}`],
    ['a segment that stays', (path) => `/.${path}`],
    ['a parameter of a segment', (path) => `${path};a=b`],
    ['a null byte', (path) => `${path}%00`],
    ['a backslash', (path) => path.replaceAll('/', '\\')],
    ['an address in the path', (path) => `http://127.0.0.1${path}`],
    ['a fragment', (path) => `/healthz#${path}`],
    ['an extension', (path) => `${path}.css`],
    ['a page before it', (path) => `/login/..${path}`],
    ['a query that looks like a path', (path) => `/healthz?${path}`],
  ];
  test.each(tricks)('%s leads a viewer past no guard', async (_, change) => {
    const guarded = it.addresses.filter(
      ({ method, operation }) => method === 'GET' && ['reviewer', 'admin'].includes(operation['x-role']),
    );
    expect(guarded.length).toBeGreaterThan(3);
    const beginning = ({ status, type, body }: Said) => `${status} ${type} ${body.slice(0, 200)}`;
    const wrong = await each(guarded, async ({ template }) => {
      const path = somewhere(template);
      const kept = beginning(await it.ask(path, { headers: bearer(it.keys.admin) }));
      const said = await it.ask(change(path), { headers: bearer(it.keys.viewer) }).catch(() => undefined);
      return !said || (said.status !== 500 && (!kept.startsWith('2') || beginning(said) !== kept));
    });
    expect(wrong.filter(([, isKept]) => !isKept)).toEqual([]);
  });

  test.each([
    ['x-http-method-override', 'GET'],
    ['x-original-url', '/healthz'],
    ['x-rewrite-url', '/healthz'],
    ['x-forwarded-host', 'evil.example'],
    ['x-forwarded-user', 'admin'],
  ])('the header %s gives nobody more', async (name, value) => {
    const answer = await it.ask('/metrics', { headers: { ...bearer(it.keys.viewer), [name]: value } });
    expect(isForbidden(answer)).toBe(true);
  });

  test('bodies above the limit of their address are refused, whatever they claim to be', async () => {
    const withBody = it.addresses.filter(({ operation }) => operation.requestBody);
    const types = ['application/json', 'application/x-www-form-urlencoded'];
    for (const type of types) {
      const wrong = await each(withBody, async ({ method, template }) => {
        const said = await it.ask(somewhere(template), {
          method,
          headers: { ...bearer(it.keys.admin), 'content-type': type },
          body: type.endsWith('json')
            ? JSON.stringify({ a: 'x'.repeat(2_000_000) })
            : `a=${'x'.repeat(2_000_000)}`,
        });
        return said.status >= 400 && said.status < 500;
      });
      expect(wrong.filter(([, isRefused]) => !isRefused)).toEqual([]);
    }
  });

  test.each([
    ['compressed', { 'content-encoding': 'gzip' }, Buffer.from('H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==', 'base64')],
    ['in another character set', { 'content-type': 'application/json; charset=utf-99' }, '{}'],
    ['nested without end', { 'content-type': 'application/json' }, '['.repeat(1_500)],
    ['a number', { 'content-type': 'application/json' }, '7'],
    [
      'about a prototype',
      { 'content-type': 'application/json' },
      '{"__proto__":{"role":"admin"},"constructor":{}}',
    ],
  ])('a body that is %s is refused', async (_, headers, body) => {
    for (const { method, template } of it.addresses.filter(({ operation }) => operation.requestBody)) {
      const said = await it.ask(somewhere(template), {
        method,
        headers: { 'content-type': 'application/json', ...bearer(it.keys.admin), ...headers },
        body,
      });
      expect([template, said.status >= 400 && said.status < 500]).toEqual([template, true]);
    }
  });

  test('headers that are too large are refused', async () => {
    const said = await it.ask('/api/analyses', {
      headers: { ...bearer(it.keys.viewer), 'x-large': 'x'.repeat(20_000) },
    });
    expect(said.status).toBe(431);
  });

  test.each([
    ['its headers', 'GET /api/analyses HTTP/1.1\r\nhost: 127.0.0.1\r\n', 'x-a: b\r\n'],
    [
      'its body',
      'POST /hooks/orthanc HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n',
      ' ',
    ],
  ])('who sends %s a little at a time is cut off', async (_, begin, more) => {
    const { hostname, port } = new URL(it.server.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    let wasReset = false;
    socket.on('error', () => {
      wasReset = true;
    });
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    // Not once(): a connection that is reset while we write is an error and an end at the same time.
    let isOpen = true;
    socket.on('close', () => {
      isOpen = false;
    });
    socket.write(begin);
    for (let i = 0; isOpen && i < 500; i++) {
      await wait(100);
      if (isOpen) socket.write(more);
    }
    expect(isOpen).toBe(false);
    // Only a reset, which comes of our writing on, may overtake the answer.
    expect(heard).toMatch(wasReset ? /^(HTTP\/1\.1 408 |$)/ : /^HTTP\/1\.1 408 /);
  });

  const STATEMENTS = [
    "1' or '1'='1",
    "1'; drop table pellucid.analysis; --",
    '1" or 1=1',
    '$1',
    "\\'; select pg_sleep(5)",
    '%',
    '_',
    '1.2.3\u0000',
  ];
  test('no statement of a database gets through a query or a path', async () => {
    for (const { method, template, operation } of it.addresses.filter((a) => a.method === 'GET')) {
      const names = (operation.parameters as readonly { name: string; in: string }[]) ?? [];
      for (const statement of STATEMENTS) {
        const written = encodeURIComponent(statement);
        const query = names
          .filter((p) => p.in === 'query')
          .map(({ name }) => `${name}=${written}`)
          .join('&');
        const path = template.replace(/\{\w+\}/g, written);
        if (!query && path === template) continue;
        const said = await it.ask(`${path}?${query}`, { method, headers: bearer(it.keys.admin) });
        // Beyond the proxy the archive answers, with faults of its own.
        if (!template.startsWith('/dicom-web'))
          expect([path, query, said.status < 500]).toEqual([path, query, true]);
      }
    }
    const still = await it.ask('/api/analyses', { headers: bearer(it.keys.admin) });
    expect([still.status, JSON.parse(still.body).analyses.length]).toEqual([200, 1]);
  });

  test('whatever is asked, the answer is one that is described, of the shape that is described, and costs no memory', async () => {
    const memory = async () =>
      Number(
        /^process_resident_memory_bytes (\S+)$/m.exec(
          (await it.ask('/metrics', { headers: bearer(it.keys.admin) })).body,
        )?.[1],
      );
    const before = await memory();
    expect(before).toBeGreaterThan(5e7);
    let shapes = 0;
    const asked = new Map<string, number>();
    for (const address of it.addresses) {
      const { responses } = address.operation as unknown as { responses: Responses };
      await fc.assert(
        fc.asyncProperty(questions(address), async ({ path, sent }) => {
          const name = `${address.method.toLowerCase()} ${address.template}`;
          asked.set(name, (asked.get(name) ?? 0) + 1);
          const said = await it.ask(path, {
            ...sent,
            headers: { ...sent.headers, ...bearer(it.keys.admin) },
          });
          const described = responses[said.status];
          // Beyond the proxy the archive answers, with statuses of its own.
          if (address.template.startsWith('/dicom-web')) return expect(said.status).not.toBe(500);
          if (!described)
            return expect([said.status >= 400 && said.status < 500, codeOf(said)]).toEqual([
              true,
              expect.stringMatching(/^(?!INTERNAL)[A-Z_]+$/),
            ]);
          const schema = described.content?.[said.type]?.schema;
          if (said.type !== 'application/json' || !schema) return;
          shapes += 1;
          expect(
            z.fromJSONSchema(standing(schema, it.document) as never).safeParse(JSON.parse(said.body)).error
              ?.issues,
          ).toBeUndefined();
        }),
        { numRuns: Number(process.env.PELLUCID_FUZZ ?? 6), seed: 7, endOnFailure: true },
      );
    }
    expect(shapes).toBeGreaterThan(20);
    // Every address, and the server does not start with one that is not in the document.
    const all = Object.entries(it.document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect([...asked.keys()].sort()).toEqual(all.sort());
    expect(Math.min(...asked.values())).toBeGreaterThanOrEqual(6);
    expect((await memory()) - before).toBeLessThan(3e8);
  }, 600_000);

  test('what the archive calls a patient stands in no page of ours, no log, no figure and no trail', async () => {
    const pages = [
      '/operations',
      `/operations/studies/${STUDY}`,
      '/api/analyses',
      '/api/audit',
      '/api/audit?as=dicom',
      '/api/audit?as=fhir',
      '/metrics',
      '/login?next=/x',
    ];
    const lines = await it.ask('/api/route/test', {
      method: 'POST',
      headers: { ...bearer(it.keys.admin), 'content-type': 'application/json' },
      body: JSON.stringify({ StudyInstanceUID: STUDY }),
    });
    expect(lines.status).toBe(200);
    const read = await it.ask(`/dicom-web/studies/${STUDY}/metadata`, { headers: bearer(it.keys.viewer) });
    expect(read.body).toContain(MARK);
    for (const path of pages) {
      const said = await it.ask(path, { headers: bearer(it.keys.admin) });
      expect([path, said.status, said.body.includes(MARK)]).toEqual([path, 200, false]);
    }
    expect(it.server.log()).toContain('"msg":"refused"');
    for (const secret of [MARK, ...Object.values(it.keys), 'of the test'])
      expect([secret, it.server.log().includes(secret)]).toEqual([secret, false]);
  });
});

/**
 * A schema of the document by itself, as zod reads it: with what it refers to, and without patterns, which zod reads without the flag `u` that JSON
 * Schema wants (draft 2020-12, 6.4).
 */
function standing(schema: object, { components }: Document): object {
  const { schemas } = components as { readonly schemas: object };
  const text = JSON.stringify({ ...schema, $defs: schemas }, (key, value) =>
    key === 'pattern' && typeof value === 'string' ? undefined : value,
  );
  return JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/'));
}
