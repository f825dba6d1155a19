import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';

const Reveal = z.strictObject({ StudyInstanceUID, openedAt: z.iso.datetime(), revealedAt: z.iso.datetime() });

/**
 * `POST /api/reveals`: a reader opened a study with its results hidden, and then asked for them. Written to the log, with the server's own
 * time beside the browser's; `onReveal` is told too. Throws REQUEST_INVALID.
 */
export function revealsRouter(onReveal: (request: Request, study: string) => void): Router {
  const router = Router();
  router.post('/api/reveals', express.json({ limit: '2kb' }), (request: Request, response: Response) => {
    const reveal = Reveal.safeParse(request.body);
    if (!reveal.success) throw new Fault('REQUEST_INVALID', z.prettifyError(reveal.error));
    log.info({ reveal: reveal.data }, 'a reader asked for the results of a study');
    onReveal(request, reveal.data.StudyInstanceUID);
    response.status(204).end();
  });
  return router;
}
