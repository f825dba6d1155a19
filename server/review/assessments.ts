import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { DicomObject } from '../contracts.ts';
import { ASSESSMENT_REASONS, type Code } from '../dicom/code.ts';
import { SeriesInstanceUID, SOPInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';

const REASONS = Object.keys(ASSESSMENT_REASONS) as (keyof typeof ASSESSMENT_REASONS)[];

/** What a reader decided of a report in the archive; a rejection has a reason. */
const Decision = z
  .strictObject({
    StudyInstanceUID,
    SeriesInstanceUID,
    SOPInstanceUID,
    verdict: z.enum(['accepted', 'rejected']),
    reason: z.enum(REASONS).optional(),
    note: z.string().trim().max(1_000).optional(),
  })
  .refine(
    ({ verdict, reason }) => verdict === 'accepted' || reason !== undefined,
    'a rejection has a reason',
  );
export type Decision = z.infer<typeof Decision>;

export interface Signed {
  /** PN. */
  readonly person: string;
  readonly organization: string;
  readonly verdict: Decision['verdict'];
  readonly reason?: Code;
  readonly note?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface Assessing {
  /** Where the person works; PS3.3 wants it of a verification. */
  readonly organization: string;
  /** The name of a person who is logged in, and no program. */
  readonly signer: (request: Request) => string | undefined;
  readonly fetch: (report: Decision) => Promise<Uint8Array>;
  readonly verify: (report: Uint8Array, signed: Signed) => DicomObject;
  readonly store: (object: DicomObject) => Promise<void>;
  readonly onAssessed: (request: Request, decision: Decision, object: DicomObject) => void;
}

/**
 * `GET /api/assessments` → `{ person, reasons }`: as whom the caller would sign; `person` is null, with `why`, where nobody can.
 * `POST /api/assessments`: a decision about a report → 201 `{ SOPInstanceUID }`, a new VERIFIED report in the archive; the original is not
 * touched. Throws REQUEST_INVALID, ACCESS_DENIED, NOT_FOUND and what reading and storing throw.
 */
export function assessmentsRouter(assessing: Assessing): Router {
  const router = Router();
  router.get('/api/assessments', (request: Request, response: Response) => {
    const { person, why } = signerOf(assessing, request);
    response
      .set('cache-control', 'no-store')
      .json({ person: person ?? null, reasons: REASONS, ...(why ? { why } : {}) });
  });
  router.post(
    '/api/assessments',
    express.json({ limit: '8kb' }),
    async (request: Request, response: Response) => {
      const { person, why } = signerOf(assessing, request);
      if (person === undefined) throw new Fault('ACCESS_DENIED', why ?? 'nobody is logged in');
      const decision = Decision.safeParse(request.body);
      if (!decision.success) throw new Fault('REQUEST_INVALID', z.prettifyError(decision.error));
      const { verdict, reason, note } = decision.data;
      const object = assessing.verify(await assessing.fetch(decision.data), {
        person,
        organization: assessing.organization,
        verdict,
        ...(reason ? { reason: ASSESSMENT_REASONS[reason] } : {}),
        ...(note ? { note } : {}),
        at: new Date().toISOString(),
      });
      await assessing.store(object);
      assessing.onAssessed(request, decision.data, object);
      response.status(201).json({ SOPInstanceUID: object.SOPInstanceUID });
    },
  );
  return router;
}

function signerOf({ organization, signer }: Assessing, request: Request): { person?: string; why?: string } {
  if (organization === '') return { why: 'ASSESSMENT_ORGANIZATION is not set' };
  const name = signer(request);
  // PS3.5 §6.2: these three part a name.
  return name ? { person: name.replace(/[\^=\\]/g, ' ').trim() } : { why: 'nobody is logged in' };
}
