import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Acceptance, Check } from '../models/acceptance.ts';
import type { Model } from '../models/load.ts';
import { asFault } from '../shared/fault.ts';
import { classificationChecks } from './check-classification.ts';
import { segmentationChecks } from './check-segmentation.ts';
import type { Outcome, Planned } from './planned.ts';
import { type Sample, Vectors } from './samples.ts';

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
export const MEASURED = { classification: 16, segmentation: 2 } as const;

/** What the limits are, and why: docs/models.md. Volumes may differ by either of two. */
const LIMITS = { score: 1e-3, volumeShare: 0.005, volumeMl: 0.05 } as const;

/** All that must hold before a package may write into the archive, each with its figure. A check that cannot run has failed. */
export async function checkPackage(
  model: Model,
  folder: string,
  { samples, checkedAt, threads, limits, progress }: CheckOptions,
): Promise<Acceptance> {
  const { spec } = model;
  const special = await (spec.kind === 'classification'
    ? classificationChecks({ ...model, spec }, samples, threads)
    : segmentationChecks({ ...model, spec }, samples, threads));
  const planned: readonly Planned[] = [
    {
      name: 'card',
      wanted: 'card.md says what is bad about the model',
      measure: () => card(folder),
    },
    {
      name: 'vectors',
      wanted:
        spec.kind === 'classification'
          ? `scores within ${LIMITS.score} of reference/vectors.json`
          : `volumes within ${100 * LIMITS.volumeShare} % or ${LIMITS.volumeMl} ml of reference/vectors.json`,
      measure: () => vectors(folder, samples, spec.kind),
    },
    ...special.checks,
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
  return { schema: 1, digest: model.identity.digest, checkedAt, samples: samples.length, checks };
}

async function card(folder: string): Promise<Outcome> {
  const text = await readFile(join(folder, 'card.md'), 'utf8').catch(() => '');
  const [, bad = ''] = /^#+ What is bad about it\s*\n([\s\S]*?)(?=^#|(?![\s\S]))/m.exec(text) ?? [];
  return bad.trim() === ''
    ? { passed: false, measured: 'card.md has no part "What is bad about it"' }
    : { passed: true, measured: `${bad.trim().split('\n').length} lines` };
}

async function vectors(
  folder: string,
  samples: readonly Sample[],
  kind: Model['spec']['kind'],
): Promise<Outcome> {
  const path = join(folder, 'reference', 'vectors.json');
  if (!(await stat(path).catch(() => undefined)))
    return { passed: false, measured: 'there is no reference/vectors.json: run pellucid model record' };
  const known = Vectors.parse(JSON.parse(await readFile(path, 'utf8')));
  const found = samples.filter(({ digest }) => known[digest]);
  if (found.length === 0)
    return { passed: false, measured: 'none of the samples is one of reference/vectors.json' };
  /** How far off, in parts of what is allowed. */
  let worst = { parts: 0, says: 'no difference' };
  for (const { name, digest, values } of found) {
    const wanted = known[digest] ?? {};
    for (const label of new Set([...Object.keys(wanted), ...Object.keys(values)])) {
      const [a, b] = [wanted[label], values[label]];
      if (a === undefined || b === undefined)
        return { passed: false, measured: `${label} of ${name} has no counterpart` };
      const allowed =
        kind === 'classification' ? LIMITS.score : Math.max(LIMITS.volumeMl, LIMITS.volumeShare * a);
      const gap = Math.abs(a - b);
      const says = `largest difference ${gap.toExponential(1)}${kind === 'classification' ? '' : ` of ${a.toFixed(2)} ml`} (${label} of ${name})`;
      if (!(gap / allowed <= worst.parts)) worst = { parts: gap / allowed, says };
    }
  }
  return {
    passed: worst.parts <= 1,
    measured: `${worst.says}, ${found.length} of ${samples.length} samples`,
  };
}

/** The memory is that of this process, which has more open than a worker has: an upper limit. */
function resources(samples: readonly Sample[], { ms, memoryMb }: CheckOptions['limits']): Outcome {
  const slowest = Math.max(0, ...samples.map((s) => s.ms));
  const peakMb = process.resourceUsage().maxRSS / 1024;
  return {
    passed: samples.length > 0 && slowest <= ms && peakMb <= memoryMb,
    measured: `${(slowest / 1000).toPrecision(2)} s at most, under ${Math.ceil(peakMb / 100) * 100} MB with all checks`,
  };
}
