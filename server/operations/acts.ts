import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import type { Analysis, Jobs } from '../jobs/index.ts';
import { json, serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';

export interface Acting {
  readonly jobs: Pick<Jobs, 'retry' | 'retryAll' | 'cancel' | 'leaveAll'>;
  /** Runs a version of a model on the series of an analysis, by default the same. */
  readonly rerun: (id: string, model: string | undefined) => Promise<Analysis>;
  /** Copies of a study that were refused are owed again; how many. */
  readonly copyAgain: (study: string) => Promise<number>;
  /** Told of what someone did. */
  readonly onAct: (request: Request, act: Act) => void;
}

export interface Act {
  readonly action: 'analysis-retried' | 'analysis-cancelled' | 'copied';
  readonly study?: string;
  /** The analysis, or the code of the fault. */
  readonly object?: string;
  readonly detail?: string;
}

const Id = z.object({ id: z.string().regex(/^[0-9a-f]{32}$/) });
const Model = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*@\d+\.\d+\.\d+$/, 'is no version of a model, as my-model@1.2.0');
const CANCELLED = 'cancelled by the operator';
const ByFault = json(z.strictObject({ code: z.string().regex(/^[A-Z_]{1,60}$/) }), '1kb', { form: true });
const DONE = { 202: { says: 'it is so' }, 303: { says: 'the same, for a form of a page' } };

/**
 * What an operator does with analyses: `POST /api/analyses/:id/retry`, `/cancel`, `/rerun` with `{ model }`, and
 * `POST /api/analyses/retry`, `/cancel` with the code of a fault, for all that failed by it. `POST /api/copies/:study/retry` for copies of a study that were refused.
 */
export function actsRouter({ jobs, rerun, copyAgain, onAct }: Acting): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'post',
      path: '/api/analyses/retry',
      says: 'All that failed by one fault are tried again',
      body: ByFault,
      answers: { 200: { says: 'how many', json: z.object({ retried: z.int() }) }, 303: DONE[303] },
    },
    async ({ body: { code } }, request, response) => {
      const retried = await jobs.retryAll(code);
      onAct(request, { action: 'analysis-retried', object: code, detail: `${retried} analyses` });
      answer(request, response, () => response.json({ retried }));
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/analyses/cancel',
      says: 'All that failed by one fault are left at that',
      body: ByFault,
      answers: { 200: { says: 'how many', json: z.object({ cancelled: z.int() }) }, 303: DONE[303] },
    },
    async ({ body: { code } }, request, response) => {
      const cancelled = await jobs.leaveAll(code, CANCELLED);
      onAct(request, { action: 'analysis-cancelled', object: code, detail: `${cancelled} analyses` });
      answer(request, response, () => response.json({ cancelled }));
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/analyses/:id/retry',
      says: 'An analysis that failed or was cancelled is tried again',
      params: Id,
      answers: DONE,
    },
    async ({ params: { id } }, request, response) => {
      if (!(await jobs.retry(id)))
        throw new Fault('NOT_FOUND', 'no analysis that failed or was cancelled has this id');
      onAct(request, { action: 'analysis-retried', object: id });
      answer(request, response, () => response.status(202).end());
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/analyses/:id/cancel',
      says: 'An analysis that waits or is at work is called off; one that failed is left at that',
      params: Id,
      answers: DONE,
    },
    async ({ params: { id } }, request, response) => {
      if (!(await jobs.cancel(id, CANCELLED)))
        throw new Fault(
          'NOT_FOUND',
          'no analysis that could be cancelled has this id: done is done, and objects that are being stored are stored',
        );
      onAct(request, { action: 'analysis-cancelled', object: id });
      answer(request, response, () => response.status(202).end());
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/analyses/:id/rerun',
      says: 'A version of a model runs on the series of an analysis, also where it is done',
      params: Id,
      body: json(z.strictObject({ model: Model.optional() }), '1kb', { form: true }),
      answers: {
        202: { says: 'the analysis that it makes', json: z.object({ id: z.string(), state: z.string() }) },
        303: DONE[303],
      },
    },
    async ({ params: { id }, body: { model } }, request, response) => {
      const made = await rerun(id, model);
      onAct(request, {
        action: 'analysis-retried',
        object: made.id,
        detail: `again, by ${made.modelId}@${made.modelVersion}`,
      });
      answer(request, response, () => response.status(202).json({ id: made.id, state: made.state }));
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/copies/:study/retry',
      says: 'Copies of a study that were refused are tried again',
      params: z.object({ study: StudyInstanceUID }),
      answers: { 200: { says: 'how many', json: z.object({ retried: z.int() }) }, 303: DONE[303] },
    },
    async ({ params: { study } }, request, response) => {
      const retried = await copyAgain(study);
      onAct(request, { action: 'copied', study, detail: `${retried} refused copies are tried again` });
      answer(request, response, () => response.json({ retried }));
    },
  );
  return router;
}

/** A form of a page comes back to where it was. */
function answer(request: Request, response: Response, asJson: () => void): void {
  if (request.accepts(['json', 'html']) !== 'html') {
    asJson();
    return;
  }
  const referer = request.get('referer') ?? '';
  const { pathname, search } = URL.canParse(referer) ? new URL(referer) : { pathname: '', search: '' };
  response.redirect(303, pathname.startsWith('/operations/') ? pathname + search : '/operations');
}
