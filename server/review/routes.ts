import { type Request, Router } from 'express';
import { z } from 'zod';
import { json, serve } from '../shared/address.ts';
import { beginEvents } from '../shared/event-stream.ts';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import { assign, readerBySubject } from './assignments.ts';
import type { Attendant } from './attendant.ts';
import { Reading, Signature, Signed } from './contract/reading.ts';
import { AnalysisId, Assignment, CasePage, CaseQuery, FilterValues } from './contract/worklist.ts';
import type { Outbox } from './outbox.ts';
import type { Reader } from './reading-rows.ts';
import type { Kept, Readings } from './readings.ts';
import type { Worklist } from './worklist.ts';

/** Who asks, as the review needs to know. */
export interface Caller extends Reader {
  /** May he plan, and give cases to others? */
  readonly mayPlan: boolean;
  /** Why he can't sign; absent when he can. */
  readonly unsigned?: string;
}

export interface CaseRoutes {
  readonly sql: Sql;
  readonly worklist: Worklist;
  readonly readings: Readings;
  readonly outbox: Outbox;
  readonly attendant: Pick<Attendant, 'wake' | 'onChange'>;
  readonly callerOf: (request: Request) => Caller;
  /** Told of each signature, before what became of it: never what was said, for the other reader may be blind. */
  readonly onSigned: (
    request: Request,
    signed: { readonly analysis: string; readonly study: string },
  ) => void;
}

export const OfCase = z.object({ analysis: AnalysisId });
const BREATH_MS = 20_000;

/** Worklist, assignment, drafts and signatures: contract/worklist.ts and contract/reading.ts. */
export function caseRouter(it: CaseRoutes): Router {
  const router = Router();
  const { sql, worklist, readings, outbox, attendant, callerOf, onSigned } = it;
  serve(
    router,
    {
      method: 'post',
      path: '/api/review/cases/query',
      says: 'A page of the worklist of results',
      body: json(CaseQuery, '32kb'),
      answers: { 200: { says: 'the cases that fit, and where the next page begins', json: CasePage } },
    },
    async ({ body }, request, response) =>
      void response
        .set('cache-control', 'private, no-store')
        .json(await worklist.page(body, callerOf(request).subject)),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/values',
      says: 'What the filters of the worklist can be set to',
      answers: { 200: { says: 'models, findings, scanners, sites, readers', json: FilterValues } },
    },
    async (_, _request, response) =>
      void response.set('cache-control', 'private, no-store').json(await worklist.values()),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/events',
      says: 'Which cases come and change, as it happens',
      answers: { 200: { says: 'server-sent events named case', types: ['text/event-stream'] } },
    },
    (_, _request, response) => {
      beginEvents(response);
      const stop = attendant.onChange((event) =>
        response.write(`event: case\ndata: ${JSON.stringify(event)}\n\n`),
      );
      const breath = setInterval(() => response.write(': still here\n\n'), BREATH_MS);
      response.on('close', () => {
        clearInterval(breath);
        stop();
      });
    },
  );
  serve(
    router,
    {
      method: 'put',
      path: '/api/review/cases/:analysis/assignment',
      says: 'Takes a case or gives it back; an admin gives it to another reader',
      params: OfCase,
      body: json(Assignment, '4kb'),
      answers: { 204: { says: 'so it is now' } },
    },
    async ({ params: { analysis }, body }, request, response) => {
      const caller = callerOf(request);
      if ('reader' in body && !caller.mayPlan)
        throw new Fault('ACCESS_DENIED', 'only an admin gives a case to someone else');
      await assign(sql, analysis, {
        reader: 'reader' in body ? await readerBySubject(sql, body.reader) : caller,
        assigned: 'reader' in body ? body.assigned : body.mine,
        by: caller.subject,
      });
      attendant.wake();
      response.status(204).end();
    },
  );
  serve(
    router,
    {
      method: 'put',
      path: '/api/review/cases/:analysis/draft',
      says: 'Keeps what the caller has filled in; nothing is signed',
      params: OfCase,
      body: json(Reading, '256kb'),
      answers: { 204: { says: 'it is kept' } },
    },
    async ({ params: { analysis }, body }, request, response) => {
      await readings.draft(analysis, body, callerOf(request).subject);
      response.status(204).end();
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/review/cases/:analysis/readings',
      says: 'Signs a reading as the person who is logged in',
      params: OfCase,
      body: json(Signature, '256kb'),
      answers: {
        201: { says: 'signed; the verified report is in the archive, or none is owed yet', json: Signed },
        202: { says: 'signed; the archive has not taken the report yet, and is asked again', json: Signed },
      },
    },
    async ({ params: { analysis }, body }, request, response) => {
      const caller = callerOf(request);
      if (caller.unsigned !== undefined) throw new Fault('ACCESS_DENIED', caller.unsigned);
      const kept = await readings.sign(analysis, body, caller);
      if (kept.isNew) onSigned(request, { analysis, study: kept.StudyInstanceUID });
      if (kept.state === 'waiting-for-archive') await outbox.work(analysis);
      attendant.wake();
      const { state, report } = await readings.stateOf(analysis);
      response.status(state === 'waiting-for-archive' ? 202 : 201).json({
        id: kept.id,
        state,
        sentence: sentenceOf(state, report, await outbox.waitsFor(analysis)),
        ...(report ? { report } : {}),
      });
    },
  );
  return router;
}

/** What became of a signature, for the person who signed. */
export function sentenceOf(
  state: Kept['state'],
  report: string | undefined,
  why: string | undefined,
): string {
  switch (state) {
    case 'unread':
    case 'reading':
      return 'Signed. Another reader is asked; the verified report is written when both have signed.';
    case 'differ':
      return 'Signed. The two readers differ; a third arbitrates.';
    case 'waiting-for-archive':
      return `Signed and kept. The archive has not taken the verified report yet; it is sent again until it is in.${why ? ` ${why}` : ''}`;
    case 'judged':
      return report
        ? 'Signed. The verified report is in the archive.'
        : 'Signed. Nobody could tell, so no report is verified; what was said is recorded.';
  }
}
