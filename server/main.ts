import { mkdir, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Router } from 'express';
import { mayAct } from './access/identity.ts';
import { openAccess } from './access/index.ts';
import { createApp } from './app.ts';
import { OURSELVES } from './audit/entry.ts';
import { openRecorder } from './audit/recorder.ts';
import { auditRouter } from './audit/routes.ts';
import { openTrail } from './audit/trail.ts';
import { type Config, loadConfig } from './config.ts';
import { backfillsRouter } from './jobs/backfill-routes.ts';
import { eventsRouter } from './jobs/events.ts';
import { createWorkerPool, openJobs } from './jobs/index.ts';
import { onDemandRouter } from './jobs/on-demand.ts';
import { analysesRouter } from './jobs/routes.ts';
import { listen } from './listen/changes.ts';
import { hookRouter } from './listen/hook.ts';
import { listenByQuery } from './listen/query.ts';
import { metricsRouter } from './metrics/metrics.ts';
import { readyRouter } from './metrics/ready.ts';
import { type Installation, installed, keyOf, type Places } from './models/installed.ts';
import { modelsRouter } from './models/routes.ts';
import { takeOverDecisions } from './models/shared-state.ts';
import { operationsRouter } from './operations/routes.ts';
import { ruleTesterRouter } from './operations/rule-tester.ts';
import { archiveOf, decisionsFile, modelPlaces } from './places.ts';
import { actsRouter } from './review/acts/routes.ts';
import { assessmentsRouter } from './review/assessments.ts';
import { figuresRouter } from './review/figures/routes.ts';
import { openRuleBook } from './route/rule-book.ts';
import { asFault } from './shared/fault.ts';
import { inHome } from './shared/home.ts';
import { getJson } from './shared/http.ts';
import { log } from './shared/log.ts';
import { consoleRouter } from './show/console.ts';
import { dicomWebProxy } from './show/proxy.ts';
import { revealsRouter } from './show/reveals.ts';
import { viewerRouter } from './show/viewer.ts';
import { notListening, serverOf } from './surface/listening.ts';
import { assessingOf } from './wiring/assessing.ts';
import { backfillHasRoom, openBackfillRunner } from './wiring/backfill.ts';
import { noteChangedPackages } from './wiring/changed-packages.ts';
import { openCopies } from './wiring/copies.ts';
import { onArrived } from './wiring/decide.ts';
import { endedSessions } from './wiring/ended-sessions.ts';
import { actsOf, figuresOf } from './wiring/governing.ts';
import { limitsOf, memoryOf } from './wiring/limits.ts';
import { accessEvents, noteOutcome, ruleEvents, whoOf } from './wiring/noting.ts';
import { onDemandOf } from './wiring/on-demand.ts';
import { operationsOf } from './wiring/operations.ts';
import { openReviewing } from './wiring/reviewing.ts';
import { ruleTesterOf } from './wiring/rule-tester.ts';
import { openStudyGate } from './wiring/study-gate.ts';
import { openAlerts, openTracing } from './wiring/watching.ts';
import { openWorklistHere } from './wiring/worklist.ts';
import { worklistRouter } from './worklist/routes.ts';

