import { type Response, Router } from 'express';
import type { Installation, Installed } from './installed.ts';

/**
 * `GET /api/models` → `{ models, refused }`: each package with its mode, why, and what was measured of it, as they are now;
 * packages that do not load, with the fault.
 */
export function modelsRouter(installed: () => Promise<Installation>): Router {
  const router = Router();
  router.get('/api/models', async (_, response: Response) => {
    const { models, refused } = await installed();
    response.json({
      models: models.map(describe),
      refused: refused.map(({ folder, fault: { code, detail, spec } }) => ({
        folder,
        fault: { code, detail, action: spec.action },
      })),
    });
  });
  return router;
}

/** A model as the operator sees it; also what `pellucid model list --json` prints. */
export const describe = ({ identity, spec, mode, why, acceptance, notAccepted }: Installed) => ({
  ...identity,
  kind: spec.kind,
  mode,
  why,
  accepted: notAccepted === undefined,
  checkedAt: acceptance?.checkedAt ?? null,
  checks: acceptance?.checks ?? [],
});
