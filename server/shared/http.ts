import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { Fault } from './fault.ts';

/** Connections to one server. Browsers have theirs apart: one that reads slowly keeps neither the work nor the listener waiting. */
const CONNECTIONS = { ours: 8, browsers: 32 } as const;
type Pool = keyof typeof CONNECTIONS;

/** By whom, and by what certificates. */
const agents = new Map<string, Agent>();

function agentOf(pool: Pool, tls: Tls | undefined): Agent {
  const key = `${pool} ${JSON.stringify(tls ?? {})}`;
  const known = agents.get(key);
  if (known) return known;
  const agent = new Agent({
    connections: CONNECTIONS[pool],
    // Orthanc closes idle sockets after 1 s (measured): give ours up earlier, so that none is used while it dies.
    keepAliveTimeout: 500,
    keepAliveMaxTimeout: 900,
    headersTimeout: 300_000,
    ...(tls ? { connect: { ...tls } } : {}),
  });
  agents.set(key, agent);
  return agent;
}

/** PEM: whom to trust instead of the authorities that Node knows, and how to prove who we are (mutual TLS). */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Origin {
  /** Base address without a trailing slash. */
  readonly url: string;
  /** `Authorization` header value, if the server wants one. */
  readonly authorization?: string;
  readonly tls?: Tls;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
  readonly pool?: Pool;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable & {
    text(): Promise<string>;
    json(): Promise<unknown>;
    bytes(): Promise<Uint8Array>;
    dump(): Promise<void>;
  };
}

/** One HTTP call to a server that is configured. Any status is an answer, a redirection too: none is followed. No answer is ARCHIVE_UNREACHABLE. */
export async function call(
  origin: Origin,
  path: string,
  { method = 'GET', headers = {}, body, pool = 'ours' }: Call = {},
): Promise<Answer> {
  try {
    const answer = await request(origin.url + path, {
      method,
      dispatcher: agentOf(pool, origin.tls),
      headers: {
        // Orthanc compresses when asked, at the price of all throughput.
        'accept-encoding': 'identity',
        ...(origin.authorization ? { authorization: origin.authorization } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  } catch (cause) {
    throw new Fault('ARCHIVE_UNREACHABLE', `${method} ${origin.url}: ${reasonOf(cause)}`, { cause });
  }
}

/** A JSON answer with status 200, `undefined` for 404 and 204; anything else is ARCHIVE_REFUSED. */
export async function getJson(origin: Origin, path: string, accept = 'application/json'): Promise<unknown> {
  const answer = await call(origin, path, { headers: { accept } });
  if (answer.status === 404 || answer.status === 204) {
    await answer.body.dump();
    return undefined;
  }
  if (answer.status !== 200) {
    const text = await answer.body.text();
    throw new Fault(
      answer.status >= 500 ? 'ARCHIVE_UNREACHABLE' : 'ARCHIVE_REFUSED',
      `GET ${path.split('?')[0]} answered ${answer.status}: ${text.slice(0, 200)}`,
    );
  }
  try {
    return await answer.body.json();
  } catch (cause) {
    throw new Fault('ARCHIVE_UNREACHABLE', `GET ${path.split('?')[0]} ended early or was not JSON`, {
      cause,
    });
  }
}

/** In one word where there is one: a code of the system, else the message. */
export const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as NodeJS.ErrnoException).code;
  return code ?? cause.message;
};
