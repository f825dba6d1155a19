import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { contentPolicy } from '../shared/content-policy.ts';

/** What every answer tells the browser: run only what comes from here, be framed by nobody else, send our addresses to no other site. */
export function headers(): readonly RequestHandler[] {
  const policy = contentPolicy();
  return [
    helmet({
      contentSecurityPolicy: false,
      // The proxy that speaks TLS decides that.
      strictTransportSecurity: false,
      referrerPolicy: { policy: 'same-origin' },
    }),
    (_, response, next) => {
      response.set('content-security-policy', policy);
      next();
    },
  ];
}
