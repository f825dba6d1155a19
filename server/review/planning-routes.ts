import { type Request, Router } from 'express';
import { z } from 'zod';
import { json, serve } from '../shared/address.ts';
import type { Attendant } from './attendant.ts';
import { Plan, PlanState, View, ViewState } from './contract/worklist.ts';
import type { Plans } from './plans.ts';
import type { Caller } from './routes.ts';
import type { Views } from './views.ts';

export interface PlanningRoutes {
  readonly plans: Plans;
  readonly views: Views;
  readonly attendant: Pick<Attendant, 'wake'>;
  readonly callerOf: (request: Request) => Caller;
  /** Told of each change of what is sampled. */
  readonly onPlanned: (request: Request, plan: { readonly id: string; readonly detail: string }) => void;
}

const Id = z.object({ id: z.string().min(1).max(64) });
const PRIVATE = 'private, no-store';

/** Sampling plans and saved views: contract/worklist.ts. */
export function planningRouter({ plans, views, attendant, callerOf, onPlanned }: PlanningRoutes): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/plans',
      says: 'Sampling plans, and how far each is',
      answers: { 200: { says: 'the plans', json: z.array(PlanState) } },
    },
    async (_, _request, response) => void response.set('cache-control', PRIVATE).json(await plans.list()),
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/review/plans',
      says: 'Adds a sampling plan',
      body: json(Plan, '32kb'),
      answers: { 201: { says: 'the plan', json: PlanState } },
    },
    async ({ body }, request, response) => {
      const plan = await plans.add(body);
      onPlanned(request, { id: plan.id, detail: 'added' });
      response.status(201).json(plan);
    },
  );
  serve(
    router,
    {
      method: 'put',
      path: '/api/review/plans/:id',
      says: 'Changes a sampling plan; what it took stays taken',
      params: Id,
      body: json(Plan, '32kb'),
      answers: { 200: { says: 'the plan', json: PlanState } },
    },
    async ({ params: { id }, body }, request, response) => {
      const plan = await plans.change(id, body);
      onPlanned(request, { id, detail: plan.on ? 'changed' : 'switched off' });
      attendant.wake();
      response.json(plan);
    },
  );
  serve(
    router,
    {
      method: 'delete',
      path: '/api/review/plans/:id',
      says: 'Takes a sampling plan away; what only it took and nobody has begun to read is owed no longer',
      params: Id,
      answers: { 204: { says: 'it is gone' } },
    },
    async ({ params: { id } }, request, response) => {
      await plans.remove(id);
      onPlanned(request, { id, detail: 'removed' });
      attendant.wake();
      response.status(204).end();
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/review/plans/:id/apply',
      says: 'Has a plan take of the results that are there and that nobody has read',
      params: Id,
      answers: { 200: { says: 'how many it took', json: z.object({ taken: z.int() }) } },
    },
    async ({ params: { id } }, request, response) => {
      const taken = await plans.apply(id);
      onPlanned(request, { id, detail: `applied: ${taken} results` });
      attendant.wake();
      response.json({ taken });
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/views',
      says: 'Saved views of the worklist: the built-in ones, then the caller’s own',
      answers: { 200: { says: 'the views with their counts', json: z.array(ViewState) } },
    },
    async (_, request, response) =>
      void response.set('cache-control', PRIVATE).json(await views.list(callerOf(request).subject)),
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/review/views',
      says: 'Saves a view of the caller’s own',
      body: json(View, '32kb'),
      answers: { 201: { says: 'the view', json: ViewState } },
    },
    async ({ body }, request, response) =>
      void response.status(201).json(await views.add(body, callerOf(request).subject)),
  );
  serve(
    router,
    {
      method: 'put',
      path: '/api/review/views/:id',
      says: 'Changes a view of the caller’s own',
      params: Id,
      body: json(View, '32kb'),
      answers: { 200: { says: 'the view', json: ViewState } },
    },
    async ({ params: { id }, body }, request, response) =>
      void response.json(await views.change(id, body, callerOf(request).subject)),
  );
  serve(
    router,
    {
      method: 'delete',
      path: '/api/review/views/:id',
      says: 'Takes a view of the caller’s own away',
      params: Id,
      answers: { 204: { says: 'it is gone' } },
    },
    async ({ params: { id } }, request, response) => {
      await views.remove(id, callerOf(request).subject);
      response.status(204).end();
    },
  );
  return router;
}
