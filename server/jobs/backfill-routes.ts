import { type Request, Router } from 'express';
import { z } from 'zod';
import { json, serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { Backfill, BackfillRequest, type Backfills } from './backfills.ts';

export interface BackfillAround {
  /** The models that there are, each as `id@version`. */
  readonly models: () => Promise<readonly string[]>;
  /** Told of each that someone started, stopped or resumed. */
  readonly onDone: (request: Request, what: { readonly id: string; readonly detail: string }) => void;
}

const Id = z.object({ id: z.uuid() });
/** As JSON has it. */
const Told = Backfill.extend({ createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() });

/** `POST /api/backfills`, `GET /api/backfills`, `GET /api/backfills/:id`, `POST /api/backfills/:id/stop` and `/resume`. */
export function backfillsRouter(backfills: Backfills, { models, onDone }: BackfillAround): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'post',
      path: '/api/backfills',
      says: 'Begins to read studies of the past, behind everything else',
      body: json(BackfillRequest, '4kb'),
      answers: { 201: { says: 'it has begun', json: Told } },
    },
    async ({ body }, request, response) => {
      const there = await models();
      const { model } = body;
      if (model !== undefined && !there.some((key) => key === model || key.startsWith(`${model}@`)))
        throw new Fault('REQUEST_INVALID', `no model ${model} is installed; there are ${there.join(', ')}`);
      const made = await backfills.create(body);
      onDone(request, {
        id: made.id,
        detail: `began: ${made.from} to ${made.to}, ${made.model ?? 'all models'}`,
      });
      response.status(201).json(made);
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/backfills',
      says: 'Backfills, newest first',
      answers: { 200: { says: 'how each stands', json: z.object({ backfills: z.array(Told) }) } },
    },
    async (_, _request, response) => void response.json({ backfills: await backfills.list() }),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/backfills/:id',
      says: 'One backfill',
      params: Id,
      answers: { 200: { says: 'how it stands', json: Told } },
    },
    async ({ params: { id } }, _, response) => {
      const found = await backfills.get(id);
      if (!found) throw new Fault('NOT_FOUND', 'no backfill has this id');
      response.json(found);
    },
  );
  for (const verb of ['stop', 'resume'] as const)
    serve(
      router,
      {
        method: 'post',
        path: `/api/backfills/:id/${verb}`,
        says: verb === 'stop' ? 'Reads no further; what is queued is still done' : 'Goes on where it was',
        params: Id,
        answers: {
          200: { says: 'how it stands', json: Told },
          303: { says: 'the same, for a form of a page' },
        },
      },
      async ({ params: { id } }, request, response) => {
        const changed = await backfills[verb](id);
        if (!changed)
          throw new Fault(
            'NOT_FOUND',
            `no backfill that ${verb === 'stop' ? 'runs' : 'was stopped'} has this id`,
          );
        onDone(request, { id, detail: verb === 'stop' ? 'stopped' : 'resumed' });
        if (request.accepts(['json', 'html']) === 'html') response.redirect(303, '/operations');
        else response.json(changed);
      },
    );
  return router;
}
