import { readFileSync } from 'node:fs';
import { Router } from 'express';
import { z } from 'zod';
import { type Address, serve } from '../shared/address.ts';
import { documentOf } from './document.ts';

const Package = z.object({ version: z.string() });

/** `GET /openapi.json`: every address of ours as an OpenAPI 3.1 document; `addresses` are those of the whole application. */
export function surfaceRouter(addresses: () => readonly Address[]): Router {
  const { version } = Package.parse(
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
  );
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/openapi.json',
      says: 'This document',
      answers: { 200: { says: 'OpenAPI 3.1', json: z.looseObject({ openapi: z.literal('3.1.0') }) } },
    },
    (_, _request, response) => void response.json(documentOf(addresses(), version)),
  );
  return router;
}
