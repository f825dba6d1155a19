import type { Request, Router } from 'express';
import { z } from 'zod';
import { deriveUid, SOPInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { assertCreatable, element, first, tag, type Workitem, withoutPeople } from './dataset.ts';
import {
  dicomJson,
  endedNow,
  find,
  OK,
  orConflict,
  presented,
  ROOT,
  send,
  settle,
  Uid,
  type Worklist,
} from './found.ts';
import { likeOf, statesOf, workitemOf } from './from-analysis.ts';
import { cancelRequested, STEP_STATES, type StepState } from './states.ts';

/** What who wants something done asks: workitems are created, searched, read and called off (PS3.18 §11.4, .5, .8, .9). */
export function requesting(router: Router, worklist: Worklist): void {
  creating(router, worklist);
  reading(router, worklist);
  cancelling(router, worklist);
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
