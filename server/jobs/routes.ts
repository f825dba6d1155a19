import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { STATES } from '../contracts.ts';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';
import type { Analyses } from './analyses.ts';

const Query = z.strictObject({
  StudyInstanceUID: StudyInstanceUID.optional(),
  state: z.enum(STATES).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
const Id = z.string().regex(/^[0-9a-f]{32}$/);

/**
 * `GET /api/analyses?StudyInstanceUID=&state=&limit=` → `{ analyses }`, newest first; `GET /api/analyses/:id`. UIDs and
 * codes only; what ran in shadow only for whom `seesShadow` says so. Throws REQUEST_INVALID, NOT_FOUND.
 */
export function analysesRouter(
  analyses: Pick<Analyses, 'get' | 'list'>,
  seesShadow: (request: Request) => boolean,
): Router {
  const router = Router();
  router.get('/api/analyses', async (request: Request, response: Response) => {
    const query = Query.safeParse(request.query);
    if (!query.success) throw new Fault('REQUEST_INVALID', z.prettifyError(query.error));
    const { StudyInstanceUID, state, limit } = query.data;
    const forReaders = !seesShadow(request);
    const filter = { StudyInstanceUID, states: state && [state], forReaders, limit };
    response.json({ analyses: await analyses.list(filter) });
  });
  router.get('/api/analyses/:id', async (request: Request, response: Response) => {
    const id = Id.safeParse(request.params.id);
    const analysis = id.success ? await analyses.get(id.data) : undefined;
    if (!analysis || (analysis.mode === 'shadow' && !seesShadow(request)))
      throw new Fault('NOT_FOUND', 'no analysis has this id');
    response.json(analysis);
  });
  return router;
}
