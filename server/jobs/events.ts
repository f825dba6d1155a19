import { Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { serve } from '../shared/address.ts';
import { beginEvents } from '../shared/event-stream.ts';
import type { Analysis } from './analysis.ts';
import type { Jobs } from './index.ts';

const Query = z.strictObject({ StudyInstanceUID });
/** Proxies close a connection that is silent for longer. */
const BREATH_MS = 20_000;
const MOST = 200;

/**
 * `GET /api/events?StudyInstanceUID=`: server-sent events (text/event-stream). Each is named `analysis` and holds one record of the study as
 * JSON: at first all there are, then each as it changes, whichever server changed it. What runs in shadow is for nobody who reads images. Throws REQUEST_INVALID.
 */
export function eventsRouter(jobs: Pick<Jobs, 'analyses' | 'onChangeAnywhere'>): Router {
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
      const known = () => jobs.analyses.list({ StudyInstanceUID: study, limit: MOST });
      // Heard before what is there is read, so that nothing falls between; a record told twice is the same record.
      const early: Analysis[] = [];
      let hear = (analysis: Analysis): void => void early.push(analysis);
      const lookAgain = async (): Promise<void> => {
        for (const analysis of await known()) hear(analysis);
      };
      const stop = jobs.onChangeAnywhere((analysis) => {
        if (analysis) hear(analysis);
        // Who is told nothing more asks again.
        else lookAgain().catch(() => response.destroy());
      });
      const breath = setInterval(() => response.headersSent && response.write(': still here\n\n'), BREATH_MS);
      const end = (): void => {
        clearInterval(breath);
        stop();
      };
      response.on('close', end);
      const there = await known().catch((error: unknown) => {
        end();
        throw error;
      });
      beginEvents(response);
      for (const analysis of [...there, ...early]) tell(analysis);
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
