import type { Router } from 'express';
import { z } from 'zod';
import { SOPInstanceUID } from '../dicom/uid.ts';
import { serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { first, isComplete, NOT_UPDATED, tag, withoutPeople } from './dataset.ts';
import { dicomJson, endedNow, findRequested, orConflict, ROOT, settle, Uid, type Worklist } from './found.ts';
import { changed, STEP_STATES, updated } from './states.ts';

const Transaction = z.strictObject({ 'transaction-uid': SOPInstanceUID.optional() });

/** What who does it says: a workitem is claimed, reported on, completed or cancelled (PS3.18 §11.6, .7). */
export function performing(router: Router, worklist: Worklist): void {
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
