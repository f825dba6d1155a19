import { join, resolve } from 'node:path';
import { Router } from 'express';
import { z } from 'zod';
import { serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { Check } from './acceptance.ts';
import type { Installation, Installed } from './installed.ts';

/**
 * `GET /api/models` → `{ models, refused }`: each package with its mode, why, and what was measured of it, as they are now;
 * packages that do not load, with the fault. `GET /api/models/<id>/<version>/cases/case-001.png` → the picture of a known image
 * that a result of this version names as near.
 */
export function modelsRouter(installed: () => Promise<Installation>): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/models',
      says: 'The models as they are now',
      answers: {
        200: {
          says: 'packages with their mode and what was measured of them; those that do not load, with the fault',
          json: z.object({ models: z.array(Told), refused: z.array(Refused) }),
        },
      },
    },
    async (_, _request, response) => {
      const { models, refused } = await installed();
      response.json({
        models: models.map(describe),
        refused: refused.map(({ folder, fault: { code, detail, spec } }) => ({
          folder,
          fault: { code, detail, action: spec.action },
        })),
      });
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/models/:id/:version/cases/:picture',
      says: 'The picture of a known image that a result names as near',
      params: z.object({ id: z.string(), version: z.string(), picture: z.string() }),
      answers: { 200: { says: 'the picture', types: ['image/png'] } },
    },
    async ({ params: { id, version, picture } }, _, response) => {
      const { models } = await installed();
      const model = models.find(({ identity }) => identity.id === id && identity.version === version);
      // Only what the gallery lists is a path.
      const known = model?.reference?.gallery?.cases.find((c) => `${c.id}.png` === picture);
      if (!model || !known) throw new Fault('NOT_FOUND', 'no model has such a picture');
      response.sendFile(`${known.id}.png`, { root: join(resolve(model.folder), 'reference', 'cases') });
    },
  );
  return router;
}

const Told = z.looseObject({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  digest: z.string(),
  kind: z.string(),
  mode: z.enum(['clinical', 'shadow', 'disabled']),
  why: z.string(),
  accepted: z.boolean(),
  checkedAt: z.string().nullable(),
  checks: z.array(Check),
});
const Refused = z.object({
  folder: z.string(),
  fault: z.object({ code: z.string(), detail: z.string(), action: z.string() }),
});

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
