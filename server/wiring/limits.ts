import type { Config } from '../config.ts';
import type { createWorkerPool, JobsOptions } from '../jobs/index.ts';
import { memoryBudget } from '../jobs/memory.ts';
import { keyOf } from '../models/installed.ts';
import { modelPlaces } from '../places.ts';

/** What keeps analyses from the workers: the settings, and the operator who stopped a model. */
export function limitsOf(config: Config): Pick<JobsOptions, 'modelConcurrency' | 'keptBack' | 'reserve'> {
  const { MODEL_CONCURRENCY, MEMORY_MB } = config;
  const { decisions } = modelPlaces(config);
  const budget = MEMORY_MB > 0 ? memoryBudget(MEMORY_MB) : undefined;
  return {
    modelConcurrency: MODEL_CONCURRENCY,
    keptBack: async (model) =>
      (await decisions.read()).disabled.includes(keyOf(model)) ? 'the operator stopped the model' : undefined,
    ...(budget ? { reserve: (modelId: string) => budget.reserve(memoryOf(config)(modelId)) } : {}),
  };
}

/** What one worker process may use, MiB, by the model that it runs. */
export const memoryOf = ({ MODEL_MEMORY_MB, WORKER_MEMORY_MB }: Config) =>
  ((modelId) => MODEL_MEMORY_MB[modelId] ?? WORKER_MEMORY_MB) satisfies Parameters<
    typeof createWorkerPool
  >[0]['memoryMb'];
