import { Router } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Analysis, Jobs } from '../jobs/index.ts';
import { serve } from '../shared/address.ts';

/** What Prometheus reads at `/metrics`. Labels are states, codes, models and findings: never anything of a patient or study. */
export function metricsRouter(jobs: Counted): Router {
  const registry = metricsOf(jobs);
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/metrics',
      says: 'Figures for Prometheus',
      answers: { 200: { says: 'its text format', types: ['text/plain'] } },
    },
    async (_, _request, response) => void response.type(registry.contentType).send(await registry.metrics()),
  );
  return router;
}

type Counted = Pick<Jobs, 'overview' | 'onChangeAnywhere'>;

/** The figures themselves. */
export function metricsOf(jobs: Counted): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const count = onceEach(counting(registry));
  jobs.onChangeAnywhere((analysis) => analysis && count(analysis));
  new Gauge({
    name: 'pellucid_waiting',
    help: 'Analyses that wait for a worker, and how long the oldest has, s',
    labelNames: ['priority', 'what'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { priority, count, oldestS } of (await jobs.overview()).waiting) {
        this.set({ priority, what: 'count' }, count);
        this.set({ priority, what: 'oldest_seconds' }, oldestS);
      }
    },
  });
  return registry;
}

const STAGE_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600];
const SCORE_BUCKETS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Records that are remembered, so that each change counts once. */
const REMEMBERED = 10_000;

/**
 * A worker that takes an analysis says `queued` once more: it came to no state. Of another machine's change we read the record as it is
 * by then: two changes in a row may both read the second.
 */
function onceEach(count: (analysis: Analysis) => void): (analysis: Analysis) => void {
  const last = new Map<string, Pick<Analysis, 'state' | 'updatedAt'>>();
  return (analysis) => {
    const { id, state, updatedAt } = analysis;
    const before = last.get(id);
    last.delete(id);
    last.set(id, { state, updatedAt });
    if (last.size > REMEMBERED) last.delete(last.keys().next().value as string);
    if (before?.updatedAt === updatedAt || (before?.state === 'queued' && state === 'queued')) return;
    count(analysis);
  };
}

/** Counts each record as it changes. */
function counting(registry: Registry): (analysis: Analysis) => void {
  const registers = [registry];
  const analyses = new Counter({
    name: 'pellucid_analyses_total',
    help: 'Analyses that came to a state',
    labelNames: ['model', 'mode', 'state'],
    registers,
  });
  const faults = new Counter({
    name: 'pellucid_faults_total',
    help: 'Faults of analyses, also of those that are tried again',
    labelNames: ['model', 'code'],
    registers,
  });
  const stages = new Histogram({
    name: 'pellucid_stage_seconds',
    help: 'Time in each stage of the analyses that were done',
    labelNames: ['model', 'stage'],
    buckets: STAGE_BUCKETS,
    registers,
  });
  const scores = new Histogram({
    name: 'pellucid_score',
    help: 'Scores of the findings',
    labelNames: ['model', 'finding'],
    buckets: SCORE_BUCKETS,
    registers,
  });
  const doubtful = new Counter({
    name: 'pellucid_check_before_use_total',
    help: 'Findings that are marked check before use',
    labelNames: ['model', 'finding'],
    registers,
  });
  return ({ modelId, modelVersion, mode, state, fault, timings, findings }) => {
    const model = modelId === null ? 'none' : `${modelId}@${modelVersion}`;
    analyses.inc({ model, mode: mode ?? 'none', state });
    if (fault && (state === 'queued' || state === 'failed')) faults.inc({ model, code: fault.code });
    if (state !== 'done') return;
    for (const [stage, ms] of Object.entries(timings)) stages.observe({ model, stage }, ms / 1000);
    for (const { label, score, checkBeforeUse } of findings) {
      if (score !== undefined) scores.observe({ model, finding: label }, score);
      if (checkBeforeUse) doubtful.inc({ model, finding: label });
    }
  };
}
