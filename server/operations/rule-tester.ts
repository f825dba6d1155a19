import { Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { bytes, bytesOr, json, serve } from '../shared/address.ts';

/** What the rules say of a study or an image. */
const Told = z.object({
  /** For people, line by line. */
  lines: z.array(z.string()),
  /** Whether there are rules at all. */
  hasRules: z.boolean(),
  /** For programs: of each series of images, what runs and what is copied, and how. */
  series: z.array(z.object({ SeriesInstanceUID: z.string(), does: z.array(z.string()) })),
});
export type Told = z.infer<typeof Told>;

export interface RuleTester {
  /** By the rules in force, or by those of a file that is given. Throws NOT_FOUND, RULES_INVALID. */
  study(StudyInstanceUID: string, rules: string | undefined): Promise<Told>;
  /** One image, by the rules in force. */
  file(bytes: Uint8Array): Promise<Told>;
  /** The studies of which something was decided last. */
  latest(count: number): Promise<readonly string[]>;
}

/** A DICOM file that is asked about; only its header is read. */
const MAX_FILE = '64mb';

/**
 * `POST /api/route/test` with `{ StudyInstanceUID, rules? }` or a DICOM file: why each rule and model takes it or does not; `GET /api/route/studies`:
 * the last studies, to try rules on. Throws REQUEST_INVALID, NOT_FOUND, RULES_INVALID.
 */
export function ruleTesterRouter(tester: RuleTester): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'post',
      path: '/api/route/test',
      says: 'Why each rule and model takes a study or an image, or does not',
      body: bytesOr(
        bytes('application/dicom', MAX_FILE),
        json(z.strictObject({ StudyInstanceUID, rules: z.string().optional() }), '2mb', { form: true }),
      ),
      answers: { 200: { says: 'series by series', json: Told } },
    },
    async ({ body }, _, response) => {
      response.json(
        await (Buffer.isBuffer(body) ? tester.file(body) : tester.study(body.StudyInstanceUID, body.rules)),
      );
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/route/studies',
      says: 'The studies of which something was decided last',
      query: z.strictObject({ last: z.coerce.number().int().min(1).max(1_000).default(200) }),
      answers: { 200: { says: 'UIDs, the latest first', json: z.object({ studies: z.array(z.string()) }) } },
    },
    async ({ query: { last } }, _, response) => {
      response.json({ studies: await tester.latest(last) });
    },
  );
  return router;
}