/** The composition root: configuration → wiring → listening. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  await mkdir(config.DATA_DIR, { recursive: true });
  const archive = archiveOf(config);
  const runner = createWorkerPool({
    script: new URL('./worker.ts', import.meta.url),
    timeoutMs: config.JOB_TIMEOUT_MS,
    memoryMb: memoryOf(config),
  });
  const jobs = await openJobs({ config, runner, concurrency: config.CONCURRENCY, ...limitsOf(config) });
  const places = modelPlaces(config);
  if (config.DATABASE_URL) await takeOverDecisions(decisionsFile(config), config.DATABASE_URL);
  const models = await tellModels(places);
  const trail = openTrail(jobs.sql);
  const recorder = openRecorder(trail);
  recorder.note({ ...OURSELVES, action: 'server-started', outcome: 'done' });
  await noteChangedPackages(models, { sql: jobs.sql, recorder });
  jobs.onChange((analysis) => noteOutcome(recorder, analysis));
  const rules = await openRuleBook(config.RULES_FILE, ruleEvents(recorder));
  const access = await openAccess(
    { ...config, sessionFile: join(config.DATA_DIR, 'session.key') },
    { ...accessEvents(recorder), ended: endedSessions(jobs.sql) },
  );
  const copies = openCopies({ config, jobs, recorder });
  const listener = (config.ARCHIVE === 'orthanc' ? listen : listenByQuery)({
    archive,
    dicomWebPath: config.DICOMWEB_PATH,
    days: config.QUERY_DAYS,
    store: jobs.listenState,
    isOwnSeries: jobs.analyses.isOwnSeries,
    onArrived: (arrived, past) => onArrived(arrived, { config, rules, jobs, owe: copies.records.owe, past }),
    start: config.START,
    hasRoom: () => backfillHasRoom(jobs),
    pollMs: config.POLL_MS,
    settleMs: config.SETTLE_MS,
  });
  const gate = openStudyGate({ config, rules, jobs });
  const reviewing = openReviewing({ config, jobs, recorder });
  const upsRs = openWorklistHere({ config, jobs, recorder });
  const app = createApp({
    access,
    trustedProxies: config.TRUSTED_PROXIES,
    requestsPerMinute: config.REQUESTS_PER_MINUTE,
    routers: [
      hookRouter({ secret: config.HOOK_SECRET, wake: listener.wake }),
      analysesRouter(jobs, ({ identity }) => identity !== undefined && mayAct(identity.role, 'reviewer')),
      eventsRouter(jobs),
      onDemandRouter(onDemandOf({ config, jobs, recorder })),
      revealsRouter((request, study) =>
        recorder.note({ ...whoOf(request), action: 'results-revealed', study, outcome: 'done' }),
      ),
      assessmentsRouter(assessingOf({ config, reviewing, recorder })),
      ...reviewing.routers,
      figuresRouter(figuresOf({ config, jobs, trail, recorder })),
      actsRouter(actsOf({ config, jobs, trail, recorder })),
      auditRouter(trail, whoOf),
      metricsRouter(jobs),
      readyRouter({
        database: () => jobs.sql.query('select 1'),
        archive: () => getJson(archive, `${config.DICOMWEB_PATH}/studies?limit=1`, 'application/dicom+json'),
      }),
      backfillsRouter(jobs.backfills, {
        models: async () => (await installed(places)).models.map(({ identity }) => keyOf(identity)),
        onDone: (request, { id, detail }) =>
          recorder.note({ ...whoOf(request), action: 'backfill', object: id, outcome: 'done', detail }),
      }),
      worklistRouter(upsRs.worklist),
      operationsRouter(
        operationsOf({ config, jobs, rules, recorder, copies: copies.records, held: gate.waiting }),
      ),
      ruleTesterRouter(ruleTesterOf({ config, jobs, rules })),
      modelsRouter(
        () => installed(places),
        (request, change) =>
          recorder.note({ ...whoOf(request), ...change, action: 'model-changed', outcome: 'done' }),
      ),
      dicomWebProxy(archive, config.DICOMWEB_PATH, (request, study) =>
        recorder.studyRead(whoOf(request), study),
      ),
      ...(await reviewConsole()),
      ...(await viewer(config)),
    ],
  });
  await jobs.start();
  const endBackfills = openBackfillRunner({ config, rules, jobs });

  const endAlerts = openAlerts(config, jobs, rules);
  const endTracing = await openTracing(config, jobs);

  const server = serverOf(app, { requestMs: config.REQUEST_TIMEOUT_MS });
  server.once('error', (error) => fail(notListening(error, config.HOST, config.PORT)));
  server.listen(config.PORT, config.HOST, () => {
    const { address, port } = server.address() as AddressInfo;
    log.info({ url: `http://${address}:${port}` }, 'listening');
  });
  const stop = async (): Promise<void> => {
    server.close();
    server.closeIdleConnections();
    await listener.stop();
    await reviewing.attendant.stop();
    await gate.close();
    await endBackfills();
    await upsRs.stop();
    await copies.stop();
    endAlerts();
    await endTracing();
    await recorder.settled();
    await jobs.stop();
    await runner.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop().catch(fail));
}

/** In the log: which models there are, in which mode, and which packages are refused. */
async function tellModels(places: Places): Promise<Installation['models']> {
  const { models, refused } = await installed(places);
  for (const { identity, mode, why } of models)
    log[mode === 'clinical' || mode === 'canary' ? 'info' : 'warn'](
      { model: identity.id, version: identity.version, mode, why },
      'model ready',
    );
  for (const { fault } of refused) log.warn({ code: fault.code, detail: fault.detail }, 'model refused');
  return models;
}

/** Nothing where no console is built. */
async function reviewConsole(): Promise<readonly Router[]> {
  const dist = inHome('review-console/dist');
  if (await stat(`${dist}/index.html`).catch(() => undefined)) return [consoleRouter({ dist })];
  log.warn({ folder: dist }, 'no review console is built: run npm run setup');
  return [];
}

/** Nothing where no viewer is built. */
async function viewer({ OHIF_DIST, READ_FIRST }: Config): Promise<readonly Router[]> {
  const built = await stat(`${OHIF_DIST}/index.html`).catch(() => undefined);
  const settings = { readFirst: READ_FIRST };
  if (built) return [viewerRouter({ dist: OHIF_DIST, extension: inHome('ohif-extension'), settings })];
  log.warn({ folder: OHIF_DIST }, 'no viewer is built: run npm run setup');
  return [];
}

function fail(error: unknown): void {
  const fault = asFault(error);
  log.fatal(
    { code: fault.code, action: fault.spec.action, ...(fault.code === 'INTERNAL' ? { err: error } : {}) },
    fault.detail,
  );
  process.exit(1);
}

await main().catch(fail);
