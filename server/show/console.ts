import { resolve } from 'node:path';
import express, { type Response, Router } from 'express';
import { z } from 'zod';
import { serve } from '../shared/address.ts';

/** Addresses that the console's own router answers (review-console/src/lib/route.ts). */
const PAGES = ['/review', '/review/figures'];
const PAGE = { says: 'The review console', types: ['text/html'] };
const FRESH = { cacheControl: false, headers: { 'cache-control': 'no-cache' } };

/** `/review`: the console as it was built into `dist`. Under the policy of every page of ours: nothing that stands in a page runs. */
export function consoleRouter({ dist }: { readonly dist: string }): Router {
  const root = resolve(dist);
  const router = Router();
  const send = (response: Response): void => response.sendFile('index.html', { root, ...FRESH });
  serve(
    router,
    { method: 'get', path: PAGES, says: 'The review console', answers: { 200: PAGE } },
    (_, _request, response) => send(response),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/review/cases/:analysis',
      says: 'The review console at one result',
      params: z.object({ analysis: z.string().regex(/^[0-9a-f]{32}$/) }),
      answers: { 200: PAGE },
    },
    (_, _request, response) => send(response),
  );
  // Each has the hash of its content in its name.
  router.use(
    '/review/assets',
    express.static(resolve(root, 'assets'), { index: false, redirect: false, immutable: true, maxAge: '1y' }),
  );
  return router;
}
