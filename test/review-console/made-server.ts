import { resolve } from 'node:path';
import express, { type Response, Router } from 'express';
import {
  IncidentState,
  ModelSwitch,
  ThresholdEffect,
  ThresholdQuery,
} from '../../server/review/contract/acts.ts';
import { Case, PictureQuery, Window } from '../../server/review/contract/case.ts';
import { Figures } from '../../server/review/contract/figures.ts';
import { Reading, Signature, Signed, type SignedReading } from '../../server/review/contract/reading.ts';
import {
  Assignment,
  type CaseFilter,
  CaseLine,
  CasePage,
  CaseQuery,
  FilterValues,
  Plan,
  PlanState,
  View,
  ViewState,
} from '../../server/review/contract/worklist.ts';
import { consoleRouter } from '../../server/show/console.ts';
import { type MadeCase, madeCases, madePicture } from './made-cases.ts';
import { FIGURES } from './made-figures.ts';

/** How the server is made to behave. */
export interface Gate {
  /** undefined: as it should. */
  status?: number | undefined;
  /** Of the network, before anything is read: the connection is cut. */
  cut?: 'all' | 'after-signing' | undefined;
}

export interface Made {
  readonly app: express.Express;
  readonly cases: MadeCase[];
  readonly gate: Gate;
  /** Every signature that came, the same key as often as it came. */
  readonly signatures: { readonly analysis: string; readonly key: string; readonly reading: Reading }[];
  readonly drafts: Map<string, Reading>;
  /** Tells the pages that are open. */
  tell(): void;
}

const ME = { subject: 'key:jane', name: 'Jane Sample' };

