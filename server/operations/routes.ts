import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import type { Jobs } from '../jobs/index.ts';
import { serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { type Acting, actsRouter } from './acts.ts';
import { compareVersions } from './compare.ts';
import { comparisonPart } from './compare-page.ts';
import type { CopyLine } from './copies.ts';
import { changesRouter } from './events.ts';
import { failures } from './failures.ts';
import { type Finding, findRouter } from './find.ts';
import { type HeldLine, heldRouter } from './held.ts';
import type { Html } from './html.ts';
import { livePage, type ModelLine, type Now, operationsPage, page, refusal, studyPage } from './page.ts';
import type { RulesLine } from './rules.ts';
import { waitingList } from './waiting.ts';

export interface Operations extends Acting, Finding {
  readonly jobs: Pick<
    Jobs,
    'onChangeAnywhere' | 'analyses' | 'overview' | 'listed' | 'histories' | 'pairs' | 'backfills'
  > &
    Acting['jobs'];
  /** How long the archive takes to answer, ms; undefined: it does not. */
  readonly archiveMs: () => Promise<number | undefined>;
  readonly models: () => Promise<Pick<Now, 'installed' | 'refused'>>;
  /** The studies that rules wait for. */
  readonly held: () => Promise<readonly HeldLine[]>;
  /** The rules in force, and why the file is not where it is not. */
  readonly rules: () => Promise<RulesLine | undefined>;
  readonly mayAct: (request: Request) => boolean;
  /** Copies without identity that rules asked for. */
  readonly copiesOf: (study: string) => Promise<readonly CopyLine[]>;
  /** The latest that were refused. */
  readonly refusedCopies: (limit: number) => Promise<readonly CopyLine[]>;
}

export type { ModelLine };

const ASSETS = fileURLToPath(new URL('./assets', import.meta.url));
const TOKENS = fileURLToPath(new URL('../../ohif-extension/src/styles', import.meta.url));
const Version = z
  .string()
  .max(200)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*@\d+\.\d+\.\d+$/, 'is no version, as my-model@1.2.0');
const Compared = z.strictObject({
  a: Version,
  b: Version,
  limit: z.coerce.number().int().min(1).max(10_000).default(500),
});
const versionOf = (key: string) => {
  const [id = '', version = ''] = key.split('@');
  return { id, version };
};
/** Backfills, and refused copies, that the page shows. */
const SHOWN = 5;
const PAGE = { says: 'HTML', types: ['text/html'] };

/**
 * `GET /operations`, `/operations/studies/:uid`; what find.ts, events.ts, held.ts and acts.ts say. Throws REQUEST_INVALID, NOT_FOUND.
 */
export function operationsRouter({
  jobs,
  models,
  rules,
  held,
  archiveMs,
  mayAct,
  copiesOf,
  refusedCopies,
  find,
  onFound,
  ...acting
}: Operations): Router {
  const router = Router();
  const now = async (): Promise<Now> => {
    const [overview, there, inForce, heldStudies, backfills, refused, ms] = await Promise.all([
      jobs.overview(),
      models(),
      rules(),
      held(),
      jobs.backfills.list(SHOWN),
      refusedCopies(SHOWN),
      archiveMs(),
    ]);
    return {
      ...overview,
      ...there,
      heldStudies,
      backfills,
      refusedCopies: refused,
      ...(inForce === undefined ? {} : { rules: inForce }),
      ...(ms === undefined ? {} : { archiveMs: ms }),
      at: new Date(),
    };
  };
  const send = (response: Response, { text }: Html): void => {
    response.set('cache-control', 'no-store').type('html').send(text);
  };

  serve(
    router,
    {
      method: 'get',
      path: '/operations',
      says: 'The operator’s page',
      answers: { 200: PAGE },
    },
    async (_, request, response) => send(response, operationsPage(await now(), { mayAct: mayAct(request) })),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/status',
      says: 'What the operator’s page shows: what waits, runs and failed, and how long things take',
      answers: { 200: { says: 'its figures', json: z.looseObject({ parked: z.int() }) } },
    },
    async (_, _request, response) => void response.json(await now()),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/operations/list',
      says: 'What failed, or waits, beyond what the operator’s page shows',
      query: z.strictObject({
        of: z.enum(['failed', 'queued']),
        skip: z.coerce.number().int().min(0).max(1_000_000).default(0),
      }),
      answers: { 200: PAGE },
    },
    async ({ query: { of, skip } }, request, response) => {
      const [overview, analyses] = await Promise.all([jobs.overview(), jobs.listed(of, skip)]);
      const may = mayAct(request);
      if (of === 'failed')
        return send(response, livePage('Failed', failures({ ...overview, failed: analyses }, may, skip)));
      const list = waitingList(overview, analyses, { mayAct: may, at: new Date(), skip });
      send(response, livePage('Waiting', list));
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/operations/studies/:study',
      says: 'Every analysis of a study, with the time in each state',
      params: z.object({ study: StudyInstanceUID }),
      answers: { 200: PAGE },
    },
    async ({ params: { study } }, request, response) => {
      const [analyses, copies, waiting, { installed }] = await Promise.all([
        jobs.analyses.list({ StudyInstanceUID: study, limit: 200 }),
        copiesOf(study),
        held(),
        models(),
      ]);
      const histories = await jobs.histories(analyses.map(({ id }) => id));
      const may = mayAct(request);
      const ofStudy = waiting.filter((h) => h.StudyInstanceUID === study);
      send(
        response,
        studyPage(study, { analyses, histories, copies, held: ofStudy, installed, mayAct: may }),
      );
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/operations/compare',
      says: 'Two versions of a model on the images that both have read',
      query: Compared,
      answers: { 200: PAGE },
    },
    async ({ query: { a, b, limit } }, _, response) => {
      const pairs = await jobs.pairs([versionOf(a), versionOf(b)], limit);
      send(response, page('Compare', comparisonPart([a, b], compareVersions(pairs))));
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/compare',
      says: 'How two versions of a model agree on the images that both have read',
      query: Compared,
      answers: { 200: { says: 'by finding', json: z.looseObject({ images: z.int() }) } },
    },
    async ({ query: { a, b, limit } }, _, response) => {
      response.json({ a, b, ...compareVersions(await jobs.pairs([versionOf(a), versionOf(b)], limit)) });
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/operations/tokens.css',
      says: 'Colours and sizes of our pages',
      answers: { 200: { says: 'a style sheet', types: ['text/css'] } },
    },
    (_, _request, response) => response.sendFile(join(TOKENS, 'tokens.css')),
  );
  router.use('/operations', express.static(ASSETS, { index: false, redirect: false }));

  router.use(findRouter({ find, onFound }));
  router.use(changesRouter(jobs));
  router.use(heldRouter(held));
  router.use(actsRouter({ jobs, ...acting }));
  router.use(refusedToPerson);
  return router;
}

/** Who pressed a button reads why not, and not JSON. */
const refusedToPerson: ErrorRequestHandler = (error, request, response, next) => {
  if (!(error instanceof Fault) || request.accepts(['json', 'html']) !== 'html') return next(error);
  response.status(error.spec.status).type('html').send(refusal(error).text);
};
