import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type AnalysisState,
  type ModelJob,
  PRIORITIES,
  RUN_MODES,
  type RunMode,
  STATES,
} from '../contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { DayWindow } from '../shared/day-window.ts';
import type { Sql } from './database.ts';
import { FindingSummary, StoredObject, WORK_STATES } from './protocol.ts';

/** The durable record of one model on one set of instances, or of an arrival that no model reads. UIDs only. */
export const Analysis = z.object({
  id: z.string(),
  StudyInstanceUID,
  SeriesInstanceUID,
  fingerprint: z.string(),
  instanceCount: z.number().int(),
  settledAt: z.string(),
  /** Null, with `reason`, when no model runs on the series. */
  modelId: z.string().nullable(),
  modelVersion: z.string().nullable(),
  modelDigest: z.string().nullable(),
  /** Null when no model runs. What runs in shadow is done without objects; `shadow` says why it does. */
  mode: z.enum(RUN_MODES).nullable(),
  shadow: z.string().nullable(),
  priority: z.enum(PRIORITIES),
  /** Of off-peak work: when it may begin. */
  notBefore: z
    .date()
    .transform((d) => d.toISOString())
    .nullable(),
  /** And the hours of every day in which it may. */
  hours: DayWindow.nullable(),
  state: z.enum(STATES),
  why: z.string().nullable(),
  reason: z.string().nullable(),
  /** Of a queued one that no worker takes for now: why. */
  parked: z.string().nullable(),
  /** The last fault; on a queued analysis it is the one that is being retried. */
  fault: z.object({ code: z.string(), detail: z.string(), action: z.string() }).nullable(),
  attempts: z.number().int(),
  /** Milliseconds in each state: over all attempts, and once it is done, of the last as the worker measured it. */
  timings: z.record(z.string(), z.number()),
  findings: z.array(FindingSummary),
  objects: z.array(StoredObject),
  createdAt: z.string(),
  updatedAt: z.date().transform((d) => d.toISOString()),
});
export type Analysis = z.infer<typeof Analysis>;

/** Columns of pellucid.analysis under the names of the record. */
export const COLUMNS = `id, study as "StudyInstanceUID", series as "SeriesInstanceUID", fingerprint,
  instances as "instanceCount", settled_at as "settledAt", model_id as "modelId", model_version as "modelVersion",
  model_digest as "modelDigest", mode, shadow, priority, not_before as "notBefore", hours, state, why, reason, parked, fault, attempts, timings, findings, objects,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** The history with one entry more; `fields` are arguments of jsonb_build_object. */
export function remembered(fields: string): string {
  return `case when jsonb_array_length(history) >= 200 then history - 0 else history end
    || jsonb_build_array(jsonb_build_object('at', clock_timestamp(), ${fields}))`;
}

/** What happened to an analysis, in order: a state that began, or a fault. */
export const History = z.array(
  z.object({
    at: z.string(),
    state: z.enum(STATES).optional(),
    fault: z.string().optional(),
    detail: z.string().optional(),
  }),
);
export type History = z.infer<typeof History>;

/** SET clause of a change to the state $2: the time in the state before is added up. Ends with the timings. */
export const INTO_STATE = `state = $2, updated_at = clock_timestamp(),
  history = ${remembered(`'state', $2::text`)}, timings = timings || jsonb_build_object(state,
  coalesce((timings ->> state)::numeric, 0) + round(extract(epoch from clock_timestamp() - updated_at) * 1000))`;

export const parseAnalyses = (rows: readonly unknown[]): readonly Analysis[] => z.array(Analysis).parse(rows);

/** The one analysis whose id is like a pattern of SQL. */
export const analysesLike = async (sql: Sql, like: string): Promise<Analysis | undefined> =>
  parseAnalyses(
    await sql.query(`select ${COLUMNS} from pellucid.analysis where id like $1 limit 1`, [like]),
  )[0];

/** What may follow each state (design, section 2). Objects that are spooled go from queued straight to storing. */
const NEXT: Readonly<Record<AnalysisState, readonly AnalysisState[]>> = {
  queued: [...WORK_STATES, 'failed', 'cancelled', 'superseded'],
  retrieving: ['inferring', 'queued', 'failed', 'cancelled', 'superseded'],
  inferring: ['explaining', 'queued', 'failed', 'cancelled', 'superseded'],
  // In shadow nothing is encoded or stored.
  explaining: ['encoding', 'done', 'queued', 'failed', 'cancelled', 'superseded'],
  encoding: ['storing', 'queued', 'failed', 'cancelled', 'superseded'],
  // A set that was begun is completed: it is not cancelled.
  storing: ['done', 'queued', 'failed', 'superseded'],
  // A person may have it made again: the same objects come of it.
  done: ['queued', 'superseded'],
  // A person may have it tried again, or leave it at that.
  failed: ['queued', 'cancelled', 'superseded'],
  cancelled: ['queued', 'superseded'],
  skipped: ['superseded'],
  // The same set of instances is back: it is current again.
  superseded: ['queued', 'skipped'],
};

/** The states that `state` may follow. */
export const before = (state: AnalysisState): readonly AnalysisState[] =>
  STATES.filter((s) => NEXT[s].includes(state));

/** States in which work is owed. */
export const UNFINISHED = ['queued', ...WORK_STATES] as const satisfies readonly AnalysisState[];

/**
 * The same series, set of instances and model have the same id; '' stands for no model. A run in shadow is another: once promoted, the
 * model may run on the same images again.
 */
export const analysisId = (
  SeriesInstanceUID: string,
  fingerprint: string,
  {
    digest = '',
    mode = 'clinical',
  }: { readonly digest?: string | undefined; readonly mode?: RunMode | null } = {},
): string =>
  createHash('sha256')
    .update([SeriesInstanceUID, fingerprint, digest, ...(mode === 'shadow' ? [mode] : [])].join('\n'))
    .digest('hex')
    .slice(0, 32);

/** The job that the record stands for. */
export const jobOf = (analysis: Analysis): ModelJob => ({
  analysisId: analysis.id,
  arrived: {
    StudyInstanceUID: analysis.StudyInstanceUID,
    SeriesInstanceUID: analysis.SeriesInstanceUID,
    fingerprint: analysis.fingerprint,
    instanceCount: analysis.instanceCount,
    settledAt: analysis.settledAt,
  },
  model: {
    id: analysis.modelId ?? '',
    version: analysis.modelVersion ?? '',
    digest: analysis.modelDigest ?? '',
  },
  why: analysis.why ?? '',
  // A record without a mode never writes into the archive.
  mode: analysis.mode ?? 'shadow',
  createdAt: analysis.createdAt,
});
