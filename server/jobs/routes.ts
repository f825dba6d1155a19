import { type Request, Router } from 'express';
import { z } from 'zod';
import { STATES } from '../contracts.ts';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { Analysis, History } from './analysis.ts';
import type { Jobs } from './index.ts';

const Query = z.strictObject({
  StudyInstanceUID: StudyInstanceUID.optional(),
  state: z.enum(STATES).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
const Id = z.string().regex(/^[0-9a-f]{32}$/);
const ById = z.object({ id: Id });
/** As JSON has it. */
const Told = Analysis.extend({ notBefore: z.iso.datetime().nullable(), updatedAt: z.iso.datetime() });

/**
 * `GET /api/analyses?StudyInstanceUID=&state=&limit=` → `{ analyses }`, newest first; `GET /api/analyses/:id`, and what
 * happened to it at `/history` → `{ history }`. UIDs and codes only; what ran in shadow only for whom `seesShadow` says so. Throws REQUEST_INVALID, NOT_FOUND.
 */
export function analysesRouter(
  { analyses, histories }: Pick<Jobs, 'analyses' | 'histories'>,
  seesShadow: (request: Request) => boolean,
): Router {
  const router = Router();
  const one = async (id: string, request: Request): Promise<Analysis> => {
    const analysis = await analyses.get(id);
    if (!analysis || (analysis.mode === 'shadow' && !seesShadow(request)))
      throw new Fault('NOT_FOUND', 'no analysis has this id');
    return analysis;
  };
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
      params: ById,
      answers: { 200: { says: 'the record', json: Told } },
    },
    async ({ params }, request, response) => void response.json(await one(params.id, request)),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/analyses/:id/history',
      says: 'What happened to an analysis, in order: states that began, and faults',
      params: ById,
      answers: { 200: { says: 'the latest 200', json: z.object({ history: History }) } },
    },
    async ({ params }, request, response) => {
      const { id } = await one(params.id, request);
      response.json({ history: (await histories([id])).get(id) ?? [] });
    },
  );
  return router;
}