/** What the console asks of a server, in memory; every question and answer is read by the schemas of the contract. */
export function madeServer({ count = 24, role = 'admin' } = {}): Made {
  const cases = [...madeCases(count)];
  const gate: Gate = {};
  const signatures: Made['signatures'][number][] = [];
  const drafts = new Map<string, Reading>();
  const listening = new Set<Response>();
  const plans = new Map<string, PlanState>(
    [
      {
        id: 'p1',
        name: 'All flagged',
        filter: { flagged: true },
        share: 1,
        readers: 2,
        sampled: 12,
        judged: 8,
      },
      {
        id: 'p2',
        name: 'Within 0.10 of threshold',
        filter: { nearThreshold: 0.1 },
        share: 1,
        readers: 1,
        sampled: 31,
        judged: 9,
      },
      {
        id: 'p3',
        name: '5 % of negatives',
        filter: { positive: false },
        share: 0.05,
        readers: 1,
        sampled: 16,
        judged: 16,
      },
    ].map((plan) => [plan.id, PlanState.parse({ blind: true, on: true, ...plan })]),
  );
  const views = new Map<string, ViewState>(
    [
      { id: 'needs-me-first', name: 'Needs me first', filter: { state: ['unread', 'reading', 'differ'] } },
      {
        id: 'check',
        name: 'Check before use',
        filter: { state: ['unread', 'reading', 'differ'], flagged: true },
      },
      { id: 'near', name: 'Near the threshold', filter: { nearThreshold: 0.1 } },
      { id: 'differ', name: 'To arbitrate', filter: { state: ['differ'] } },
      { id: 'all', name: 'All', filter: {} },
    ].map((view) => [view.id, ViewState.parse({ builtIn: true, count: 0, ...view })]),
  );
  const matching = (filter: CaseFilter) => cases.filter((c) => fits(c, filter));
  const tell = (): void => {
    for (const response of listening) response.write(`event: case\ndata: {}\n\n`);
  };

  const api = Router();
  api.use('/api', (request, response, next) => {
    if (gate.cut === 'all') return void request.socket.destroy();
    if (gate.status)
      return void response
        .status(gate.status)
        .json({ code: 'X', detail: 'as the test wants', action: 'Wait.' });
    next();
  });
  api.use(express.json());
  api.get('/api/session', (_, response) => void response.json({ ...ME, role, how: 'session' }));
  api.get('/api/review/events', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    listening.add(response);
    response.on('close', () => listening.delete(response));
  });
  api.get(
    '/api/review/values',
    (_, response) =>
      void response.json(
        FilterValues.parse({
          models: [
            { id: 'chest-pneumonia', versions: ['1.1.0', '1.2.0'] },
            { id: 'head-mr-structures', versions: ['2.0.0'] },
          ],
          findings: ['Pneumonia', 'Left hippocampus'],
          scanners: ['DR-A', 'DR-B', 'DR-C'],
          sites: ['North', 'South'],
          readers: [ME],
        }),
      ),
  );
  api.get('/api/review/plans', (_, response) => void response.json([...plans.values()]));
  api.post('/api/review/plans', (request, response) => {
    const plan = PlanState.parse({
      ...Plan.parse(request.body),
      id: `p${plans.size + 1}`,
      sampled: 0,
      judged: 0,
    });
    plans.set(plan.id, plan);
    response.status(201).json(plan);
  });
  api.put('/api/review/plans/:id', (request, response) => {
    const plan = PlanState.parse({ ...plans.get(request.params.id), ...Plan.parse(request.body) });
    plans.set(plan.id, plan);
    response.json(plan);
  });
  api.delete('/api/review/plans/:id', (request, response) => {
    plans.delete(request.params.id);
    response.status(204).end();
  });
  api.get(
    '/api/review/views',
    (_, response) =>
      void response.json(
        [...views.values()].map((view) => ({ ...view, count: matching(view.filter).length })),
      ),
  );
  api.post('/api/review/views', (request, response) => {
    const view = ViewState.parse({
      ...View.parse(request.body),
      id: `v${views.size}`,
      builtIn: false,
      count: 0,
    });
    views.set(view.id, view);
    response.status(201).json(view);
  });
  api.post('/api/review/cases/query', (request, response) => {
    const { filter, limit, after } = CaseQuery.parse(request.body);
    const all = matching(filter);
    const from = Number(after ?? 0);
    const next = from + limit < all.length ? String(from + limit) : undefined;
    response.json(
      CasePage.parse({
        cases: all.slice(from, from + limit).map((c) => CaseLine.parse(c)),
        total: all.length,
        ...(next ? { next } : {}),
      }),
    );
  });
  api.use('/api/review/cases/:analysis', (request, response, next) => {
    const found = cases.find((c) => c.analysis === request.params.analysis);
    if (!found) return void response.status(404).json({ code: 'NOT_FOUND', detail: 'no such case' });
    response.locals.found = found;
    next();
  });
  api.get('/api/review/cases/:analysis', (request, response) => {
    const draft = drafts.get(request.params.analysis);
    response.json(Case.parse({ ...response.locals.found, ...(draft ? { draft } : {}) }));
  });
  api.put('/api/review/cases/:analysis/draft', (request, response) => {
    drafts.set(request.params.analysis, Reading.parse(request.body));
    response.status(204).end();
  });
  api.put('/api/review/cases/:analysis/assignment', (request, response) => {
    const body = Assignment.parse(request.body);
    const { readers } = response.locals.found as MadeCase;
    readers.assigned = 'mine' in body && body.mine ? [ME] : [];
    response.status(204).end();
    tell();
  });
  api.post('/api/review/cases/:analysis/readings', (request, response) => {
    const { key, reading, amends } = Signature.parse(request.body);
    const found = response.locals.found as MadeCase;
    const isNew = !signatures.some((s) => s.key === key);
    signatures.push({ analysis: found.analysis, key, reading });
    if (isNew) put(found, { key, reading, amends });
    drafts.delete(found.analysis);
    if (gate.cut === 'after-signing') return void request.socket.destroy();
    const isDone = found.state === 'judged';
    response.status(201).json(
      Signed.parse({
        id: key,
        state: found.state,
        sentence: isDone ? 'The verified report is in the archive.' : 'The other reader is awaited.',
      }),
    );
  });
  api.get('/api/review/cases/:analysis/pictures/:file', (request, response) => {
    PictureQuery.parse(request.query);
    response.type('png').send(madePicture(Number.parseInt(request.params.file, 10), 'picture'));
  });
  api.get(
    '/api/review/cases/:analysis/pictures/:n/window',
    (_, response) => void response.json(Window.parse({ centre: 1000, width: 2000 })),
  );
  api.get(
    '/api/review/cases/:analysis/pictures/:n/:kind.png',
    ({ params: { n, kind } }, response) =>
      void response.type('png').send(madePicture(Number(n), kind as 'map')),
  );
  api.get('/api/review/figures', (_, response) => void response.json(Figures.parse(FIGURES)));
  api.get(
    '/api/review/models',
    (_, response) =>
      void response.json({
        models: ['1.1.0', '1.2.0'].map((version) =>
          ModelSwitch.parse({
            id: 'chest-pneumonia',
            version,
            name: 'Chest pneumonia',
            mode: 'clinical',
            why: 'accepted',
          }),
        ),
      }),
  );
  api.get('/api/review/models/:id/threshold', (request, response) => {
    const { at } = ThresholdQuery.parse(request.query);
    response.json(
      ThresholdEffect.parse({
        now: 0.5,
        at,
        results: 9610,
        positiveNow: 2200,
        positiveThen: Math.round(4400 * (1 - at)),
        truth: {
          n: 412,
          sensitivityNow: 0.943,
          sensitivityThen: 0.921,
          specificityNow: 0.918,
          specificityThen: 0.94,
        },
        changed: cases.slice(0, 3).map(({ analysis, name }) => ({ analysis, name, score: 0.52 })),
      }),
    );
  });
  api.get(
    '/api/review/models/:id/compare',
    (_, response) => void response.json({ n: 120, agreed: 117, meanDifference: 0.012, changed: [] }),
  );
  api.get(
    '/api/review/incidents',
    (_, response) =>
      void response.json({
        incidents: [
          IncidentState.parse({
            id: 'i1',
            analysis: (cases[0] as MadeCase).analysis,
            severity: 'possible-harm',
            what: 'The result was on the wrong side.',
            by: ME.name,
            at: '2026-11-24T10:00:00.000Z',
          }),
        ],
      }),
  );
  const app = express();
  app.use(api, consoleRouter({ dist: resolve('review-console', 'dist') }));
  return { app, cases, gate, signatures, drafts, tell };
}

