import { join, resolve } from 'node:path';
import { type Request, type Response, Router } from 'express';
import type { Installation, Installed } from './installed.ts';

/**
 * `GET /api/models` → `{ models, refused }`: each package with its mode, why, and what was measured of it, as they are now;
 * packages that do not load, with the fault. `GET /api/models/<id>/<version>/cases/case-001.png` → the picture of a known image
 * that a result of this version names as near.
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
  router.get(
    '/api/models/:id/:version/cases/:picture',
    async (request: Request, response: Response, next) => {
      const { id, version, picture = '' } = request.params;
      const { models } = await installed();
      const model = models.find(({ identity }) => identity.id === id && identity.version === version);
      // Only what the gallery lists is a path.
      const known = model?.reference?.gallery?.cases.find((c) => `${c.id}.png` === picture);
      if (!model || !known) return next();
      return response.sendFile(`${known.id}.png`, {
        root: join(resolve(model.folder), 'reference', 'cases'),
      });
    },
  );
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
