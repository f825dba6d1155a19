import { validateHeaderValue } from 'node:http';
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ByteReader } from './byte-reader.ts';
import { Fault } from './fault.ts';
import { type Origin, reasonOf } from './http.ts';

export interface Download {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each chunk is there until the next is asked for: its memory is used again. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives up the connection, whatever has been read. */
  close(): Promise<void>;
}

/** What one read may bring. */
const READ_BYTES = 2 ** 20;
const IDLE_MS = 300_000;

/**
 * A large answer, by a GET over HTTP/1.1 (RFC 9112) on a connection of its own. All is read into one piece of memory, which
 * takes a quarter of the time of a client that makes a new buffer for each read (docs/decisions/0010-reading-a-series.md). Any
 * status is an answer; no answer is ARCHIVE_UNREACHABLE. The body throws when it ends early.
 */
export async function download(
  origin: Origin,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Download> {
  const url = new URL(origin.url + path);
  const request = requestOf(url, {
    ...headers,
    ...(origin.authorization ? { authorization: origin.authorization } : {}),
  });
  const input = new ByteReader(exchange(url, request));
  try {
    for (;;) {
      const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(await input.line())?.[1]);
      if (!status) throw new Error('the answer is not HTTP/1.1');
      const answered = await input.headers();
      // An interim answer (RFC 9110 §15.2) comes before the true one.
      if (status >= 200) {
        return { status, headers: answered, body: bodyOf(input, answered), close: () => input.close() };
      }
    }
  } catch (error) {
    await input.close();
    const cause = error instanceof Fault ? (error.cause ?? error) : error;
    throw new Fault('ARCHIVE_UNREACHABLE', `GET ${origin.url}: ${reasonOf(cause)}`, { cause });
  }
}

function requestOf(url: URL, headers: Readonly<Record<string, string>>): string {
  const fields = { host: url.host, connection: 'close', 'accept-encoding': 'identity', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => {
    validateHeaderValue(name, value);
    return `${name}: ${value}\r\n`;
  });
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Sends the request and gives what comes back, read by read. */
async function* exchange(url: URL, request: string): AsyncGenerator<Uint8Array> {
  const memory = Buffer.allocUnsafeSlow(READ_BYTES);
  let filled = 0;
  let ended = false;
  let failed: Error | undefined;
  let wake = (): void => undefined;
  const socket = open(url, {
    buffer: memory,
    callback: (bytes) => {
      filled = bytes;
      wake();
      // Nothing more is read into the memory before this has been taken.
      return false;
    },
  });
  socket.setTimeout(IDLE_MS, () => socket.destroy(new Error(`nothing came for ${IDLE_MS / 1000} s`)));
  socket.on('error', (error) => {
    failed = error;
  });
  for (const event of ['end', 'close']) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  socket.write(request, 'latin1');
  try {
    for (;;) {
      if (!filled && !ended)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (filled) yield memory.subarray(0, filled);
      else if (failed) throw failed;
      else if (ended) return;
      filled = 0;
      socket.resume();
    }
  } finally {
    socket.destroy();
  }
}

function open({ protocol, hostname, port }: URL, onread: OnReadOpts): Socket {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol !== 'https:') return connect({ host, port: Number(port || 80), onread });
  // The types of tls.connect do not know that it takes what net.connect takes.
  const options = { host, port: Number(port || 443), onread } as ConnectionOptions;
  return connectTls(isIP(host) ? options : { ...options, servername: host });
}

/** By its framing (RFC 9112 §6.3). */
async function* bodyOf(
  input: ByteReader,
  headers: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  if (/\bchunked$/i.test(headers['transfer-encoding'] ?? '')) yield* chunked(input);
  else if (headers['content-length'] !== undefined) yield* exactly(input, Number(headers['content-length']));
  else for (let piece = await input.some(); piece.length; piece = await input.some()) yield piece;
}

/** RFC 9112 §7.1; what follows the last chunk is not read. */
async function* chunked(input: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const size = /^[0-9a-f]{1,12}(?=\s*(;|$))/i.exec(await input.line())?.[0];
    if (!size) throw new Error('a chunk of the answer has no size');
    if (Number.parseInt(size, 16) === 0) return;
    yield* exactly(input, Number.parseInt(size, 16));
    if ((await input.line()) !== '') throw new Error('a chunk of the answer is longer than its size');
  }
}

async function* exactly(input: ByteReader, length: number): AsyncGenerator<Uint8Array> {
  if (!(length >= 0)) throw new Error('the answer says no length');
  for (let left = length; left > 0; ) {
    const piece = await input.some(left);
    if (piece.length === 0) throw new Error('the answer is shorter than it says');
    left -= piece.length;
    yield piece;
  }
}
