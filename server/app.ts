import express, { type ErrorRequestHandler, type Express, Router } from 'express';
import { z } from 'zod';
import { type Access, headers, limitRequests, whoRouter } from './access/index.ts';
import { serve } from './shared/address.ts';
import { asFault, Fault } from './shared/fault.ts';
import { log } from './shared/log.ts';
import { addressesOf } from './surface/addresses.ts';
import { surfaceRouter } from './surface/routes.ts';

export interface Surface {
  /** Who may reach what. */
  readonly access: Access;
  /** Addresses and networks of proxies elsewhere that say for whom they ask. */
  readonly trustedProxies?: readonly string[];
  /** Of each person or program, beside images; 0: any number. */
  readonly requestsPerMinute?: number;
  /** What is served, asked in this order. */
  readonly routers: readonly Router[];
}

/** The HTTP surface. Never listens; the last line is the error handler. Throws where a route is not described (shared/address.ts). */
export function createApp({ access, trustedProxies = [], requestsPerMinute = 0, routers }: Surface): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // Whoever likes could say for whom he asks: only these are believed.
  app.set('trust proxy', ['loopback', ...trustedProxies]);
  app.use(...headers());
  app.use(access.guard);
  app.use(limitRequests(requestsPerMinute));
  app.use(healthRouter());
  if (access.login) app.use(access.login);
  app.use(whoRouter());
  for (const router of routers) app.use(router);
  app.use(surfaceRouter(() => addresses));
  // Of all that stands above, itself too.
  const addresses = addressesOf(app.router);
  app.use(
    (request, response) =>
      void response.status(404).json({ code: 'NOT_FOUND', detail: `nothing at ${request.path}` }),
  );
  app.use(answerFault);
  return app;
}

/** `GET /healthz`: the server lives. */
function healthRouter(): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/healthz',
      says: 'Does the server live?',
      answers: { 200: { says: 'it does', json: z.object({ status: z.literal('ok') }) } },
    },
    (_, _request, response) => void response.json({ status: 'ok' }),
  );
  return router;
}

/** A fault as JSON with its status and what to do; unexpected errors keep their detail in the log only. */
const answerFault: ErrorRequestHandler = (error, request, response, next) => {
  const fault = asFault(refused(error) ?? error);
  if (fault.code === 'INTERNAL')
    log.error({ err: error, path: request.path }, 'unexpected error in a request');
  if (response.headersSent) return next(error);
  const detail = fault.code === 'INTERNAL' ? 'unexpected error' : fault.detail;
  return response.status(fault.spec.status).json({ code: fault.code, detail, action: fault.spec.action });
};

/** What a reader of bodies refuses (too large, compressed, malformed, cut off) is the caller's mistake, and so is a file that is not there. */
function refused(error: unknown): Fault | undefined {
  const { status, type } = error as { readonly status?: number; readonly type?: string };
  if (error instanceof Fault || status === undefined || status >= 500) return undefined;
  if (status === 404) return new Fault('NOT_FOUND', 'no such file');
  return new Fault('REQUEST_INVALID', `the request is refused: ${type ?? 'unreadable'}`);
}
