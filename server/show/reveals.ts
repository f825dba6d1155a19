import { type Request, Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { json, serve } from '../shared/address.ts';
import { log } from '../shared/log.ts';

const Reveal = z.strictObject({ StudyInstanceUID, openedAt: z.iso.datetime(), revealedAt: z.iso.datetime() });

/**
 * `POST /api/reveals`: a reader opened a study with its results hidden, and then asked for them. Written to the log, with the server's own
 * time beside the browser's; `onReveal` is told too. Throws REQUEST_INVALID.
 */
export function revealsRouter(onReveal: (request: Request, study: string) => void): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'post',
      path: '/api/reveals',
      says: 'A reader asked for the results of a study that were hidden',
      body: json(Reveal, '2kb'),
      answers: { 204: { says: 'noted' } },
    },
    ({ body: reveal }, request, response) => {
      log.info({ reveal }, 'a reader asked for the results of a study');
      onReveal(request, reveal.StudyInstanceUID);
      response.status(204).end();
    },
  );
  return router;
}
