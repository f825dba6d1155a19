import { mkdir } from 'node:fs/promises';
import { loadConfig } from './config.ts';
import { createWorkerPool, openJobs } from './jobs/index.ts';
import { takeOverDecisions } from './models/shared-state.ts';
import { decisionsFile } from './places.ts';
import { Fault } from './shared/fault.ts';
import { log } from './shared/log.ts';
import { limitsOf, memoryOf } from './wiring/limits.ts';
import { openTracing } from './wiring/watching.ts';

/** A process that works through the queue of a shared database, and neither listens to the archive nor answers anyone. */
const config = loadConfig(process.env);
if (config.DATABASE_URL === '')
  throw new Fault('CONFIG_INVALID', 'DATABASE_URL is missing: only the queue of a PostgreSQL can be shared');
await mkdir(config.DATA_DIR, { recursive: true });
const runner = createWorkerPool({
  script: new URL('./worker.ts', import.meta.url),
  timeoutMs: config.JOB_TIMEOUT_MS,
  memoryMb: memoryOf(config),
});
const jobs = await openJobs({
  config,
  runner,
  concurrency: Math.max(1, config.CONCURRENCY),
  ...limitsOf(config),
});
await takeOverDecisions(decisionsFile(config), config.DATABASE_URL);
const endTracing = await openTracing(config, jobs);
await jobs.start();
log.info({ concurrency: config.CONCURRENCY }, 'working');

const stop = async (): Promise<void> => {
  await endTracing();
  await jobs.stop();
  await runner.stop();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void stop().catch(() => process.exit(1)));
