import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain } from '../explain/explain.ts';
import type { ElementName } from '../explanation.ts';
import type { Model } from '../models/load.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { need, type Outcome, type Planned } from './planned.ts';
import type { Sample } from './samples.ts';

/** An element that the decision needs is given on some sample at least: explained as the server does, sample by sample until each was. */
export const elementsCheck = (model: Model, samples: readonly Sample[], threads: number): Planned => ({
  name: 'elements',
  wanted: 'each element that the package says is required is given on a sample',
  measure: async () => {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'pellucid-check-'));
    try {
      return await given(model, samples, {
        runtime: onnxRuntime({ intraOpNumThreads: threads }),
        cacheFolder,
      });
    } finally {
      await rm(cacheFolder, { recursive: true, force: true });
    }
  },
});

async function given(
  model: Model,
  samples: readonly Sample[],
  engine: Parameters<typeof explain>[2],
): Promise<Outcome> {
  const { elements } = model.spec.interpretability;
  const required = (Object.keys(elements) as ElementName[]).filter((name) => elements[name].required);
  /** Why each is absent, as far as is known. */
  const missing = new Map(required.map((name) => [name, 'there are no findings']));
  const kept = need(samples.filter(({ prediction }) => prediction));
  let explained = 0;
  for (const { prediction, read } of kept) {
    if (missing.size === 0 || !prediction) break;
    const { findings } = await explain(model, { volume: await read(), prediction }, engine);
    explained++;
    for (const finding of findings)
      for (const name of missing.keys()) {
        const element = finding.elements[name];
        if (element.state === 'given') missing.delete(name);
        else missing.set(name, element.reason);
      }
  }
  const absent = [...missing].map(([name, reason]) => `${name} is absent: ${reason}`);
  return {
    passed: missing.size === 0,
    measured: `${absent.join('; ') || `${required.length} of ${required.length} given`}, ${explained} samples explained`,
  };
}
