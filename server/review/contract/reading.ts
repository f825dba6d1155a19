import { z } from 'zod';
import { words } from './words.ts';

/** What the review console and the server say to each other, part two: what a reader says of a result. */

export const REASONS = [
  'falsePositive',
  'falseNegative',
  'wrongSite',
  'badImage',
  'outOfScope',
  'artefact',
  'segmentation',
  'measurement',
  'misleading',
  'other',
] as const;
export type Reason = (typeof REASONS)[number];

export const TRUTH_SOURCES = [
  'follow-up',
  'pathology',
  'report',
  'consensus',
  'laboratory',
  'other',
] as const;

/** Of one finding. A disagreement has a reason. */
export const FindingVerdict = z
  .strictObject({
    /** Its place in the result, from 0. */
    finding: z.int().min(0).max(999),
    verdict: z.enum(['agree', 'disagree', 'cannot-tell']),
    reasons: z.array(z.enum(REASONS)).max(10).default([]),
    /** Does the map point to what the reader would point to? 1 not at all .. 5 exactly. */
    explanation: z.int().min(1).max(5).optional(),
    /** What is known from elsewhere. */
    truth: z
      .strictObject({
        present: z.boolean(),
        source: z.enum(TRUTH_SOURCES),
        words: words(200).optional(),
      })
      .optional(),
  })
  .refine(({ verdict, reasons }) => verdict !== 'disagree' || reasons.length > 0, {
    message: 'a disagreement has a reason',
    path: ['reasons'],
  });
export type FindingVerdict = z.infer<typeof FindingVerdict>;

/** `PUT /api/review/cases/:analysis/draft` (kept for the caller; nothing is signed) and the body of a signature. */
export const Reading = z.strictObject({
  findings: z.array(FindingVerdict).min(1).max(200),
  note: words(1_000).optional(),
  /** Milliseconds that the case was open before the reader's eyes. */
  spentMs: z.int().min(0).max(86_400_000).optional(),
});
export type Reading = z.infer<typeof Reading>;

/**
 * `POST /api/review/cases/:analysis/readings`: signs it as the person who is logged in. The same `key` again gives the same answer and writes nothing
 * twice. 201 when the verified report is in the archive, or none is owed yet (the other reader is awaited, readers differ, all is `cannot-tell`);
 * 202 when the archive refuses or is away: kept, and tried again until it is in.
 */
export const Signature = z.strictObject({
  key: z.uuid(),
  reading: Reading,
  /** Of an amendment: the reading that it takes the place of. */
  amends: z.uuid().optional(),
});
export type Signature = z.infer<typeof Signature>;

export const SignedReading = z.object({
  id: z.string(),
  reader: z.object({ subject: z.string(), name: z.string() }),
  role: z.enum(['reader', 'arbiter']),
  reading: Reading,
  at: z.string(),
  /** Another one has taken its place. */
  amendedBy: z.string().optional(),
});
export type SignedReading = z.infer<typeof SignedReading>;

export const Signed = z.object({
  id: z.string(),
  /** What became of it, in one plain sentence. */
  sentence: z.string(),
  state: z.string(),
  /** SOP Instance UID of the verified report, once there is one. */
  report: z.string().optional(),
});
export type Signed = z.infer<typeof Signed>;
