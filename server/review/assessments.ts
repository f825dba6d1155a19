import { type Request, Router } from 'express';
import { z } from 'zod';
import type { DicomObject } from '../contracts.ts';
import { ASSESSMENT_REASONS, type Code } from '../dicom/code.ts';
import { SeriesInstanceUID, SOPInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { json, serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { Masks, Outlines } from './corrections.ts';
import { openOnce } from './once.ts';

const REASONS = Object.keys(ASSESSMENT_REASONS) as (keyof typeof ASSESSMENT_REASONS)[];

/** Masks of a thousand slices are a few megabytes. */
const MOST = '32mb';

/** What a reader decided of a report in the archive; a rejection has a reason, a modification what was made of the masks or where it was seen. */
const Decision = z
  .strictObject({
    StudyInstanceUID,
    SeriesInstanceUID,
    SOPInstanceUID,
    verdict: z.enum(['accepted', 'modified', 'rejected']),
    reason: z.enum(REASONS).optional(),
    note: z.string().trim().max(1_000).optional(),
    masks: Masks.optional(),
    outlines: Outlines.optional(),
    /** Of the caller's making: the same decision, sent again because no answer came, has the same. */
    key: z.uuid().optional(),
  })
  .refine(({ verdict, reason }) => verdict !== 'rejected' || reason !== undefined, 'a rejection has a reason')
  .refine(
    ({ verdict, masks, outlines }) =>
      [masks, outlines].filter(Boolean).length === (verdict === 'modified' ? 1 : 0),
    'a modification, and nothing else, has masks or outlines',
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
  readonly predecessor?: Predecessor;
}

/** The verified report that a decision takes the place of. */
export interface Predecessor {
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
}

/** What is known before a report is assessed. */
export interface Before {
  /** Its case, where it is under review. */
  readonly analysis?: string;
  readonly predecessor?: Predecessor;
  /** Where others are still to read it: signs what is said alone. Gives the verified report of all who have read, when it is in the archive, and what became of it in a sentence. */
  readonly keep?: () => Promise<{ readonly report?: string; readonly sentence: string }>;
}

export interface Assessing {
  /** Where the person works; PS3.3 wants it of a verification. */
  readonly organization: string;
  /** The name of a person who is logged in, and no program. */
  readonly signer: (request: Request) => string | undefined;
  /** Throws READING_REFUSED where the report is under review and this person is not asked. */
  readonly before: (request: Request, report: Decision) => Promise<Before>;
  readonly fetch: (report: Decision) => Promise<Uint8Array>;
  /** The new report, last, and what it refers to. */
  readonly verify: (
    report: Uint8Array,
    decision: Decision,
    signed: Signed,
  ) => Promise<readonly DicomObject[]>;
  /** Resolves when the archive has confirmed all, and the review knows of it. */
  readonly store: (request: Request, it: Assessed) => Promise<void>;
}

export interface Assessed {
  readonly decision: Decision;
  readonly before: Before;
  /** The new report is the last of them. */
  readonly objects: readonly DicomObject[];
}

/**
 * `GET /api/assessments` → `{ person, reasons }`: as whom the caller would sign; `person` is null, with `why`, where nobody can.
 * `POST /api/assessments`: a decision about a report → 201 `{ SOPInstanceUID }`, a new VERIFIED report in the archive; the original is not
 * touched, and a modified segmentation is a new one; with the same `key` it is written once. Where others are still to read it → 202 `{ kept }`: it is signed, and not written yet. Throws REQUEST_INVALID, ACCESS_DENIED, NOT_FOUND and what reading and storing throw.
 */
export function assessmentsRouter(assessing: Assessing): Router {
  const router = Router();
  const once = openOnce<Answer>();
  serve(
    router,
    {
      method: 'get',
      path: '/api/assessments',
      says: 'As whom the caller would sign',
      answers: {
        200: {
          says: 'the name, or null and why nobody can; the reasons that a rejection may have',
          json: z.object({
            person: z.string().nullable(),
            reasons: z.array(z.enum(REASONS)),
            why: z.string().optional(),
          }),
        },
      },
    },
    (_, request, response) => {
      const { person, why } = signerOf(assessing, request);
      response
        .set('cache-control', 'no-store')
        .json({ person: person ?? null, reasons: REASONS, ...(why ? { why } : {}) });
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/assessments',
      says: 'A decision about a report, signed by the caller',
      body: json(Decision, MOST),
      answers: {
        201: {
          says: 'a new VERIFIED report is in the archive',
          json: z.object({ SOPInstanceUID: z.string() }),
        },
        202: {
          says: 'signed; the verified report is written when all who are asked have read it',
          json: z.object({ kept: z.string() }),
        },
      },
    },
    async ({ body: decision }, request, response) => {
      const { person, why } = signerOf(assessing, request);
      if (person === undefined) throw new Fault('ACCESS_DENIED', why ?? 'nobody is logged in');
      const { key, SOPInstanceUID, verdict } = decision;
      const subject = request.identity?.subject ?? '';
      const { status, body } = await once(key && [subject, key, SOPInstanceUID, verdict].join(), (at) =>
        assess(assessing, { request, decision, person, at }),
      );
      response.status(status).json(body);
    },
  );
  return router;
}

interface Asked {
  readonly request: Request;
  readonly decision: Decision;
  readonly person: string;
  readonly at: Date;
}

type Answer =
  | { readonly status: 201; readonly body: { readonly SOPInstanceUID: string } }
  | { readonly status: 202; readonly body: { readonly kept: string } };

async function assess(assessing: Assessing, { request, decision, person, at }: Asked): Promise<Answer> {
  const { verdict, reason, note } = decision;
  const before = await assessing.before(request, decision);
  if (before.keep) {
    const { report, sentence } = await before.keep();
    return report
      ? { status: 201, body: { SOPInstanceUID: report } }
      : { status: 202, body: { kept: sentence } };
  }
  const { predecessor } = before;
  const objects = await assessing.verify(await assessing.fetch(decision), decision, {
    person,
    organization: assessing.organization,
    verdict,
    ...(reason ? { reason: ASSESSMENT_REASONS[reason] } : {}),
    ...(note ? { note } : {}),
    at: at.toISOString(),
    ...(predecessor ? { predecessor } : {}),
  });
  await assessing.store(request, { decision, before, objects });
  const object = objects[objects.length - 1] as DicomObject;
  return { status: 201, body: { SOPInstanceUID: object.SOPInstanceUID } };
}

function signerOf({ organization, signer }: Assessing, request: Request): { person?: string; why?: string } {
  if (organization === '') return { why: 'ASSESSMENT_ORGANIZATION is not set' };
  const name = signer(request);
  // PS3.5 §6.2: these three part a name.
  return name ? { person: name.replace(/[\^=\\]/g, ' ').trim() } : { why: 'nobody is logged in' };
}
