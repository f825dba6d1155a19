import express, { type ErrorRequestHandler, type Express, type Router } from 'express';
import { type Access, headers, whoRouter } from './access/index.ts';
import { asFault, Fault } from './shared/fault.ts';
import { log } from './shared/log.ts';

export interface Surface {
  /** Who may reach what. */
  readonly access: Access;
  /** What is served, asked in this order. */
  readonly routers: readonly Router[];
}

/** The HTTP surface. Never listens; the last line is the error handler. */
export function createApp({ access, routers }: Surface): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // Only a proxy on this machine may say for whom it asks.
  app.set('trust proxy', 'loopback');
  app.use(...headers());
  app.use(access.guard);
  app.get('/healthz', (_, response) => void response.json({ status: 'ok' }));
  if (access.login) app.use(access.login);
  app.use(whoRouter());
  for (const router of routers) app.use(router);
  app.use(
    (request, response) =>
      void response.status(404).json({ code: 'NOT_FOUND', detail: `nothing at ${request.path}` }),
  );
  app.use(answerFault);
  return app;
}

/** A fault as JSON with its status and what to do; unexpected errors keep their detail in the log only. */
const answerFault: ErrorRequestHandler = (error, request, response, next) => {
  const fault = asFault(refusedBody(error) ?? error);
  if (fault.code === 'INTERNAL')
    log.error({ err: error, path: request.path }, 'unexpected error in a request');
  if (response.headersSent) return next(error);
  const detail = fault.code === 'INTERNAL' ? 'unexpected error' : fault.detail;
  return response.status(fault.spec.status).json({ code: fault.code, detail, action: fault.spec.action });
};

/** What a reader of bodies refuses (too large, compressed, malformed, cut off) is the caller's mistake. */
function refusedBody(error: unknown): Fault | undefined {
  const { status, type } = error as { readonly status?: number; readonly type?: string };
  if (error instanceof Fault || status === undefined || status >= 500) return undefined;
  return new Fault('REQUEST_INVALID', `the request is refused: ${type ?? 'unreadable'}`);
}
