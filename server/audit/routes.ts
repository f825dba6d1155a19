import { type Request, Router } from 'express';
import { z } from 'zod';
import { json, serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { Entry, type Event } from './entry.ts';
import { dicomMessage, fhirEvent } from './messages.ts';
import type { Trail } from './trail.ts';

const Query = z.strictObject({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  as: z.enum(['entries', 'dicom', 'fhir']).default('entries'),
});

const Prune = z.strictObject({ before: z.iso.datetime() });
/** Retention is a matter of years; who wants to hide something wants to hide what is new. */
const KEPT_AT_LEAST_MS = 30 * 86_400_000;

const Bundle = z.object({
  resourceType: z.literal('Bundle'),
  type: z.literal('collection'),
  entry: z.array(z.object({ resource: z.looseObject({ resourceType: z.literal('AuditEvent') }) })),
});

/**
 * `GET /api/audit?from=&to=&after=&limit=&as=`: entries, DICOM audit messages (one a line) or a FHIR Bundle; `GET /api/audit/verify`; `POST /api/audit/prune`.
 * Reading the trail is noted in it. Throws REQUEST_INVALID.
 */
export function auditRouter(
  trail: Trail,
  whoOf: (request: Request) => Pick<Event, 'who' | 'whoName'>,
): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/audit',
      says: 'The audit trail, in order; reading it is noted in it',
      query: Query,
      answers: {
        200: {
          says: 'entries, a FHIR Bundle of AuditEvents, or DICOM audit messages, one a line',
          json: z.union([z.object({ entries: z.array(Entry) }), Bundle]),
          types: ['text/plain'],
        },
      },
    },
    async ({ query: { as, ...options } }, request, response) => {
      const entries = await trail.list(options);
      const detail = `${entries.length} entries as ${as}`;
      await trail.note({ ...whoOf(request), action: 'audit-read', outcome: 'done', detail });
      if (as === 'entries') response.json({ entries });
      else if (as === 'dicom')
        response.type('text/plain').send(entries.map((e) => `${dicomMessage(e)}\n`).join(''));
      else
        response.json({
          resourceType: 'Bundle',
          type: 'collection',
          entry: entries.map((e) => ({ resource: fhirEvent(e) })),
        });
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/audit/verify',
      says: 'Does each entry follow from the one before?',
      answers: {
        200: {
          says: 'how many do, the hash of the last, and the first that does not',
          json: z.object({ entries: z.int(), head: z.string(), brokenAt: z.int().optional() }),
        },
      },
    },
    async (_, _request, response) => void response.json(await trail.verify()),
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/audit/prune',
      says: 'Takes away entries that are older; that is noted, with the hash from which the rest goes on',
      body: json(Prune, '1kb'),
      answers: { 200: { says: 'how many went', json: z.object({ gone: z.int() }) } },
    },
    async ({ body: { before } }, request, response) => {
      if (Date.parse(before) > Date.now() - KEPT_AT_LEAST_MS)
        throw new Fault('REQUEST_INVALID', 'what is younger than 30 days is kept');
      response.json({ gone: await trail.prune(before, whoOf(request)) });
    },
  );
  return router;
}
