import { mkdir, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Request, Router } from 'express';
import { type AccessEvents, openAccess } from './access/index.ts';
import { createApp } from './app.ts';
import { OURSELVES, openRecorder, type Recorder, type Who } from './audit/recorder.ts';
import { auditRouter } from './audit/routes.ts';
import { openTrail } from './audit/trail.ts';
import { archiveOf, type Config, loadConfig, modelPlaces } from './config.ts';
import type { SeriesArrived } from './contracts.ts';
import { verifyReport } from './encode/verify.ts';
import { eventsRouter } from './jobs/events.ts';
import { type Analysis, createWorkerPool, type ModelDecision, openJobs } from './jobs/index.ts';
import { analysesRouter } from './jobs/routes.ts';
import { listen } from './listen/changes.ts';
import { hookRouter } from './listen/hook.ts';
import { type Installed, installed, keyOf } from './models/installed.ts';
import { modelsRouter } from './models/routes.ts';
import { fetchInstance } from './retrieve/instance.ts';
import { assessmentsRouter } from './review/assessments.ts';
import { seriesAttributes } from './route/attributes.ts';
import { route } from './route/route.ts';
import { openRuleBook, type RuleBook } from './route/rule-book.ts';
import { offPeakBegin } from './route/rules.ts';
import { asFault } from './shared/fault.ts';
import { log } from './shared/log.ts';
import { dicomWebProxy } from './show/proxy.ts';
import { revealsRouter } from './show/reveals.ts';
import { viewerRouter } from './show/viewer.ts';
import { store } from './store/index.ts';

/** The composition root: configuration → wiring → listening. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  await mkdir(config.DATA_DIR, { recursive: true });
  const places = modelPlaces(config);
  const { models, refused } = await installed(places);
  for (const { identity, mode, why } of models)
    log[mode === 'clinical' ? 'info' : 'warn'](
      { model: identity.id, version: identity.version, mode, why },
      'model ready',
    );
  for (const { fault } of refused) log.warn({ code: fault.code, detail: fault.detail }, 'model refused');

  const archive = archiveOf(config);
  const runner = createWorkerPool({
    script: new URL('./worker.ts', import.meta.url),
    timeoutMs: config.JOB_TIMEOUT_MS,
    memoryMb: config.WORKER_MEMORY_MB,
  });
  const jobs = await openJobs({ config, runner });
  const trail = openTrail(jobs.sql);
  const recorder = openRecorder(trail);
  recorder.note({ ...OURSELVES, action: 'server-started', outcome: 'done' });
  jobs.onChange((analysis) => noteOutcome(recorder, analysis));
  const rules = await openRuleBook(config.RULES_FILE, ruleEvents(recorder));
  const access = await openAccess(
    { ...config, sessionFile: join(config.DATA_DIR, 'session.key') },
    accessEvents(recorder),
  );
  const listener = listen({
    archive,
    store: jobs.listenState,
    isOwnSeries: jobs.analyses.isOwnSeries,
    onArrived: async (arrived) => jobs.arrived(arrived, await decide(arrived, { config, rules })),
    pollMs: config.POLL_MS,
    settleMs: config.SETTLE_MS,
  });
  const app = createApp({
    access,
    routers: [
      hookRouter({ secret: config.HOOK_SECRET, wake: listener.wake }),
      analysesRouter(jobs.analyses),
      eventsRouter(jobs),
      revealsRouter((request, study) =>
        recorder.note({ ...whoOf(request), action: 'results-revealed', study, outcome: 'done' }),
      ),
      assessmentsRouter({
        organization: config.ASSESSMENT_ORGANIZATION,
        signer: ({ identity }) => (identity?.how === 'session' ? identity.name : undefined),
        fetch: (report) => fetchInstance(archive, config.DICOMWEB_PATH, report),
        verify: verifyReport,
        store: (object) => store(archive, config.DICOMWEB_PATH, [object]),
        onAssessed: (request, { StudyInstanceUID, verdict }, { SOPInstanceUID }) =>
          recorder.note({
            ...whoOf(request),
            action: 'assessment',
            study: StudyInstanceUID,
            object: SOPInstanceUID,
            outcome: 'done',
            detail: verdict,
          }),
      }),
      auditRouter(trail, whoOf),
      modelsRouter(() => installed(places)),
      dicomWebProxy(archive, config.DICOMWEB_PATH, (request, study) =>
        recorder.studyRead(whoOf(request), study),
      ),
      ...(await viewer(config)),
    ],
  });
  await jobs.start();

  const server = app.listen(config.PORT, config.HOST, (error?: Error) => {
    if (error) return fail(error);
    const { address, port } = server.address() as AddressInfo;
    log.info({ url: `http://${address}:${port}` }, 'listening');
  });
  const stop = async (): Promise<void> => {
    server.close();
    server.closeIdleConnections();
    await listener.stop();
    await recorder.settled();
    await jobs.stop();
    await runner.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop().catch(fail));
}

/** What becomes of analyses, rules and people, for the audit trail and the log. */
function noteOutcome(recorder: Recorder, { id, StudyInstanceUID, state, mode, fault }: Analysis): void {
  const about = { ...OURSELVES, study: StudyInstanceUID, object: id };
  if (state === 'done' && mode === 'clinical')
    recorder.note({ ...about, action: 'results-stored', outcome: 'done' });
  if (state === 'failed')
    recorder.note({
      ...about,
      action: 'analysis-failed',
      outcome: 'refused',
      detail: fault?.code ?? 'unknown',
    });
}

