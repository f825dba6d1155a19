import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Acceptance, Check } from '../models/acceptance.ts';
import type { Model } from '../models/load.ts';
import { asFault } from '../shared/fault.ts';
import { elementsCheck } from './check-elements.ts';
import { imageChecks } from './check-images.ts';
import { segmentationChecks } from './check-segmentation.ts';
import type { Outcome, Planned } from './planned.ts';
import type { Sample } from './samples.ts';
import { checkVectors, vectorsWanted } from './vectors.ts';

export interface CheckOptions {
  readonly samples: readonly Sample[];
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  readonly threads: number;
  /** What one analysis may take on the server. */
  readonly limits: { readonly ms: number; readonly memoryMb: number };
  /** Told of each check when it is done. */
  readonly progress: (check: Check) => void;
}

/** How many samples the maps are measured on, at most. */
export const MEASURED = { classification: 16, detection: 16, regression: 16, segmentation: 2 } as const;

/** All that must hold before a package may write into the archive, each with its figure. A check that cannot run has failed. */
export async function checkPackage(
  model: Model,
  folder: string,
  { samples, checkedAt, threads, limits, progress }: CheckOptions,
): Promise<Acceptance> {
  const { spec } = model;
  const special = await (spec.kind === 'segmentation'
    ? segmentationChecks({ ...model, spec }, samples, threads)
    : imageChecks({ ...model, spec }, samples, threads));
  const planned: readonly Planned[] = [
    {
      name: 'card',
      wanted: 'card.md says what is bad about the model',
      measure: () => card(folder),
    },
    {
      name: 'vectors',
      wanted: vectorsWanted(spec.kind),
      measure: () => checkVectors(folder, samples),
    },
    ...special.checks,
    elementsCheck(model, samples, threads),
    {
      name: 'resources',
      wanted: `a run within ${limits.ms / 1000} s and ${limits.memoryMb} MB`,
      measure: async () => resources(samples, limits),
    },
  ];
  const checks: Check[] = [];
  try {
    for (const { name, wanted, measure } of planned) {
      const outcome = await measure().catch((error: unknown) => ({
        passed: false,
        measured: `${asFault(error).code}: ${asFault(error).detail}`,
      }));
      const check = { name, wanted, ...outcome };
      checks.push(check);
      progress(check);
    }
  } finally {
    await special.close();
  }
  const { digest, version } = model.identity;
  return { schema: 1, digest, version, checkedAt, samples: samples.length, checks };
}

async function card(folder: string): Promise<Outcome> {
  const text = await readFile(join(folder, 'card.md'), 'utf8').catch(() => '');
  const [, bad = ''] = /^#+ What is bad about it\s*\n([\s\S]*?)(?=^#|(?![\s\S]))/m.exec(text) ?? [];
  return bad.trim() === ''
    ? { passed: false, measured: 'card.md has no part "What is bad about it"' }
    : { passed: true, measured: `${bad.trim().split('\n').length} lines` };
}

/** The memory is that of this process, which has more open than a worker has: an upper limit. */
function resources(samples: readonly Sample[], { ms, memoryMb }: CheckOptions['limits']): Outcome {
  const slowest = Math.max(0, ...samples.map((s) => s.ms));
  const peakMb = process.resourceUsage().maxRSS / 1024;
  return {
    passed: samples.length > 0 && slowest <= ms && peakMb <= memoryMb,
    measured: `${(slowest / 1000).toFixed(slowest < 10_000 ? 1 : 0)} s at most, under ${Math.ceil(peakMb / 100) * 100} MB with all checks`,
  };
}
