import { z } from 'zod';

/** What the review console and the server say to each other, part five: what follows from a verdict. */

/** `POST /api/review/models/:id/stop` and `…/restart`, by an admin: nothing new runs; what is queued waits. */
export const Stop = z.strictObject({ reason: z.string().trim().min(3).max(500) });

/** `GET /api/review/models/:id/threshold?finding=…&at=0.6`: what another threshold would have said of past cases. Changes nothing. */
export const ThresholdQuery = z.strictObject({
  finding: z.string().min(1).max(200),
  at: z.coerce.number().min(0).max(1),
});
export type ThresholdQuery = z.infer<typeof ThresholdQuery>;
export const ThresholdEffect = z.object({
  now: z.number(),
  at: z.number(),
  results: z.int(),
  /** Positive now and at the other, of all results. */
  positiveNow: z.int(),
  positiveThen: z.int(),
  /** Where the truth is known. */
  truth: z.object({
    n: z.int(),
    sensitivityNow: z.number().optional(),
    sensitivityThen: z.number().optional(),
    specificityNow: z.number().optional(),
    specificityThen: z.number().optional(),
  }),
  changed: z.array(z.object({ analysis: z.string(), name: z.string(), score: z.number() })).max(100),
});
export type ThresholdEffect = z.infer<typeof ThresholdEffect>;

/** `GET /api/review/models/:id/compare?finding=…&a=1.0.0&b=1.1.0`: two versions on the same series. */
export const CompareQuery = z.strictObject({
  finding: z.string().min(1).max(200),
  a: z.string().min(1).max(64),
  b: z.string().min(1).max(64),
});
export type CompareQuery = z.infer<typeof CompareQuery>;
export const Comparison = z.object({
  n: z.int(),
  /** Same decision of both. */
  agreed: z.int(),
  meanDifference: z.number().optional(),
  /** Decisions that differ. */
  changed: z
    .array(
      z.object({ a: z.string(), b: z.string(), name: z.string(), scoreA: z.number(), scoreB: z.number() }),
    )
    .max(100),
});
export type Comparison = z.infer<typeof Comparison>;

/** `POST /api/review/incidents`, `GET /api/review/incidents`, `POST /api/review/incidents/:id/close`, `GET /api/review/incidents/:id/package.zip`. */
export const Incident = z.strictObject({
  analysis: z.string().regex(/^[0-9a-f]{32}$/),
  severity: z.enum(['no-harm', 'possible-harm', 'harm']),
  what: z.string().trim().min(3).max(2_000),
  done: z.string().trim().max(2_000).optional(),
});
export type Incident = z.infer<typeof Incident>;
export const IncidentState = Incident.extend({
  id: z.string(),
  by: z.string(),
  at: z.string(),
  closedAt: z.string().optional(),
});
export type IncidentState = z.infer<typeof IncidentState>;
/** What was done about it: from then on it is closed. */
export const Closing = z.strictObject({ done: z.string().trim().min(3).max(2_000) });

/** `GET /api/review/models`: which can be stopped or started again. */
export const ModelSwitch = z.object({
  id: z.string(),
  version: z.string(),
  name: z.string(),
  mode: z.enum(['clinical', 'canary', 'shadow', 'disabled']),
  why: z.string(),
});
export type ModelSwitch = z.infer<typeof ModelSwitch>;
