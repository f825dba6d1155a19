import { cachedGradient } from './graph/cache.ts';
import type { Runtime } from './graph/runtime.ts';
import type { SubjectOptions } from './onnx-subject.ts';

/** What explanations run on. */
export interface Engine {
  readonly runtime: Runtime;
  /** Keeps compiled gradients; may be deleted at any time. */
  readonly cacheFolder: string;
}

/** How a subject of a model with this digest opens sessions and gets its gradients: from the folder, else compiled. */
export const onEngine = (
  { runtime, cacheFolder: folder }: Engine,
  digest: string,
): Pick<SubjectOptions, 'runtime' | 'compile'> => ({
  runtime,
  compile: (model, request) => cachedGradient(model, request, { runtime, folder, digest }),
});
