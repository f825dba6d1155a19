import { type Response, Router } from 'express';
import { asFault } from '../shared/fault.ts';

/** Each thing that the work needs, and how it is tried; it throws when it is not there. */
export type Needs = Readonly<Record<string, () => Promise<unknown>>>;

/** A probe that hangs is one that failed, ms. */
const PATIENCE_MS = 5_000;

/** `GET /readyz`: 200 when everything that the work needs answers, else 503 with what does not. */
export function readyRouter(needs: Needs): Router {
  const router = Router();
  router.get('/readyz', async (_, response: Response) => {
    const found = await Promise.all(
      Object.entries(needs).map(async ([name, probe]) => [name, await outcome(probe)] as const),
    );
    const isReady = found.every(([, said]) => said === 'ok');
    response.status(isReady ? 200 : 503).json(Object.fromEntries(found));
  });
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
