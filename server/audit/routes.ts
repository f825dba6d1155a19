import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import type { Event } from './entry.ts';
import { dicomMessage, fhirEvent } from './messages.ts';
import type { Trail } from './trail.ts';

const Query = z.strictObject({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  as: z.enum(['entries', 'dicom', 'fhir']).default('entries'),
});

/**
 * `GET /api/audit?from=&to=&after=&limit=&as=`: entries, DICOM audit messages (one a line) or a FHIR Bundle; `GET /api/audit/verify`.
 * Reading the trail is noted in it. Throws REQUEST_INVALID.
 */
export function auditRouter(
  trail: Trail,
  whoOf: (request: Request) => Pick<Event, 'who' | 'whoName'>,
): Router {
  const router = Router();
  router.get('/api/audit', async (request: Request, response: Response) => {
    const query = Query.safeParse(request.query);
    if (!query.success) throw new Fault('REQUEST_INVALID', z.prettifyError(query.error));
    const { as, ...options } = query.data;
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
  });
  router.get('/api/audit/verify', async (_, response: Response) => {
    response.json(await trail.verify());
  });
  return router;
}
