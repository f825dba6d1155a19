import { join } from 'node:path';
import { loadConfig } from './config.ts';
import type { DicomObject, ModelJob, WorkState } from './contracts.ts';
import { type FromWorker, type StoredObject, ToWorker } from './jobs/protocol.ts';
import { loadModels } from './models/load.ts';
import { runPipeline } from './pipeline.ts';
import { archiveOf, furtherTargets, modelPlaces, siteOf } from './places.ts';
import { asFault } from './shared/fault.ts';
import { log } from './shared/log.ts';

/** The process that does the work: one job after another, as jobs/protocol.ts says. It ends with its server. */

const config = loadConfig(process.env);
let proceed: (() => void) | undefined;

process.on('disconnect', () => process.exit(0));
process.on('message', (raw) => {
  const message = ToWorker.parse(raw);
  if (message.type === 'go') proceed?.();
  else void work(message.job);
});

async function work(job: ModelJob): Promise<void> {
  const clock = stopwatch();
  try {
    const { findings, objects, context } = await runPipeline(job, {
      archive: archiveOf(config),
      dicomWebPath: config.DICOMWEB_PATH,
      // Read anew for each job: a package may have come since.
      models: (await loadModels(modelPlaces(config).path)).ready,
      spoolFolder: join(config.DATA_DIR, 'spool'),
      gradientFolder: join(config.DATA_DIR, 'gradients'),
      threads: config.ORT_THREADS,
      alsoWrite: config.ALSO_WRITE,
      furtherTargets: furtherTargets(config),
      site: siteOf(config),
      onState: (state) => {
        clock.begin(state);
        say({ type: 'state', state });
      },
      beforeStore: (made) => permission(made.map(facts)),
    });
    say({
      type: 'done',
      result: { findings: [...findings], objects: objects.map(facts), context, timings: clock.end() },
    });
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'INTERNAL') log.error({ analysis: job.analysisId, err: error }, 'unexpected error');
    say({ type: 'fault', code: fault.code, detail: fault.detail });
  }
}

/** Resolves when the server has recorded the objects as ours. */
function permission(objects: readonly StoredObject[]): Promise<void> {
  return new Promise((go) => {
    proceed = go;
    say({ type: 'objects', objects: [...objects] });
  });
}

const facts = ({ kind, SOPClassUID, SOPInstanceUID, SeriesInstanceUID }: DicomObject): StoredObject => ({
  kind,
  SOPClassUID,
  SOPInstanceUID,
  SeriesInstanceUID,
});

const say = (message: FromWorker): void => void process.send?.(message);

/** Milliseconds spent in each state. */
function stopwatch() {
  const timings: Partial<Record<WorkState, number>> = {};
  let current: { state: WorkState; since: number } | undefined;
  const stop = (): void => {
    if (current) timings[current.state] = Math.round(performance.now() - current.since);
  };
  return {
    begin: (state: WorkState): void => {
      stop();
      current = { state, since: performance.now() };
    },
    end: (): Partial<Record<WorkState, number>> => {
      stop();
      return timings;
    },
  };
}
