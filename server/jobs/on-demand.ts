import { type Request, Router } from 'express';
import { z } from 'zod';
import { STATES } from '../contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { json, serve } from '../shared/address.ts';
import type { Analysis } from './analysis.ts';

const Series = z.strictObject({ StudyInstanceUID, SeriesInstanceUID });
export type Series = z.infer<typeof Series>;

/** A version of a model, as `id@1.2.0`. */
const Version = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*@\d+\.\d+\.\d+$/);

/** An installed model and a series. */
const Offer = z.object({
  model: Version,
  name: z.string(),
  /** Whether it reads the series, and its result goes into the archive. */
  runs: z.boolean(),
  /** Why it does or does not. */
  why: z.string(),
  /** Of what it made of the series already. */
  state: z.enum(STATES).optional(),
});
export type Offer = z.infer<typeof Offer>;

export interface OnDemand {
  readonly offers: (series: Series) => Promise<readonly Offer[]>;
  /** Throws NOT_FOUND, REQUEST_INVALID, MODEL_REFUSES_SERIES. */
  readonly run: (series: Series, model: string) => Promise<Analysis>;
  readonly onRun: (request: Request, analysis: Analysis) => void;
}

/**
 * `GET /api/on-demand?StudyInstanceUID=&SeriesInstanceUID=` → `{ models }`: which could run on a series, and why not the others; `POST` with the
 * same and `model`: it runs now, ahead of what the rules chose, also where it failed or was superseded.
 */
export function onDemandRouter({ offers, run, onRun }: OnDemand): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/on-demand',
      says: 'Which models could run on a series, and why not the others',
      query: Series,
      answers: { 200: { says: 'every installed version', json: z.object({ models: z.array(Offer) }) } },
    },
    async ({ query }, _, response) => {
      response.set('cache-control', 'no-store').json({ models: await offers(query) });
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/on-demand',
      says: 'A model runs on a series because a reader asks for it',
      body: json(Series.extend({ model: Version }), '2kb'),
      answers: {
        202: {
          says: 'the analysis that it makes',
          json: z.object({ id: z.string(), state: z.enum(STATES) }),
        },
      },
    },
    async ({ body: { model, ...series } }, request, response) => {
      const analysis = await run(series, model);
      onRun(request, analysis);
      response.status(202).json({ id: analysis.id, state: analysis.state });
    },
  );
  return router;
}
