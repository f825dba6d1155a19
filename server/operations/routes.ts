import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import type { Jobs } from '../jobs/index.ts';
import { Fault } from '../shared/fault.ts';
import type { Html } from './html.ts';
import { type ModelLine, type Now, operationsNow, operationsPage, studyPage } from './page.ts';

export interface Operations {
  readonly jobs: Pick<Jobs, 'analyses' | 'overview' | 'retry'>;
  readonly models: () => Promise<Pick<Now, 'installed' | 'refused'>>;
  /** Why rules and models took a study, or one image, or did not. */
  readonly tell: {
    study(StudyInstanceUID: string): Promise<readonly string[]>;
    file(bytes: Uint8Array): Promise<readonly string[]>;
  };
  readonly mayAct: (request: Request) => boolean;
  /** Told of each analysis that is tried again. */
  readonly onRetry: (request: Request, id: string) => void;
}

export type { ModelLine };

const ASSETS = fileURLToPath(new URL('./assets', import.meta.url));
const TOKENS = fileURLToPath(new URL('../../ohif-extension/src/styles', import.meta.url));
/** A DICOM file that is asked about; only its header is read. */
const MAX_FILE = '64mb';
const Id = z.string().regex(/^[0-9a-f]{32}$/);

/**
 * `GET /operations`, its part that changes at `/operations/now`, `/operations/studies/:uid`; `POST /api/analyses/:id/retry`;
 * `POST /api/route/test` with `{ StudyInstanceUID }` or a DICOM file → `{ lines }`. Throws REQUEST_INVALID, NOT_FOUND.
 */
export function operationsRouter({ jobs, models, tell, mayAct, onRetry }: Operations): Router {
  const router = Router();
  const now = async (): Promise<Now> => ({ ...(await jobs.overview()), ...(await models()), at: new Date() });
  const send = (response: Response, { text }: Html): void => {
    response.set('cache-control', 'no-store').type('html').send(text);
  };

  router.get('/operations', async (request, response) => {
    send(response, operationsPage(await now(), { mayAct: mayAct(request) }));
  });
  router.get('/operations/now', async (request, response) => {
    send(response, operationsNow(await now(), { mayAct: mayAct(request) }));
  });
  router.get('/operations/studies', (request, response) => {
    const study = StudyInstanceUID.safeParse(String(request.query.StudyInstanceUID ?? '').trim());
    if (!study.success) throw new Fault('REQUEST_INVALID', 'a study is asked for by its StudyInstanceUID');
    response.redirect(303, `/operations/studies/${study.data}`);
  });
  router.get('/operations/studies/:study', async (request, response) => {
    const study = StudyInstanceUID.safeParse(request.params.study);
    if (!study.success) throw new Fault('REQUEST_INVALID', 'a study is asked for by its StudyInstanceUID');
    const analyses = await jobs.analyses.list({ StudyInstanceUID: study.data, limit: 200 });
    send(response, studyPage(study.data, analyses));
  });
  router.get('/operations/tokens.css', (_, response) => response.sendFile(join(TOKENS, 'tokens.css')));
  router.use('/operations', express.static(ASSETS, { index: false, redirect: false }));

  router.post('/api/analyses/:id/retry', async (request: Request, response: Response) => {
    const id = Id.safeParse(request.params.id);
    if (!id.success || !(await jobs.retry(id.data)))
      throw new Fault('NOT_FOUND', 'no analysis that failed has this id');
    onRetry(request, id.data);
    if (request.accepts(['json', 'html']) === 'html') response.redirect(303, '/operations');
    else response.status(202).end();
  });
  router.post(
    '/api/route/test',
    express.json({ limit: '4kb' }),
    express.urlencoded({ extended: false, limit: '4kb' }),
    express.raw({ type: 'application/dicom', limit: MAX_FILE }),
    async (request: Request, response: Response) => {
      if (Buffer.isBuffer(request.body)) return void response.json({ lines: await tell.file(request.body) });
      const asked = z.strictObject({ StudyInstanceUID }).safeParse(request.body);
      if (!asked.success) throw new Fault('REQUEST_INVALID', z.prettifyError(asked.error));
      response.json({ lines: await tell.study(asked.data.StudyInstanceUID) });
    },
  );
  return router;
}
