import { Router } from 'express';
import { z } from 'zod';
import { serve } from '../shared/address.ts';
import { asFault } from '../shared/fault.ts';

/** Each thing that the work needs, and how it is tried; it throws when it is not there. */
export type Needs = Readonly<Record<string, () => Promise<unknown>>>;

/** A probe that hangs is one that failed, ms. */
const PATIENCE_MS = 5_000;
const Found = z.record(z.string(), z.string());

/** `GET /readyz`: 200 when everything that the work needs answers, else 503 with what does not. */
export function readyRouter(needs: Needs): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/readyz',
      says: 'Does everything answer that the work needs?',
      answers: {
        200: { says: 'all does', json: Found },
        503: { says: 'not all does; the code of the fault stands beside what does not', json: Found },
      },
    },
    async (_, _request, response) => {
      const found = await Promise.all(
        Object.entries(needs).map(async ([name, probe]) => [name, await outcome(probe)] as const),
      );
      const isReady = found.every(([, said]) => said === 'ok');
      response.status(isReady ? 200 : 503).json(Object.fromEntries(found));
    },
  );
  return router;
}

const outcome = (probe: () => Promise<unknown>): Promise<string> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve('does not answer'), PATIENCE_MS);
    probe()
      .then(
        () => resolve('ok'),
        // Anyone may ask: the code says enough.
        (error: unknown) => resolve(asFault(error).code),
      )
      .finally(() => clearTimeout(timer));
  });
