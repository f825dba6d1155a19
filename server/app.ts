import express, { type ErrorRequestHandler, type Express, type Router } from 'express';
import { asFault, Fault } from './shared/fault.ts';
import { log } from './shared/log.ts';

export interface Routers {
  /** Signed wake-up calls of the archive. */
  readonly hook: Router;
  readonly analyses: Router;
  readonly events: Router;
  readonly reveals: Router;
  readonly models: Router;
  readonly dicomWeb: Router;
  /** OHIF with the panel; absent when no viewer is built. */
  readonly viewer?: Router;
}

/** The HTTP surface. Never listens; the last line is the error handler. */
export function createApp({ hook, analyses, events, reveals, models, dicomWeb, viewer }: Routers): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.get('/healthz', (_, response) => void response.json({ status: 'ok' }));
  app.use(hook);
  app.use(analyses);
  app.use(events);
  app.use(reveals);
  app.use(models);
  app.use(dicomWeb);
  if (viewer) app.use(viewer);
  app.use(
    (request, response) =>
      void response.status(404).json({ code: 'NOT_FOUND', detail: `nothing at ${request.path}` }),
  );
  app.use(answerFault);
  return app;
}

/** A fault as JSON with its status and what to do; unexpected errors keep their detail in the log only. */
const answerFault: ErrorRequestHandler = (error, request, response, next) => {
  const fault = isOfBody(error) ? new Fault('REQUEST_INVALID', 'the body cannot be read') : asFault(error);
  if (fault.code === 'INTERNAL')
    log.error({ err: error, path: request.path }, 'unexpected error in a request');
  if (response.headersSent) return next(error);
  const detail = fault.code === 'INTERNAL' ? 'unexpected error' : fault.detail;
  return response.status(fault.spec.status).json({ code: fault.code, detail, action: fault.spec.action });
};

/** What Express says of a body that is too large or no JSON. */
const isOfBody = (error: unknown): boolean => {
  const status: unknown = Reflect.get(Object(error), 'status');
  return typeof status === 'number' && status >= 400 && status < 500;
};
