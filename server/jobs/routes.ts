import { type Request, Router } from 'express';
import { z } from 'zod';
import { STATES } from '../contracts.ts';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import type { Analyses } from './analyses.ts';
import { Analysis } from './analysis.ts';

const Query = z.strictObject({
  StudyInstanceUID: StudyInstanceUID.optional(),
  state: z.enum(STATES).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
const Id = z.string().regex(/^[0-9a-f]{32}$/);
/** As JSON has it. */
const Told = Analysis.extend({ notBefore: z.iso.datetime().nullable(), updatedAt: z.iso.datetime() });

/**
 * `GET /api/analyses?StudyInstanceUID=&state=&limit=` → `{ analyses }`, newest first; `GET /api/analyses/:id`. UIDs and
 * codes only; what ran in shadow only for whom `seesShadow` says so. Throws REQUEST_INVALID, NOT_FOUND.
 */
export function analysesRouter(
  analyses: Pick<Analyses, 'get' | 'list'>,
  seesShadow: (request: Request) => boolean,
): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/analyses',
      says: 'Analyses, newest first',
      query: Query,
      answers: { 200: { says: 'UIDs and codes only', json: z.object({ analyses: z.array(Told) }) } },
    },
    async ({ query: { StudyInstanceUID, state, limit } }, request, response) => {
      const forReaders = !seesShadow(request);
      const filter = { StudyInstanceUID, states: state && [state], forReaders, limit };
      response.json({ analyses: await analyses.list(filter) });
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/analyses/:id',
      says: 'One analysis',
      params: z.object({ id: Id }),
      answers: { 200: { says: 'the record', json: Told } },
    },
    async ({ params }, request, response) => {
      const analysis = await analyses.get(params.id);
      if (!analysis || (analysis.mode === 'shadow' && !seesShadow(request)))
        throw new Fault('NOT_FOUND', 'no analysis has this id');
      response.json(analysis);
    },
  );
  return router;
}
