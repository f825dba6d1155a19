import { join, resolve } from 'node:path';
import { type Request, Router } from 'express';
import { z } from 'zod';
import { json, serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { Check } from './acceptance.ts';
import { type Installation, type Installed, keyOf } from './installed.ts';
import { Interpretability } from './interpretability.ts';

/**
 * `GET /api/models` → `{ models, refused }`: each package with its mode, why, and what was measured of it, as they are now;
 * packages that do not load, with the fault. `GET /api/models/<id>/<version>/cases/case-001.png` → the picture of a known image
 * that a result of this version names as near. `POST /api/models/changes`: what an operator has changed by command is noted, when
 * it is so. Throws NOT_FOUND, REQUEST_INVALID.
 */
export function modelsRouter(
  installed: () => Promise<Installation>,
  onChange: (request: Request, change: Change) => void,
): Router {
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
  serve(
    router,
    {
      method: 'post',
      path: '/api/models/changes',
      says: 'Notes in the audit trail what was changed by command; refused when it is not so',
      body: json(Changes, '4kb'),
      answers: { 200: { says: 'it is noted', json: Changes } },
    },
    async ({ body }, request, response) => {
      const { models } = await installed();
      const found = models.filter(({ identity }) => [identity.id, keyOf(identity)].includes(body.key));
      if (found.length === 0) throw new Fault('NOT_FOUND', `no model ${body.key} is installed here`);
      if (!found.some(({ mode }) => AFTERWARDS[body.verb].includes(mode)))
        throw new Fault(
          'REQUEST_INVALID',
          `${body.key} is ${found.map(({ mode }) => mode).join(', ')} here: another DATA_DIR was changed`,
        );
      if (!found.some(({ share }) => share === body.share) && body.verb === 'promote')
        throw new Fault(
          'REQUEST_INVALID',
          `${body.key} has another share here: another DATA_DIR was changed`,
        );
      const object = (found[0] as Installed).identity.id;
      const share = body.share === undefined ? '' : ` for ${body.share} in 100 studies`;
      onChange(request, { object, detail: `${body.verb} ${body.key}${share}` });
      response.json(body);
    },
  );
  return router;
}

/** What was done by command to one version, or to all of a model. */
const Changes = z.strictObject({
  verb: z.enum(['add', 'promote', 'disable', 'enable']),
  key: z
    .string()
    .max(128)
    .regex(/^[a-z0-9-]+(@\d+\.\d+\.\d+)?$/),
  /** Of 100 studies, those that the promoted version answers. */
  share: z.int().min(1).max(99).exactOptional(),
});
/** The modes that a version is in after it. */
const AFTERWARDS: Readonly<Record<z.infer<typeof Changes>['verb'], readonly Installed['mode'][]>> = {
  add: ['shadow', 'clinical'],
  promote: ['clinical', 'canary'],
  disable: ['disabled'],
  enable: ['shadow', 'clinical', 'canary'],
};

/** For the audit trail: the model, and what became of it. */
export interface Change {
  readonly object: string;
  readonly detail: string;
}

const Told = z.looseObject({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  digest: z.string(),
  kind: z.string(),
  mode: z.enum(['clinical', 'canary', 'shadow', 'disabled']),
  why: z.string(),
  share: z.int().nullable(),
  accepted: z.boolean(),
  checkedAt: z.string().nullable(),
  checks: z.array(Check),
  answers: Interpretability.omit({ elements: true }).optional(),
});
const Refused = z.object({
  folder: z.string(),
  fault: z.object({ code: z.string(), detail: z.string(), action: z.string() }),
});

/** A model as the operator sees it; also what `pellucid model list --json` prints. */
export const describe = ({ identity, spec, mode, why, share, acceptance, notAccepted }: Installed) => ({
  ...identity,
  kind: spec.kind,
  mode,
  why,
  share: share ?? null,
  accepted: notAccepted === undefined,
  checkedAt: acceptance?.checkedAt ?? null,
  checks: acceptance?.checks ?? [],
});
