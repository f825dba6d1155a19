import { createApp } from '../../server/app.ts';
import { loadConfig } from '../../server/config.ts';
import type { SeriesArrived } from '../../server/contracts.ts';
import { StudyInstanceUID } from '../../server/dicom/uid.ts';
import { backfillsRouter } from '../../server/jobs/backfill-routes.ts';
import { eventsRouter } from '../../server/jobs/events.ts';
import {
  type Analysis,
  createWorkerPool,
  jobOf,
  type ModelDecision,
  openJobs,
} from '../../server/jobs/index.ts';
import { analysesRouter } from '../../server/jobs/routes.ts';
import { listen } from '../../server/listen/changes.ts';
import { hookRouter } from '../../server/listen/hook.ts';
import { listenByQuery } from '../../server/listen/query.ts';
import { metricsRouter } from '../../server/metrics/metrics.ts';
import { operationsRouter } from '../../server/operations/routes.ts';
import { ruleTesterRouter } from '../../server/operations/rule-tester.ts';
import { archiveOf } from '../../server/places.ts';
import { limitsOf, memoryOf } from '../../server/wiring/limits.ts';
import { NO_LOG_IN } from './no-log-in.ts';

/**
 * A server with the real queue, records, hook and, with LISTEN set, the real listener; only the worker is fake, unless
 * REAL_WORKER is set. A process of its own, for the queue's modules do not load in Jest's realm, and so that it can be killed.
 * MODEL is the model that runs on each series, LONGEST_PAUSE_S the longest pause between two tries; over IPC it takes arrivals
 * and answers each, and says its port and each state.
 */

export type Arrival = { readonly arrived: SeriesArrived; readonly decisions: readonly ModelDecision[] };

const config = loadConfig(process.env);
const runner = createWorkerPool({
  script: new URL(process.env.REAL_WORKER ? '../../server/worker.ts' : './fake-worker.ts', import.meta.url),
  timeoutMs: config.JOB_TIMEOUT_MS,
  memoryMb: memoryOf(config),
});
const pause = process.env.LONGEST_PAUSE_S;
const jobs = await openJobs({
  config,
  runner,
  concurrency: config.CONCURRENCY,
  ...limitsOf(config),
  longestPauseS: pause === undefined ? undefined : Number(pause),
});
jobs.onChange(({ id, state }) => process.send?.({ type: 'state', id, state }));
await jobs.start();

const id = process.env.MODEL ?? 'works';
const model = { id, version: '1.0.0', digest: `digest of ${id}` };
const listener = process.env.LISTEN
  ? (config.ARCHIVE === 'orthanc' ? listen : listenByQuery)({
      archive: archiveOf(config),
      dicomWebPath: config.DICOMWEB_PATH,
      days: config.QUERY_DAYS,
      store: jobs.listenState,
      isOwnSeries: jobs.analyses.isOwnSeries,
      start: config.START,
      hasRoom: async () => true,
      onArrived: (arrived) => {
        process.send?.({ type: 'arrived', arrived });
        return jobs.arrived(arrived, [{ model, run: true, why: 'it is a test' }]);
      },
      pollMs: config.POLL_MS,
      settleMs: config.SETTLE_MS,
    })
  : undefined;

const hook = hookRouter({
  secret: config.HOOK_SECRET,
  wake: () => {
    process.send?.({ type: 'woken' });
    listener?.wake();
  },
});
const HELD = [
  {
    StudyInstanceUID: '1.2.77',
    rule: 'thinnest-ct',
    series: ['1.2.77.1', '1.2.77.2'],
    since: '2026-01-01T00:00:00.000Z',
    deadline: '2026-01-01T00:30:00.000Z',
    waitsFor: 'no series with ImageType LOCALIZER has come',
    atDeadline: 'it is skipped',
  },
];
const operations = operationsRouter({
  jobs,
  models: async () => ({
    installed: ['1.0.0', '2.0.0'].map((version) => ({
      id: 'works',
      version,
      name: 'Works',
      mode: 'clinical',
      why: 'it is a test',
    })),
    refused: [],
  }),
  rules: async () => undefined,
  held: async () => HELD,
  find: async (text) =>
    ['1.2.3', '1.2.4']
      .slice(0, ({ 'ACC 1': 1, 'PAT-1': 2 } as Record<string, number>)[text] ?? 0)
      .map((uid) => ({
        StudyInstanceUID: StudyInstanceUID.parse(uid),
        by: 'patient ID' as const,
        StudyDate: '20260131',
        modalities: 'CT, SEG',
      })),
  onFound: (_, id) => process.send?.({ type: 'found', id }),
  archiveMs: async () => 21,
  mayAct: (request) => request.get('x-reader') === undefined,
  copiesOf: async () => [],
  refusedCopies: async () => [],
  copyAgain: async () => 0,
  // The same model again, or another version of it.
  rerun: async (id, model) => {
    const record = await jobs.analyses.get(id);
    const [name = '', version = ''] = model?.split('@') ?? [
      record?.modelId ?? '',
      record?.modelVersion ?? '',
    ];
    const again = { id: name, version, digest: model ? model : (record?.modelDigest ?? '') };
    const decision = { model: again, run: true, why: 'asked for', priority: 'urgent' } as const;
    return (await jobs.demand(jobOf(record as Analysis).arrived, decision)) as Analysis;
  },
  onAct: (_, { object }) => process.send?.({ type: 'acted', id: object }),
});
const NOTHING = { hasRules: false, series: [] };
const app = createApp({
  access: NO_LOG_IN,
  routers: [
    hook,
    analysesRouter(jobs, (request) => request.get('x-reader') === undefined),
    eventsRouter(jobs),
    operations,
    ruleTesterRouter({
      study: async (study, rules = 'those in force') => ({ lines: [`${study} by ${rules}`], ...NOTHING }),
      file: async ({ length }) => ({ lines: [`of ${length} bytes`], ...NOTHING }),
      latest: jobs.latestStudies,
    }),
    backfillsRouter(jobs.backfills, { models: async () => [], onDone: () => undefined }),
    metricsRouter(jobs),
  ],
});
const server = app.listen(config.PORT, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ type: 'ready', port: typeof address === 'object' ? address?.port : 0 });
});

process.on('message', async ({ arrived, decisions }: Arrival) => {
  await jobs.arrived(arrived, decisions);
  process.send?.({ type: 'recorded' });
});
process.on('disconnect', () => process.exit(0));
process.once('SIGTERM', async () => {
  server.close();
  await listener?.stop();
  await jobs.stop();
  process.exit(0);
});
