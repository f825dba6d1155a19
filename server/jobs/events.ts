import { Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { serve } from '../shared/address.ts';
import type { Analysis } from './analysis.ts';
import type { Jobs } from './index.ts';

const Query = z.strictObject({ StudyInstanceUID });
/** Proxies close a connection that is silent for longer. */
const BREATH_MS = 20_000;
const MOST = 200;

/**
 * `GET /api/events?StudyInstanceUID=`: server-sent events (text/event-stream). Each is named `analysis` and holds one record of the study as
 * JSON: at first all there are, then each as it changes. What runs in shadow is for nobody who reads images. Throws REQUEST_INVALID.
 */
export function eventsRouter(jobs: Pick<Jobs, 'analyses' | 'onChange'>): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/events',
      says: 'What becomes of a study’s analyses, as it happens',
      query: Query,
      answers: { 200: { says: 'server-sent events named analysis', types: ['text/event-stream'] } },
    },
    async ({ query: { StudyInstanceUID: study } }, _, response) => {
      const tell = (analysis: Analysis): void => {
        if (analysis.StudyInstanceUID === study && analysis.mode !== 'shadow')
          response.write(`event: analysis\ndata: ${JSON.stringify(forReader(analysis))}\n\n`);
      };
      // Heard before what is there is read, so that nothing falls between; a record told twice is the same record.
      const early: Analysis[] = [];
      let hear = (analysis: Analysis): void => void early.push(analysis);
      const stop = jobs.onChange((analysis) => hear(analysis));
      const breath = setInterval(() => response.headersSent && response.write(': still here\n\n'), BREATH_MS);
      const end = (): void => {
        clearInterval(breath);
        stop();
      };
      response.on('close', end);
      const known = await jobs.analyses
        .list({ StudyInstanceUID: study, limit: MOST })
        .catch((error: unknown) => {
          end();
          throw error;
        });
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write(': hello\n\n');
      for (const analysis of [...known, ...early]) tell(analysis);
      hear = tell;
    },
  );
  return router;
}

/** What a reader of images needs of a record: no objects, no timings of single states. */
const forReader = ({
  id,
  SeriesInstanceUID,
  modelId,
  modelVersion,
  state,
  reason,
  fault,
  attempts,
  createdAt,
  updatedAt,
}: Analysis) => ({
  id,
  SeriesInstanceUID,
  modelId,
  modelVersion,
  state,
  reason,
  fault: fault && { code: fault.code, action: fault.action },
  attempts,
  createdAt,
  updatedAt,
});
