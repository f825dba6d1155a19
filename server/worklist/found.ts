import express, { type Request, type Response } from 'express';
import { z } from 'zod';
import { SOPInstanceUID } from '../dicom/uid.ts';
import type { Analysis, Jobs } from '../jobs/index.ts';
import type { Body } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { dateTime, element, itemsOf, parseWorkitem, type Workitem } from './dataset.ts';
import { likeOf, performedOf, progressOf, stateOf, uidOf, workitemOf } from './from-analysis.ts';
import type { Requested, WorklistRecords } from './records.ts';
import type { StepState, Verdict } from './states.ts';

/** What the addresses of the worklist have in common: the workitem that is meant, and how it is answered. */

export interface Worklist {
  readonly records: WorklistRecords;
  readonly jobs: Pick<Jobs, 'analyses' | 'cancel'>;
  /** The model here that a requested code means; undefined: others perform it. Throws REQUEST_INVALID for one that is not installed. */
  readonly modelOf: (item: Workitem) => Promise<string | undefined>;
  /** Where readers find results, without a slash at the end. */
  readonly retrieveBase: (request: Request) => string;
  /** Told of what someone did. */
  readonly onAct: (request: Request, uid: string, detail: string) => void;
}

export const ROOT = '/ups-rs/workitems';
const TYPE = 'application/dicom+json';
export const Uid = z.object({ uid: SOPInstanceUID });
export const OK = { says: 'DICOM JSON', types: [TYPE] };

/** For the document of our addresses: its first level. */
const DESCRIBED = z.record(z.string().regex(/^[0-9A-F]{8}$/), z.looseObject({ vr: z.string() }));

export const dicomJson: Body<Workitem> = {
  content: { [TYPE]: DESCRIBED },
  readers: [express.json({ type: [TYPE, 'application/json'], limit: '256kb' })],
  parse: parseWorkitem,
};

export interface Found {
  readonly item: Workitem;
  readonly state: StepState;
  /** Those that perform it here. */
  readonly analyses: readonly Analysis[];
  /** Absent: it is an analysis that nobody asked for by a workitem. */
  readonly requested?: Requested;
}

export async function find(uid: string, worklist: Worklist, request: Request): Promise<Found> {
  const base = worklist.retrieveBase(request);
  const requested = await worklist.records.get(uid);
  if (requested) return presented(requested, worklist, base);
  const like = likeOf(uid);
  const analysis = like === undefined ? undefined : await worklist.records.analysisLike(like);
  if (!analysis || analysis.modelId === null || uidOf(analysis.id) !== uid)
    throw new Fault('NOT_FOUND', 'no workitem has this UID');
  return { item: workitemOf(analysis, base), state: stateOf(analysis), analyses: [analysis] };
}

/** One that others may perform. What is performed here changes by itself alone. */
export async function findRequested(uid: string, worklist: Worklist, request: Request) {
  const { requested, state } = await find(uid, worklist, request);
  if (!requested || requested.model !== null)
    throw new Fault('WORKITEM_CONFLICT', 'this server performs it, and nobody else');
  return { requested, state };
}

/** A requested workitem as it stands, with its analyses. */
export async function presented(
  requested: Requested,
  { jobs }: Pick<Worklist, 'jobs'>,
  base: string,
): Promise<Found & { readonly requested: Requested; readonly at: string }> {
  const analyses: Analysis[] = [];
  for (const id of requested.analyses) {
    const analysis = await jobs.analyses.get(id);
    if (analysis) analyses.push(analysis);
  }
  const state = analyses.length > 0 ? joint(analyses.map(stateOf)) : requested.state;
  const item = {
    ...requested.dataset,
    ...(analyses.length > 0
      ? { ...progressOf(analyses), ...(state === 'COMPLETED' ? performedOf(analyses, base) : {}) }
      : {}),
    ...element('ProcedureStepState', state),
    // PS3.4 CC.2.7.3: the Transaction UID is nobody's but the performer's.
    ...element('TransactionUID'),
  };
  return { item, state, analyses, requested, at: requested.createdAt };
}

/** Of several analyses that make one workitem: completed as soon as all ended and one is done. */
function joint(states: readonly StepState[]): StepState {
  if (states.every((s) => s === 'SCHEDULED')) return 'SCHEDULED';
  if (states.some((s) => s === 'SCHEDULED' || s === 'IN PROGRESS')) return 'IN PROGRESS';
  return states.includes('COMPLETED') ? 'COMPLETED' : 'CANCELED';
}

/** A step that is canceled says when (PS3.4 table CC.2.5-3, X). */
export function endedNow({ dataset }: Requested, to: StepState): { readonly dataset?: Workitem } {
  if (to !== 'CANCELED') return {};
  const [progress = {}] = itemsOf(dataset, 'ProcedureStepProgressInformationSequence');
  const at = element('ProcedureStepCancellationDateTime', dateTime(new Date().toISOString()));
  return {
    dataset: { ...dataset, ...element('ProcedureStepProgressInformationSequence', { ...at, ...progress }) },
  };
}

/** The warning stands in the header, as PS3.18 has it, and what is refused is a fault. */
export function settle(response: Response, verdict: Verdict): void {
  if (verdict.warning) response.set('warning', `299 pellucid: ${verdict.warning}`);
  if (!verdict.ok)
    throw new Fault(verdict.status === 409 ? 'WORKITEM_CONFLICT' : 'REQUEST_INVALID', verdict.warning);
}

export async function orConflict(change: Promise<boolean>): Promise<void> {
  if (!(await change)) throw new Fault('WORKITEM_CONFLICT', 'somebody else changed it in the meantime');
}

export const send = (response: Response, items: readonly Workitem[]): void =>
  void response.set('cache-control', 'no-store').type(TYPE).send(JSON.stringify(items));
