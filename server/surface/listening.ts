import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import { Fault } from '../shared/fault.ts';

export interface Patience {
  /** A request must have come whole by then, ms; its headers in a quarter of that. */
  readonly requestMs: number;
}

/** Whoever sends a little now and then must not keep a connection for ever: how often that is looked at, ms. */
const LOOKED_AT_MS = 1_000;
/** Nothing came and nothing went, ms: live events say something each 20 s, an archive may think for minutes. */
const SILENCE_MS = 300_000;
/** All headers of a request together, bytes. */
const HEADERS = 16_384;
/** Browsers open six at once, and live events hold one each. */
const CONNECTIONS = 2_000;

/** The application on a server of its own that nobody can hold open by being slow. Not listening yet. */
export function serverOf(app: Express, { requestMs }: Patience): Server {
  const server = createServer(
    {
      headersTimeout: Math.ceil(requestMs / 4),
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(LOOKED_AT_MS, requestMs),
      maxHeaderSize: HEADERS,
    },
    app,
  );
  server.maxConnections = CONNECTIONS;
  server.setTimeout(SILENCE_MS);
  return server;
}

/** Why a server does not listen, in words; what is nothing of the address stays as it is. */
export function notListening(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const why = error.code && WHY[error.code];
  return why ? new Fault('ADDRESS_UNAVAILABLE', `port ${port} of ${host} ${why}`, { cause: error }) : error;
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program',
  EACCES: 'may not be used by this account, which needs a right of its own for ports below 1024',
  EADDRNOTAVAIL: 'is at no address of this machine',
  ENOTFOUND: 'has a name that is not known',
};
