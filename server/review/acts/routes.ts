import { pipeline } from 'node:stream/promises';
import { type Request, Router } from 'express';
import { z } from 'zod';
import { json, serve } from '../../shared/address.ts';
import {
  Closing,
  CompareQuery,
  Comparison,
  Incident,
  IncidentState,
  ModelSwitch,
  Stop,
  ThresholdEffect,
  ThresholdQuery,
} from '../contract/acts.ts';
import type { Query } from '../figures/selection.ts';
import { type Evidence, evidencePackage } from './evidence.ts';
import { openIncidents, type Reporter } from './incidents.ts';
import { compareVersions, thresholdEffect } from './what-if.ts';

export interface Acts {
  readonly query: Query;
  readonly models: () => Promise<readonly ModelSwitch[]>;
  /** The stop switch of all versions of a model. Throws NOT_FOUND. */
  readonly stop: (model: string) => Promise<void>;
  readonly restart: (model: string) => Promise<void>;
  readonly who: (request: Request) => Reporter;
  readonly evidence: (incident: IncidentState) => Promise<Evidence>;
  /** Told of what a person did, with the reason that they gave. */
  readonly onAct: (request: Request, act: Act) => void;
}

export interface Act {
  readonly action: 'model-changed' | 'incident' | 'exported';
  /** The model or the incident. */
  readonly object: string;
  readonly detail: string;
}

const Id = z.object({ id: z.string().min(1).max(64) });
const Uuid = z.object({ id: z.uuid() });

/** What follows from a verdict: contract/acts.ts. Throws NOT_FOUND, REQUEST_INVALID. */
export function actsRouter({ query, models, stop, restart, who, evidence, onAct }: Acts): Router {
  const router = Router();
  const incidents = openIncidents(query);
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/models',
      says: 'Each version of each model, and whether it runs',
      answers: { 200: { says: 'the models', json: z.object({ models: z.array(ModelSwitch) }) } },
    },
    async (_, _request, response) => void response.json({ models: await models() }),
  );
  for (const [verb, act, became] of [
    ['stop', stop, 'stopped'],
    ['restart', restart, 'started again'],
  ] as const)
    serve(
      router,
      {
        method: 'post',
        path: `/api/review/models/:id/${verb}`,
        says: verb === 'stop' ? 'Lets a model run no more' : 'Takes a stop back',
        params: Id,
        body: json(Stop, '4kb'),
        answers: {
          200: { says: 'the models as they are now', json: z.object({ models: z.array(ModelSwitch) }) },
        },
      },
      async ({ params: { id }, body: { reason } }, request, response) => {
        await act(id);
        onAct(request, { action: 'model-changed', object: id, detail: `${became}: ${reason}` });
        response.json({ models: await models() });
      },
    );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/models/:id/threshold',
      says: 'What another threshold would have said of past results; changes nothing',
      params: Id,
      query: ThresholdQuery,
      answers: { 200: { says: 'the effect', json: ThresholdEffect } },
    },
    async ({ params, query: asked }, _, response) =>
      void response.json(await thresholdEffect(query, params.id, asked)),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/models/:id/compare',
      says: 'Two versions of a model on the same images',
      params: Id,
      query: CompareQuery,
      answers: { 200: { says: 'how they differ', json: Comparison } },
    },
    async ({ params, query: asked }, _, response) =>
      void response.json(await compareVersions(query, params.id, asked)),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/incidents',
      says: 'What went wrong, newest first',
      answers: { 200: { says: 'the last 500', json: z.object({ incidents: z.array(IncidentState) }) } },
    },
    async (_, _request, response) => void response.json({ incidents: await incidents.list() }),
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/review/incidents',
      says: 'Tells what went wrong with a result',
      body: json(Incident, '16kb'),
      answers: { 201: { says: 'the incident', json: IncidentState } },
    },
    async ({ body }, request, response) => {
      const made = await incidents.report(body, who(request));
      onAct(request, { action: 'incident', object: made.id, detail: `reported: ${made.severity}` });
      response.status(201).json(made);
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/review/incidents/:id/close',
      says: 'Says what was done, and closes an incident',
      params: Uuid,
      body: json(Closing, '16kb'),
      answers: { 200: { says: 'the incident', json: IncidentState } },
    },
    async ({ params: { id }, body: { done } }, request, response) => {
      const closed = await incidents.close(id, done);
      onAct(request, { action: 'incident', object: id, detail: 'closed' });
      response.json(closed);
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/api/review/incidents/:id/package.zip',
      says: 'The evidence of an incident: objects, record, readings, audit entries. It names the patient',
      params: Uuid,
      answers: { 200: { says: 'a zip', types: ['application/zip'] } },
    },
    async ({ params: { id } }, request, response) => {
      const found = await evidence(await incidents.get(id));
      onAct(request, { action: 'exported', object: id, detail: 'evidence of an incident' });
      response
        .set('cache-control', 'no-store')
        .attachment(`incident-${id.slice(0, 8)}.zip`)
        .type('application/zip');
      await pipeline(evidencePackage(found), response);
    },
  );
  return router;
}
