import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import fc from 'fast-check';
import { download } from '../../server/shared/download.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const text = (body: AsyncIterable<Uint8Array>): Promise<string> =>
  collect(body).then((all) => all.toString('latin1'));

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** A server that reads one request and sends these bytes, then closes unless told otherwise. */
async function answering(
  pieces: readonly Buffer[],
  work: (url: string, requests: string[]) => Promise<void>,
  { close = true, listen = createServer as (handler: (s: Socket) => void) => Server } = {},
): Promise<void> {
  const requests: string[] = [];
  const open = new Set<Socket>();
  const server = listen((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (request) => {
      requests.push(request.toString('latin1'));
      for (const piece of pieces) socket.write(piece);
      if (close) socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work(`//127.0.0.1:${(server.address() as AddressInfo).port}`, requests);
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
  }
}

const get = (url: string, path = '/x') => download({ url: `http:${url}` }, path, { accept: 'a/b' });

test.each([
  ['Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more', 'hello'],
  ['the end of the connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end', 'to the end'],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, chunks\r\n\r\n0\r\nT: 1\r\n\r\n',
    'hello, chunks\r\n',
  ],
  ['nothing', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
  [
    'an interim answer first',
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello',
    'hello',
  ],
])('a body framed by %s (RFC 9112 §6.3)', async (_, answer, expected) => {
  await answering([bytes(answer)], async (url) => {
    const { status, body } = await get(url);
    expect(status).toBe(200);
    expect(await text(body)).toBe(expected);
  });
});

test('any body in any chunks and any packets', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 40 }),
      async (chunks, packet) => {
        const whole = Buffer.concat([
          bytes('HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n'),
          ...chunks.flatMap((c) => [bytes(`${c.length.toString(16)}\r\n`), Buffer.from(c), bytes('\r\n')]),
          bytes('0\r\n\r\n'),
        ]);
        const packets = Array.from({ length: Math.ceil(whole.length / packet) }, (_, i) =>
          whole.subarray(i * packet, (i + 1) * packet),
        );
        await answering(packets, async (url) => {
          expect(await collect((await get(url)).body)).toEqual(Buffer.concat(chunks));
        });
      },
    ),
    { seed: 3, numRuns: 40 },
  );
});

test('8 MiB that change at each byte arrive as they were sent', async () => {
  const sent = Buffer.from(Uint8Array.from({ length: 2 ** 23 }, (_, i) => (i * 31 + (i >> 9)) & 255));
  await answering([bytes(`HTTP/1.1 200 OK\r\nContent-Length: ${sent.length}\r\n\r\n`), sent], async (url) => {
    expect((await collect((await get(url)).body)).equals(sent)).toBe(true);
  });
});

test.each([
  ['less than its Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort'],
  ['a Content-Length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nshort'],
  ['no last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ['half a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n0\r\n\r\n'],
  [
    'a chunk longer than its size',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n',
  ],
])('a body with %s never looks whole', async (_, answer) => {
  await answering([bytes(answer)], async (url) => {
    const { body } = await get(url);
    await expect(text(body)).rejects.toThrow();
  });
});

test.each([
  ['nothing', ''],
  ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['half a header', 'HTTP/1.1 200 OK\r\nContent-'],
  ['an endless header', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(20_000)}`],
  ['endless headers', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(5_000)}`],
])('a server that sends %s is unreachable', async (_, answer) => {
  await answering([bytes(answer)], async (url) => {
    await expect(get(url)).rejects.toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
  });
});

test('a server that is not there is unreachable, and says why', async () => {
  await answering([], async (url) => {
    await expect(get(url.replace(/:\d+$/, ':1'))).rejects.toMatchObject({
      code: 'ARCHIVE_UNREACHABLE',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

test.each([
  ['before its body is read', 0],
  ['in the middle of its body', 1],
])('an endless answer can be given up %s: the server sees it', async (_, pieces) => {
  let gone: Promise<unknown> | undefined;
  const listen = (handler: (s: Socket) => void): Server =>
    createServer((socket) => {
      gone = once(socket, 'close');
      handler(socket);
    });
  await answering(
    [bytes('HTTP/1.1 200 OK\r\n\r\nfirst')],
    async (url) => {
      const { body, close } = await get(url);
      const reading = body[Symbol.asyncIterator]();
      for (let i = 0; i < pieces; i++) {
        expect(Buffer.from((await reading.next()).value as Uint8Array).toString()).toBe('first');
      }
      await close();
      await gone;
    },
    { close: false, listen },
  );
});

test('the request says what it should, and a path cannot say more', async () => {
  await answering([bytes('HTTP/1.1 404 Not Found\r\nContent-Type: A\r\n\r\n')], async (url, requests) => {
    const origin = { url: `http:${url}`, authorization: 'Basic eDp5' };
    const answer = await download(origin, '/a b\r\nInjected: 1', { accept: 'a/b' });
    await answer.close();
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('A');
    expect(requests[0]?.split('\r\n')).toEqual([
      'GET /a%20bInjected:%201 HTTP/1.1',
      `host: ${url.slice(2)}`,
      'connection: close',
      'accept-encoding: identity',
      'accept: a/b',
      'authorization: Basic eDp5',
      '',
      '',
    ]);
    await expect(download(origin, '/', { accept: 'a\r\nb: c' })).rejects.toThrow('Invalid character');
  });
});

test('over TLS: a certificate that nobody vouches for is refused, a known one accepted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=archive', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const before = tls.getCACertificates('default');
  try {
    const pair = { key: readFileSync(key), cert: readFileSync(cert) };
    const listen = (handler: (s: Socket) => void): Server => tls.createServer(pair, handler);
    const sent = 'x'.repeat(300_000);
    await answering(
      [bytes(`HTTP/1.1 200 OK\r\nContent-Length: ${sent.length}\r\n\r\n${sent}`)],
      async (url) => {
        const origin = { url: `https:${url}` };
        await expect(download(origin, '/', {})).rejects.toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
        tls.setDefaultCACertificates([pair.cert.toString()]);
        expect(await text((await download(origin, '/', {})).body)).toBe(sent);
      },
      { listen },
    );
  } finally {
    tls.setDefaultCACertificates(before);
    rmSync(folder, { recursive: true });
  }
});
