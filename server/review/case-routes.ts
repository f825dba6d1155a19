import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { serve } from '../shared/address.ts';
import type { Cases, Overlay } from './cases.ts';
import { Case, MapQuery, PictureQuery, Window } from './contract/case.ts';
import { AnalysisId } from './contract/worklist.ts';
import { type Picture, pngOf } from './pictures/png.ts';
import { type Caller, OfCase } from './routes.ts';

export interface OpenCaseRoutes {
  readonly cases: Cases;
  readonly callerOf: (request: Request) => Caller;
  /** Told before what names a patient is sent. */
  readonly onOpened: (request: Request, study: string) => void;
}

const OfPicture = z.object({ analysis: AnalysisId, n: z.coerce.number().int().min(0).max(99_999) });
const OVERLAYS = ['map', 'mask', 'uncertainty', 'corrected'] as const satisfies readonly Overlay[];
const PNG = { says: 'a PNG', types: ['image/png'] };
const PRIVATE = 'private, no-store';

/** One result and its pictures: contract/case.ts. */
export function openCaseRouter({ cases, callerOf, onOpened }: OpenCaseRoutes): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/cases/:analysis',
      says: 'One result with all that is stored of it, and what the caller may know of its readings',
      params: OfCase,
      answers: { 200: { says: 'the case', json: Case } },
    },
    async ({ params: { analysis } }, request, response) => {
      const it = await cases.open(analysis, callerOf(request));
      onOpened(request, it.StudyInstanceUID);
      response.set('cache-control', PRIVATE).json(it);
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/cases/:analysis/pictures/:n.png',
      says: 'A source image of a result as it asks to be shown, or through a window',
      params: OfPicture,
      query: PictureQuery,
      answers: { 200: PNG },
    },
    async ({ params: { analysis, n }, query: { centre, width } }, _, response) => {
      const window = centre === undefined || width === undefined ? undefined : { centre, width };
      await sendPng(response, await cases.picture(analysis, n, window));
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/cases/:analysis/pictures/:n/window',
      says: 'The window by which a source image asks to be shown, in the unit of its values',
      params: OfPicture,
      answers: { 200: { says: 'the window', json: Window } },
    },
    async ({ params: { analysis, n } }, _, response) =>
      void response.set('cache-control', PRIVATE).json(await cases.window(analysis, n)),
  );
  for (const kind of OVERLAYS)
    serve(
      router,
      {
        method: 'get',
        path: `/api/review/cases/:analysis/pictures/:n/${kind}.png`,
        says: `What is laid over a source image of a result: its ${kind}`,
        params: OfPicture,
        query: MapQuery,
        answers: { 200: PNG },
      },
      async ({ params: { analysis, n }, query }, _, response) =>
        sendPng(response, await cases.overlay(analysis, n, kind, query)),
    );
  return router;
}

async function sendPng(response: Response, picture: Picture): Promise<void> {
  const png = await pngOf(picture);
  response.set('cache-control', PRIVATE).type('png').send(png);
}
