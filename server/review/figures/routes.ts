import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, Router } from 'express';
import { serve } from '../../shared/address.ts';
import { FigureQuery, Figures } from '../contract/figures.ts';
import { figuresCsv } from './csv.ts';
import { figures, selectionOf } from './figures.ts';
import { governancePdf, type Happening } from './governance.ts';
import { type Registry, registryCsv } from './registry.ts';

export interface FiguresOf extends Registry {
  /** What happened to the model in this time, newest first. */
  readonly happenings: (
    model: string,
    period: { readonly from: string; readonly to: string },
  ) => Promise<readonly Happening[]>;
  /** Told before rows that name patients are sent. */
  readonly onRegistryRead: (request: Request, model: string) => void;
}

/** `GET /api/review/figures` and what it is taken away as. Throws NOT_FOUND, REQUEST_INVALID. */
export function figuresRouter(of: FiguresOf): Router {
  const router = Router();
  const { sql, happenings, onRegistryRead } = of;
  const query = sql.query.bind(sql);
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/figures',
      says: 'What the readings say of one finding of one model',
      query: FigureQuery,
      answers: { 200: { says: 'the figures, with their counts and intervals', json: Figures } },
    },
    async ({ query: asked }, _, response) => void response.json(await figures(sql, asked)),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/figures.csv',
      says: 'The same as a table, one row a number',
      query: FigureQuery,
      answers: { 200: { says: 'CSV (RFC 4180)', types: ['text/csv'] } },
    },
    async ({ query: asked }, _, response) => {
      // First: what is refused is no file.
      const table = figuresCsv(await figures(sql, asked));
      response.attachment(`figures-${asked.model}.csv`).type('text/csv').send(table);
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/report.pdf',
      says: 'The same on one page, for those who govern the model',
      query: FigureQuery,
      answers: { 200: { says: 'a page of A4', types: ['application/pdf'] } },
    },
    async ({ query: asked }, _, response) => {
      const made = await figures(sql, asked);
      const page = await governancePdf(made, {
        happenings: await happenings(asked.model, made),
        at: new Date(),
      });
      response.attachment(`governance-${asked.model}.pdf`).type('application/pdf').send(Buffer.from(page));
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/registry.csv',
      says: 'One row a result in the columns of a registry. It names patients',
      query: FigureQuery,
      answers: { 200: { says: 'CSV (RFC 4180)', types: ['text/csv'] } },
    },
    async ({ query: asked }, request, response) => {
      const selection = await selectionOf(query, asked);
      onRegistryRead(request, asked.model);
      response.set('cache-control', 'no-store').attachment(`registry-${asked.model}.csv`).type('text/csv');
      await pipeline(Readable.from(registryCsv(of, selection)), response);
    },
  );
  return router;
}