const ruleEvents = (recorder: Recorder): Parameters<typeof openRuleBook>[1] => ({
  onRead: ({ rules }) => {
    log.info({ rules: rules.length }, 'rules read');
    const detail = `${rules.length} rules are in force`;
    recorder.note({ ...OURSELVES, action: 'rules-changed', outcome: 'done', detail });
  },
  onRefused: ({ code, detail }) => {
    log.error({ code, detail }, 'rules refused; those before stay in force');
    recorder.note({ ...OURSELVES, action: 'rules-changed', outcome: 'refused' });
  },
});

const accessEvents = (recorder: Recorder): AccessEvents => ({
  onRefused: ({ code, detail }, request) => {
    const { method, path, identity } = request;
    log.warn({ code, detail, method, path }, 'refused');
    // Of strangers the log is enough: whoever likes could fill the trail.
    if (identity)
      recorder.note({
        ...whoOf(request),
        action: 'refused',
        object: `${method} ${path}`.slice(0, 256),
        outcome: 'refused',
      });
  },
  onLogIn: ({ subject, name, role }) =>
    recorder.note({ who: subject, whoName: name, action: 'log-in', outcome: 'done', detail: `as ${role}` }),
});

const whoOf = ({ identity }: Request): Who => ({
  who: identity?.subject ?? 'unknown',
  whoName: identity?.name ?? 'unknown',
});

/** Which models run on the series and how, and why not the others: by the packages and the operator's decisions as they are now. */
async function decide(
  arrived: SeriesArrived,
  { config, rules }: { readonly config: Config; readonly rules: RuleBook },
): Promise<readonly ModelDecision[]> {
  const attributes = await seriesAttributes(archiveOf(config), config.DICOMWEB_PATH, arrived);
  const { models } = await installed(modelPlaces(config));
  const candidates = models.map(({ identity, spec }) => ({ id: keyOf(identity), accepts: spec.accepts }));
  const inForce = await rules.current();
  return route(attributes, candidates, inForce).map((decision): ModelDecision => {
    const { why } = decision;
    const found = models.find(({ identity }) => keyOf(identity) === decision.modelId) as Installed;
    const { id, version, digest } = found.identity;
    const model = { id, version, digest };
    if (!decision.run) return { model, run: false, why };
    if (found.mode === 'disabled') return { model, run: false, why: found.why };
    const { priority } = decision;
    return {
      model,
      run: true,
      why,
      priority,
      ...(priority === 'off-peak' && inForce ? { notBefore: offPeakBegin(inForce, new Date()) } : {}),
      ...(found.mode === 'shadow' ? { shadow: found.why } : {}),
    };
  });
}

/** Nothing where no viewer is built. */
async function viewer({ OHIF_DIST }: Config): Promise<readonly Router[]> {
  const built = await stat(`${OHIF_DIST}/index.html`).catch(() => undefined);
  if (built) return [viewerRouter({ dist: OHIF_DIST, extension: 'ohif-extension' })];
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
