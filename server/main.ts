import { mkdir, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.ts';
import { archiveOf, type Config, loadConfig, modelPlaces } from './config.ts';
import type { SeriesArrived } from './contracts.ts';
import { eventsRouter } from './jobs/events.ts';
import { createWorkerPool, type ModelDecision, openJobs } from './jobs/index.ts';
import { analysesRouter } from './jobs/routes.ts';
import { listen } from './listen/changes.ts';
import { hookRouter } from './listen/hook.ts';
import { type Installed, installed, keyOf } from './models/installed.ts';
import { modelsRouter } from './models/routes.ts';
import { seriesFacts } from './route/facts.ts';
import { route } from './route/route.ts';
import { asFault } from './shared/fault.ts';
import { log } from './shared/log.ts';
import { dicomWebProxy } from './show/proxy.ts';
import { revealsRouter } from './show/reveals.ts';
import { viewerRouter } from './show/viewer.ts';

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
  const listener = listen({
    archive,
    store: jobs.listenState,
    isOwnSeries: jobs.analyses.isOwnSeries,
    onArrived: async (arrived) => jobs.arrived(arrived, await decide(arrived, config)),
    pollMs: config.POLL_MS,
    settleMs: config.SETTLE_MS,
  });
  const app = createApp({
    hook: hookRouter({ secret: config.HOOK_SECRET, wake: listener.wake }),
    analyses: analysesRouter(jobs.analyses),
    events: eventsRouter(jobs),
    reveals: revealsRouter(),
    models: modelsRouter(() => installed(places)),
    dicomWeb: dicomWebProxy(archive, config.DICOMWEB_PATH),
    ...(await viewer(config)),
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
    await jobs.stop();
    await runner.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop().catch(fail));
}

/** Which models run on the series and how, and why not the others: by the packages and the operator's decisions as they are now. */
async function decide(arrived: SeriesArrived, config: Config): Promise<readonly ModelDecision[]> {
  const facts = await seriesFacts(archiveOf(config), config.DICOMWEB_PATH, arrived);
  const { models } = await installed(modelPlaces(config));
  const candidates = models.map(({ identity, spec }) => ({ id: keyOf(identity), accepts: spec.accepts }));
  return route(facts, candidates).map(({ modelId, run, why }): ModelDecision => {
    const found = models.find(({ identity }) => keyOf(identity) === modelId) as Installed;
    const { id, version, digest } = found.identity;
    const model = { id, version, digest };
    if (run && found.mode === 'disabled') return { model, run: false, why: found.why };
    return { model, run, why, ...(found.mode === 'shadow' ? { shadow: found.why } : {}) };
  });
}

async function viewer({ OHIF_DIST }: Config) {
  const built = await stat(`${OHIF_DIST}/index.html`).catch(() => undefined);
  if (built) return { viewer: viewerRouter({ dist: OHIF_DIST, extension: 'ohif-extension' }) };
  log.warn({ folder: OHIF_DIST }, 'no viewer is built: run npm run setup');
  return {};
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
