import { z } from 'zod';
import { type ModelJob, OBJECT_KINDS, RUN_MODES, type WorkState } from '../contracts.ts';
import { type SeriesInstanceUID, SeriesInstanceUID as SeriesUid, StudyInstanceUID } from '../dicom/uid.ts';
import { FAULTS, type FaultCode } from '../shared/fault.ts';

/**
 * What the server and its worker process say to each other, one message a line of this table:
 *
 * server → worker `run` (one job at a time), worker → server any number of `state`; `objects` once, before the first
 * object is stored; server → worker `go` when their Series UIDs are recorded; then `done` or `fault`, and the worker
 * waits for the next `run`. In shadow there are no `objects`. A worker whose channel disconnects ends at once: its server is gone.
 */

export const WORK_STATES = [
  'retrieving',
  'inferring',
  'explaining',
  'encoding',
  'storing',
] as const satisfies readonly WorkState[];

const uid = z
  .string()
  .max(64)
  .regex(/^[\d.]+$/);

/** One finding as the record keeps it: label, sentence and numbers, never a tag value. */
export const FindingSummary = z.object({
  label: z.string(),
  sentence: z.string(),
  /** 0..1 */
  score: z.number().optional(),
  threshold: z.number().optional(),
  positive: z.boolean().optional(),
  /** Calibrated, 0..1. */
  probability: z.number().optional(),
  volumeMl: z.number().nonnegative().optional(),
  /** Of a quantity, in its UCUM unit. */
  value: z.number().optional(),
  unit: z.string().optional(),
  /** What failed of the checks, in words without any value of the header. */
  checkBeforeUse: z.array(z.string()).min(1).readonly().optional(),
  /** How the finding was explained and what that took: peak memory is the worker process's, MiB. */
  explanation: z
    .object({ method: z.string(), ms: z.number().nonnegative(), peakMemoryMb: z.number().nonnegative() })
    .optional(),
});
export type FindingSummary = z.infer<typeof FindingSummary>;

/** An object of ours in the archive. */
export const StoredObject = z.object({
  kind: z.enum(OBJECT_KINDS),
  SOPInstanceUID: uid,
  SeriesInstanceUID: uid,
  SOPClassUID: uid,
});
export type StoredObject = z.infer<typeof StoredObject>;

/** Milliseconds spent in each state that the worker passed through. */
export const Timings = z.partialRecord(z.enum(WORK_STATES), z.number().nonnegative());
export type Timings = z.infer<typeof Timings>;

/** Where and how the images were made, and coarse facts of the patient: no name, number or date. */
export const CaseContext = z.strictObject({
  modality: z.string().exactOptional(),
  bodyPart: z.string().exactOptional(),
  view: z.string().exactOptional(),
  manufacturer: z.string().exactOptional(),
  scanner: z.string().exactOptional(),
  site: z.string().exactOptional(),
  /** 90 stands for 90 and above. */
  ageYears: z.int().min(0).max(90).exactOptional(),
  sex: z.enum(['M', 'F', 'O']).exactOptional(),
  inputs: z.record(z.string(), z.number()),
});

export const WorkResult = z.object({
  findings: z.array(FindingSummary),
  context: CaseContext,
  objects: z.array(StoredObject),
  timings: Timings,
});
export type WorkResult = z.infer<typeof WorkResult>;

export const Job = z.object({
  analysisId: z.string(),
  arrived: z.object({
    StudyInstanceUID,
    SeriesInstanceUID: SeriesUid,
    fingerprint: z.string(),
    instanceCount: z.number().int().positive(),
    settledAt: z.string(),
  }),
  model: z.object({ id: z.string(), version: z.string(), digest: z.string() }),
  why: z.string(),
  mode: z.enum(RUN_MODES),
  createdAt: z.string(),
}) satisfies z.ZodType<ModelJob>;

const codes = Object.keys(FAULTS) as [FaultCode, ...FaultCode[]];

/** Worker → server. */
export const FromWorker = z.discriminatedUnion('type', [
  /** A state begins. */
  z.object({ type: z.literal('state'), state: z.enum(WORK_STATES) }),
  /** These are about to be stored: the worker stores nothing until `go`. */
  z.object({ type: z.literal('objects'), objects: z.array(StoredObject) }),
  z.object({ type: z.literal('done'), result: WorkResult }),
  z.object({ type: z.literal('fault'), code: z.enum(codes), detail: z.string() }),
]);
export type FromWorker = z.infer<typeof FromWorker>;

/** Server → worker. */
export const ToWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), job: Job }),
  z.object({ type: z.literal('go') }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

/** The Series UIDs of a set of objects, each once. */
export const seriesOf = (objects: readonly StoredObject[]): readonly SeriesInstanceUID[] => [
  ...new Set(objects.map((o) => SeriesUid.parse(o.SeriesInstanceUID))),
];
