import { createHmac } from 'node:crypto';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Router } from 'express';
import { createApp } from '../../server/app.ts';
import { hookRouter } from '../../server/listen/hook.ts';

const SECRET = 'a secret of the test';
const NOW_S = 1_800_000_000;
const BODY = '{"event":"StableSeries","id":"x","version":1}';

let woken = 0;
const serve = (secret: string): Promise<Server> =>
  new Promise((done) => {
    const hook = hookRouter({ secret, wake: () => woken++, now: () => NOW_S * 1000 });
    const none = {
      analyses: Router(),
      events: Router(),
      reveals: Router(),
      models: Router(),
      dicomWeb: Router(),
    };
    const server: Server = createApp({ hook, ...none }).listen(0, '127.0.0.1', () => done(server));
  });
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const sign = (timestamp: string, body: string, secret = SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

let server: Server;
let open: Server;
beforeAll(async () => {
  server = await serve(SECRET);
  open = await serve('');
});
afterAll(() => {
  for (const s of [server, open]) {
    s.close();
    s.closeAllConnections();
  }
});
beforeEach(() => {
  woken = 0;
});

const post = async (
  headers: Readonly<Record<string, string>>,
  body: string,
  to = server,
): Promise<{ status: number; code?: string }> => {
  const answer = await fetch(`http://127.0.0.1:${portOf(to)}/hooks/orthanc`, {
    method: 'POST',
    headers,
    body,
  });
  const text = await answer.text();
  return { status: answer.status, ...(text ? { code: (JSON.parse(text) as { code: string }).code } : {}) };
};
const signed = (at: number, body = BODY, secret = SECRET) => ({
  'x-timestamp': String(at),
  'x-signature': sign(String(at), body, secret),
});

test.each([
  ['now', NOW_S],
  ['300 s ago', NOW_S - 300],
  ['300 s ahead', NOW_S + 300],
])('a call that is signed %s is taken at once and wakes', async (_, at) => {
  expect(await post(signed(at), BODY)).toEqual({ status: 202 });
  expect(woken).toBe(1);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['no signature', { 'x-timestamp': String(NOW_S) }, BODY],
  ['no timestamp', { 'x-signature': sign('', BODY) }, BODY],
  ['another secret', signed(NOW_S, BODY, 'another'), BODY],
  ['another body', signed(NOW_S, BODY), `${BODY} `],
  ['another time than it was signed for', { ...signed(NOW_S), 'x-timestamp': String(NOW_S + 1) }, BODY],
  ['a time 301 s ago', signed(NOW_S - 301), BODY],
  ['a time 301 s ahead', signed(NOW_S + 301), BODY],
  ['a time that is no number', { 'x-timestamp': 'now', 'x-signature': sign('now', BODY) }, BODY],
  ['a fractional time', { 'x-timestamp': `${NOW_S}.5`, 'x-signature': sign(`${NOW_S}.5`, BODY) }, BODY],
  ['half a signature', { ...signed(NOW_S), 'x-signature': signed(NOW_S)['x-signature'].slice(0, 40) }, BODY],
  [
    'an upper-case signature',
    { ...signed(NOW_S), 'x-signature': signed(NOW_S)['x-signature'].toUpperCase() },
    BODY,
  ],
])('a call with %s is refused and wakes nobody', async (_, headers, body) => {
  expect(await post(headers, body)).toEqual({ status: 401, code: 'HOOK_UNSIGNED' });
  expect(woken).toBe(0);
});

test('without a secret every call is refused, also one that is signed with the empty secret', async () => {
  expect(await post(signed(NOW_S, BODY, ''), BODY, open)).toEqual({ status: 401, code: 'HOOK_UNSIGNED' });
  expect(woken).toBe(0);
});

test('a replay costs one look and nothing else', async () => {
  for (let i = 0; i < 3; i++) expect((await post(signed(NOW_S), BODY)).status).toBe(202);
  expect(woken).toBe(3);
});

test('a body over 4096 bytes or a compressed one is refused before it is verified', async () => {
  const long = 'x'.repeat(4_097);
  expect(await post(signed(NOW_S, long), long)).toEqual({ status: 400, code: 'REQUEST_INVALID' });
  expect(await post({ ...signed(NOW_S), 'content-encoding': 'gzip' }, BODY)).toEqual({
    status: 400,
    code: 'REQUEST_INVALID',
  });
  expect(woken).toBe(0);
});

test('other methods find nothing', async () => {
  const answer = await fetch(`http://127.0.0.1:${portOf(server)}/hooks/orthanc`);
  expect(answer.status).toBe(404);
});

test('a call that ends in the middle of its body wakes nobody', async () => {
  const socket = connect(portOf(server), '127.0.0.1');
  await new Promise<void>((done) => socket.once('connect', done));
  socket.end(`POST /hooks/orthanc HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"half":`);
  await new Promise<void>((done) => socket.once('close', () => done()).resume());
  expect(woken).toBe(0);
});