interface Put {
  readonly key: string;
  readonly reading: Reading;
  readonly amends: string | undefined;
}

function put(found: MadeCase, { key, reading, amends }: Put): void {
  const signed: SignedReading = {
    id: key,
    reader: ME,
    role: found.maySign.as,
    reading,
    at: new Date().toISOString(),
  };
  for (const old of found.readings) if (old.id === amends) old.amendedBy = key;
  found.readings.push(signed);
  found.mySignature = key;
  found.readers.mine = true;
  if (!amends) found.readers.signed++;
  found.state =
    found.readers.signed >= found.readers.wanted || found.maySign.as === 'arbiter' ? 'judged' : 'reading';
}

/** As far as the tests filter. */
const fits = (
  c: MadeCase,
  { state, model, flagged, positive, nearThreshold, plan, search, site }: CaseFilter,
): boolean =>
  (!state || state.includes(c.state)) &&
  (!model || model.includes(c.model.id)) &&
  (!site || site.includes(c.context.site ?? '')) &&
  (flagged === undefined || c.flags.length > 0 === flagged) &&
  (positive === undefined || c.headline.positive === positive) &&
  (nearThreshold === undefined ||
    (c.headline.score !== undefined && Math.abs(c.headline.score - 0.5) <= nearThreshold)) &&
  (!plan || c.sampled.some((s) => plan.includes(s.plan))) &&
  (!search || `${c.name} ${c.headline.label}`.toLowerCase().includes(search.toLowerCase()));
