import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { deriveUid, SOPInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import type { Analysis, Jobs } from '../jobs/index.ts';
import { type Body, serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import {
  assertCreatable,
  dateTime,
  element,
  first,
  isComplete,
  itemsOf,
  NOT_UPDATED,
  parseWorkitem,
  tag,
  type Workitem,
  withoutPeople,
} from './dataset.ts';
import { likeOf, performedOf, progressOf, stateOf, statesOf, uidOf, workitemOf } from './from-analysis.ts';
import type { Requested, WorklistRecords } from './records.ts';
import { cancelRequested, changed, STEP_STATES, type StepState, updated, type Verdict } from './states.ts';

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

const ROOT = '/ups-rs/workitems';
const TYPE = 'application/dicom+json';
const Uid = z.object({ uid: SOPInstanceUID });
const Transaction = z.strictObject({ 'transaction-uid': SOPInstanceUID.optional() });
const OK = { says: 'DICOM JSON', types: [TYPE] };

/** For the document of our addresses: its first level. */
const DESCRIBED = z.record(z.string().regex(/^[0-9A-F]{8}$/), z.looseObject({ vr: z.string() }));

const dicomJson: Body<Workitem> = {
  content: { [TYPE]: DESCRIBED },
  readers: [express.json({ type: [TYPE, 'application/json'], limit: '256kb' })],
  parse: parseWorkitem,
};

/** A worklist of unified procedure steps (UPS-RS, PS3.18 §11): the analyses, and what requesters ask for. docs/conformance.md. */
export function worklistRouter(worklist: Worklist): Router {
  const router = Router();
  creating(router, worklist);
  reading(router, worklist);
  performing(router, worklist);
  cancelling(router, worklist);
  return router;
}

function creating(router: Router, { records, modelOf, onAct }: Worklist): void {
  serve(
    router,
    {
      method: 'post',
      path: ROOT,
      says: 'Creates a workitem (PS3.18 §11.4); its UID is in the dataset, in the query as `?1.2.3`, or ours',
      body: dicomJson,
      answers: { 201: { says: 'Location says where it is' } },
    },
    async ({ body }, request, response) => {
      assertCreatable(body);
      const uid = wantedUid(body, request);
      const model = (await modelOf(body)) ?? null;
      const dataset = {
        ...withoutPeople(body),
        ...element('SOPClassUID', PUSH),
        ...element('SOPInstanceUID', uid),
      };
      if (likeOf(uid) !== undefined || !(await records.create(uid, dataset, model)))
        throw new Fault('WORKITEM_CONFLICT', `there is a workitem ${uid} already`);
      onAct(request, uid, `created, for ${model ?? 'others'}`);
      response.status(201).location(`${ROOT}/${uid}`).set('content-location', `${ROOT}/${uid}`).end();
    },
  );
}

const PUSH = '1.2.840.10008.5.1.4.34.6.1';

/** §11.4.1: of the dataset, of the query, or one of ours. */
function wantedUid(body: Workitem, request: Request): string {
  const asked = Object.keys(request.query).find((key) => /^[\d.]+$/.test(key));
  const said =
    first(body, 'SOPInstanceUID') ?? asked ?? deriveUid('requested', `${Date.now()}`, `${Math.random()}`);
  const uid = SOPInstanceUID.safeParse(said);
  if (!uid.success) throw new Fault('REQUEST_INVALID', `${said} is no UID`);
  if (asked !== undefined && asked !== uid.data)
    throw new Fault('REQUEST_INVALID', 'the UID of the query and that of the dataset differ');
  return uid.data;
}

function reading(router: Router, worklist: Worklist): void {
  serve(
    router,
    {
      method: 'get',
      path: ROOT,
      says: 'Searches workitems (PS3.18 §11.9), newest first, by keyword or tag',
      answers: { 200: OK, 204: { says: 'none fits' } },
    },
    async (_, request, response) => {
      const { filters, state, study, limit, offset } = searchOf(request.query);
      const base = worklist.retrieveBase(request);
      const most = Math.min(MOST, limit + offset);
      const analyses = await worklist.jobs.analyses.list({
        StudyInstanceUID: study,
        states: state === undefined ? undefined : statesOf(state),
        limit: MOST,
      });
      const ours = analyses.filter(({ modelId }) => modelId !== null);
      const requested = await Promise.all(
        (await worklist.records.list(MOST)).map((r) => presented(r, worklist, base)),
      );
      const linked = new Set(requested.flatMap(({ analyses: own }) => own.map(({ id }) => id)));
      const found = [
        ...requested.map(({ item, at }) => ({ item, at })),
        // One that was asked for is found under its requester's UID.
        ...ours
          .filter(({ id }) => !linked.has(id))
          .map((a) => ({ item: workitemOf(a, base), at: a.createdAt })),
      ]
        .filter(({ item }) => filters.every((filter) => filter(item)))
        .sort((a, b) => (a.at < b.at ? 1 : -1))
        .slice(offset, most)
        .map(({ item }) => item);
      if (found.length === 0) response.status(204).end();
      else send(response, found);
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: `${ROOT}/:uid`,
      says: 'One workitem (PS3.18 §11.5)',
      params: Uid,
      answers: { 200: OK },
    },
    async ({ params: { uid } }, request, response) => {
      const found = await find(uid, worklist, request);
      send(response, [found.item]);
    },
  );
}

const MOST = 1_000;

/** What a query may ask; anything else is refused rather than left out. */
function searchOf(query: Request['query']) {
  const filters: ((item: Workitem) => boolean)[] = [];
  let [state, study]: [StepState | undefined, StudyInstanceUID | undefined] = [undefined, undefined];
  let [limit, offset] = [100, 0];
  for (const [key, raw] of Object.entries(query)) {
    const value = typeof raw === 'string' ? raw : '';
    const path = MATCHED.get(key);
    if (key === 'includefield' || key === 'fuzzymatching') continue;
    if (key === 'limit') limit = z.coerce.number().int().min(1).max(MOST).catch(100).parse(value);
    else if (key === 'offset') offset = z.coerce.number().int().min(0).catch(0).parse(value);
    else if (!path)
      throw new Fault('REQUEST_INVALID', `workitems are not searched by ${key}; by ${SEARCHED.join(', ')}`);
    else filters.push((item) => value === '' || value === first(item, ...path));
    if (path?.[0] === 'ProcedureStepState') state = STEP_STATES.find((s) => s === value);
    if (path?.[1] === 'StudyInstanceUID') study = StudyInstanceUID.safeParse(value).data;
  }
  return { filters, state, study, limit, offset };
}

const SEARCHED = [
  'SOPInstanceUID',
  'ProcedureStepState',
  'ScheduledProcedureStepPriority',
  'ProcedureStepLabel',
  'WorklistLabel',
  'InputReadinessState',
  'InputInformationSequence.StudyInstanceUID',
  'InputInformationSequence.SeriesInstanceUID',
  'ScheduledWorkitemCodeSequence.CodeValue',
  'ScheduledWorkitemCodeSequence.LongCodeValue',
  'ScheduledWorkitemCodeSequence.CodingSchemeDesignator',
];
type Path = readonly [string, ...string[]];
const MATCHED: ReadonlyMap<string, Path> = new Map(
  SEARCHED.flatMap((name) => {
    const path = name.split('.') as unknown as Path;
    return [
      [name, path],
      [path.map(tag).join('.'), path],
    ] as const;
  }),
);

function performing(router: Router, worklist: Worklist): void {
  const { records, onAct } = worklist;
  serve(
    router,
    {
      method: 'post',
      path: `${ROOT}/:uid`,
      says: 'Changes what a workitem says (PS3.18 §11.6); by who has claimed it with `?transaction-uid=`',
      params: Uid,
      query: Transaction,
      body: dicomJson,
      answers: { 200: { says: 'it is changed' } },
    },
    async ({ params: { uid }, query, body }, request, response) => {
      const { requested, state } = await findRequested(uid, worklist, request);
      const forbidden = NOT_UPDATED.filter((key) => key !== tag('TransactionUID') && body[key] !== undefined);
      if (forbidden.length > 0)
        throw new Fault('REQUEST_INVALID', `${forbidden.join(', ')} cannot be updated`);
      const transaction = query['transaction-uid'] ?? first(body, 'TransactionUID');
      settle(response, updated(state, { transaction, lock: requested.lock ?? undefined }));
      const { [tag('TransactionUID')]: _, ...rest } = withoutPeople(body);
      await orConflict(records.change(requested, { dataset: { ...requested.dataset, ...rest } }));
      onAct(request, uid, 'updated');
      response.status(200).end();
    },
  );
  serve(
    router,
    {
      method: 'put',
      path: `${ROOT}/:uid/state`,
      says: 'Claims, completes or cancels a workitem (PS3.18 §11.7), with ProcedureStepState and TransactionUID',
      params: Uid,
      body: dicomJson,
      answers: { 200: { says: 'it has the state; a Warning says when it had it already' } },
    },
    async ({ params: { uid }, body }, request, response) => {
      const { requested, state } = await findRequested(uid, worklist, request);
      const to = STEP_STATES.find((s) => s === first(body, 'ProcedureStepState'));
      if (!to) throw new Fault('REQUEST_INVALID', `ProcedureStepState is none of ${STEP_STATES.join(', ')}`);
      const transaction = SOPInstanceUID.safeParse(first(body, 'TransactionUID')).data;
      const verdict = changed(state, to, {
        transaction,
        lock: requested.lock ?? undefined,
        isComplete: isComplete(requested.dataset, to),
      });
      settle(response, verdict);
      if (state !== to) {
        const claim = to === 'IN PROGRESS' ? { lock: transaction ?? null } : {};
        await orConflict(records.change(requested, { state: to, ...claim, ...endedNow(requested, to) }));
        onAct(request, uid, to);
      }
      response.status(200).end();
    },
  );
}

/** A step that is canceled says when (PS3.4 table CC.2.5-3, X). */
function endedNow({ dataset }: Requested, to: StepState): { readonly dataset?: Workitem } {
  if (to !== 'CANCELED') return {};
  const [progress = {}] = itemsOf(dataset, 'ProcedureStepProgressInformationSequence');
  const at = element('ProcedureStepCancellationDateTime', dateTime(new Date().toISOString()));
  return {
    dataset: { ...dataset, ...element('ProcedureStepProgressInformationSequence', { ...at, ...progress }) },
  };
}

function cancelling(router: Router, worklist: Worklist): void {
  const { records, jobs, onAct } = worklist;
  serve(
    router,
    {
      method: 'post',
      path: `${ROOT}/:uid/cancelrequest`,
      says: 'Asks that a workitem is not performed (PS3.18 §11.8)',
      params: Uid,
      answers: { 202: { says: 'it is cancelled' } },
    },
    async ({ params: { uid } }, request, response) => {
      const { requested, analyses, state } = await find(uid, worklist, request);
      settle(response, cancelRequested(state, analyses.length > 0));
      if (state !== 'CANCELED') {
        for (const { id } of analyses) await jobs.cancel(id, 'cancelled by its requester');
        if (requested && analyses.length === 0)
          await orConflict(
            records.change(requested, { state: 'CANCELED', ...endedNow(requested, 'CANCELED') }),
          );
        onAct(request, uid, 'cancel requested');
      }
      response.status(202).end();
    },
  );
}

interface Found {
  readonly item: Workitem;
  readonly state: StepState;
  /** Those that perform it here. */
  readonly analyses: readonly Analysis[];
  /** Absent: it is an analysis that nobody asked for by a workitem. */
  readonly requested?: Requested;
}

async function find(uid: string, worklist: Worklist, request: Request): Promise<Found> {
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
async function findRequested(uid: string, worklist: Worklist, request: Request) {
  const { requested, state } = await find(uid, worklist, request);
  if (!requested || requested.model !== null)
    throw new Fault('WORKITEM_CONFLICT', 'this server performs it, and nobody else');
  return { requested, state };
}

/** A requested workitem as it stands, with its analyses. */
async function presented(
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

/** The warning stands in the header, as PS3.18 has it, and what is refused is a fault. */
function settle(response: Response, verdict: Verdict): void {
  if (verdict.warning) response.set('warning', `299 pellucid: ${verdict.warning}`);
  if (!verdict.ok)
    throw new Fault(verdict.status === 409 ? 'WORKITEM_CONFLICT' : 'REQUEST_INVALID', verdict.warning);
}

async function orConflict(change: Promise<boolean>): Promise<void> {
  if (!(await change)) throw new Fault('WORKITEM_CONFLICT', 'somebody else changed it in the meantime');
}

const send = (response: Response, items: readonly Workitem[]): void =>
  void response.set('cache-control', 'no-store').type(TYPE).send(JSON.stringify(items));
