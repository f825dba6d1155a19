import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BASELINES } from '../explain/baselines.ts';
import { readModelFile } from '../explain/graph/model-file.ts';
import { chanceMap, deletion, insertion } from '../explain/measures/curves.ts';
import { randomiseWeights } from '../explain/measures/randomisation.ts';
import { agreement } from '../explain/measures/shape.ts';
import { explainBy } from '../explain/methods/index.ts';
import { type OnnxSubject, openSubject, type SubjectOptions } from '../explain/onnx-subject.ts';
import { overInput } from '../explain/over-space.ts';
import type { Acceptance, Check } from '../models/acceptance.ts';
import type { Model } from '../models/load.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { layoutDims } from '../shared/layout.ts';
import { gaussian, seededRandom } from '../shared/random.ts';
import { type Sample, Vectors } from './samples.ts';

export type ClassificationModel = Model & { readonly spec: ClassificationSpec };

export interface CheckOptions {
  readonly samples: readonly Sample[];
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  readonly threads: number;
  /** Told of each check when it is done. */
  readonly progress: (check: Check) => void;
}

/** What the limits are, and why: docs/models.md. */
const LIMITS = { vector: 1e-3, gradient: 0.1, randomised: 0.7, stable: 0.5, worse: 0.05 } as const;
/** Curves and maps are measured on this many samples at most. */
const MEASURED = 16;

/** All that must hold before a package may write into the archive, each with its figure. A check that cannot run has failed. */
export async function checkPackage(
  model: ClassificationModel,
  folder: string,
  { samples, checkedAt, threads, progress }: CheckOptions,
): Promise<Acceptance> {
  const bytes = await readModelFile(model.onnxPath);
  const measured = samples.slice(0, MEASURED);
  const bench = await openBench(model, bytes, threads);
  const checks: Check[] = [];
  const run = async (name: string, wanted: string, measure: () => Promise<Outcome>): Promise<void> => {
    const outcome = await measure().catch((error: unknown) => ({
      passed: false,
      measured: `${asFault(error).code}: ${asFault(error).detail}`,
    }));
    const check = { name, wanted, ...outcome };
    checks.push(check);
    progress(check);
  };
  try {
    await run('card', 'card.md says what is bad about the model', () => card(folder));
    await run('vectors', `scores within ${LIMITS.vector} of reference/vectors.json`, () =>
      vectors(folder, samples),
    );
    await run('gradient', `within ${100 * LIMITS.gradient} % of finite differences`, () =>
      gradient(bench, measured),
    );
    await run('randomisation', `maps of shuffled weights agree by less than ${LIMITS.randomised}`, () =>
      randomisation(bench, measured),
    );
    await run('faithfulness', 'better than a random order in one curve, not worse in the other', () =>
      faithfulness(bench, measured),
    );
    await run('stability', `maps of images with 1 % noise agree by at least ${LIMITS.stable}`, () =>
      stability(bench, measured),
    );
  } finally {
    await bench.close();
  }
  return { schema: 1, digest: model.identity.digest, checkedAt, samples: samples.length, checks };
}

interface Outcome {
  readonly passed: boolean;
  readonly measured: string;
}

async function card(folder: string): Promise<Outcome> {
  const text = await readFile(join(folder, 'card.md'), 'utf8').catch(() => '');
  const [, bad = ''] = /^#+ What is bad about it\s*\n([\s\S]*?)(?=^#|(?![\s\S]))/m.exec(text) ?? [];
  return bad.trim() === ''
    ? { passed: false, measured: 'card.md has no part "What is bad about it"' }
    : { passed: true, measured: `${bad.trim().split('\n').length} lines` };
}

async function vectors(folder: string, samples: readonly Sample[]): Promise<Outcome> {
  const path = join(folder, 'reference', 'vectors.json');
  if (!(await stat(path).catch(() => undefined)))
    return { passed: false, measured: 'there is no reference/vectors.json: run pellucid model record' };
  const known = Vectors.parse(JSON.parse(await readFile(path, 'utf8')));
  const found = samples.filter(({ digest }) => known[digest]);
  if (found.length === 0)
    return { passed: false, measured: 'none of the samples is one of reference/vectors.json' };
  let [worst, where] = [0, ''];
  for (const { file, digest, scores } of found) {
    const wanted = known[digest] ?? {};
    for (const label of new Set([...Object.keys(wanted), ...Object.keys(scores)])) {
      const gap = Math.abs((wanted[label] ?? Number.NaN) - (scores[label] ?? Number.NaN));
      if (gap > worst || Number.isNaN(gap)) [worst, where] = [gap, `${label} of ${file}`];
    }
  }
  const figure = Number.isNaN(worst) ? `${where} has no counterpart` : worst.toExponential(1);
  return {
    passed: worst <= LIMITS.vector,
    measured: `largest difference ${figure}${worst > 0 ? ` (${where})` : ''}, ${found.length} images`,
  };
}

/** The target that is checked: the first. Others share all of the graph but their place in the output. */
interface Bench {
  readonly subject: OnnxSubject;
  readonly scores: OnnxSubject;
  readonly shuffled: OnnxSubject;
  readonly spec: ClassificationSpec;
  close(): Promise<void>;
}

async function openBench({ spec }: ClassificationModel, bytes: Uint8Array, threads: number): Promise<Bench> {
  const { channels, rows, columns, layout } = spec.input;
  const options: SubjectOptions = {
    runtime: onnxRuntime({ intraOpNumThreads: threads }),
    inputDims: layoutDims(layout, [1, channels, rows, columns]),
    layout,
    target: spec.output.targets[0]?.place ?? 0,
    layer: spec.explanation.layer,
  };
  const subject = await openSubject(bytes, { ...options, of: spec.output.logits });
  const scores = await openSubject(bytes, { ...options, of: spec.output.scores, layer: 'auto' });
  const shuffled = await openSubject(randomiseWeights(bytes, 3), { ...options, of: spec.output.logits });
  return {
    subject,
    scores,
    shuffled,
    spec,
    close: async () => {
      for (const s of [subject, scores, shuffled]) await s.close();
    },
  };
}

async function gradient({ subject, spec }: Bench, samples: readonly Sample[]): Promise<Outcome> {
  const gaps: number[] = [];
  try {
    for (const { input } of need(samples)) {
      const { gradient } = await subject.gradient(input);
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      if (norm === 0) continue;
      const step = 0.02 / norm;
      const [up = 0, down = 0] = await subject.score([
        input.map((v, i) => v + step * (gradient[i] as number)),
        input.map((v, i) => v - step * (gradient[i] as number)),
      ]);
      gaps.push(Math.abs((up - down) / (2 * step) / norm ** 2 - 1));
    }
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'VJP_MISSING') throw error;
    const usesNone = ['occlusion', 'occlusionCoarseToFine', 'rise', 'kernelShap', 'lime'].includes(
      spec.explanation.method,
    );
    return {
      passed: usesNone,
      measured: `none (${error.detail}); ${spec.explanation.method} ${usesNone ? 'needs none' : 'needs one'}`,
    };
  }
  const middle = median(gaps);
  const surrogate = subject.surrogate();
  return {
    passed: middle <= LIMITS.gradient,
    measured: `${(100 * middle).toFixed(1)} % off in the median${surrogate ? `; stand-in: ${surrogate}` : ''}`,
  };
}

async function randomisation(bench: Bench, samples: readonly Sample[]): Promise<Outcome> {
  const values: number[] = [];
  for (const { input } of need(samples)) {
    const own = await mapOf(bench, bench.subject, input);
    const other = await mapOf(bench, bench.shuffled, input);
    values.push(Math.abs(agreement(own, other) ?? 0));
  }
  const mean = meanOf(values);
  return { passed: mean < LIMITS.randomised, measured: `${mean.toFixed(2)} in the mean` };
}

async function faithfulness(bench: Bench, samples: readonly Sample[]): Promise<Outcome> {
  const { scores, spec } = bench;
  const gain = { deletion: [] as number[], insertion: [] as number[] };
  for (const [n, { input }] of need(samples).entries()) {
    const baseline = BASELINES[spec.explanation.baseline](input, scores.dims);
    const map = await mapOf(bench, bench.subject, input);
    const chance = chanceMap(scores.dims.slice(1), 100 + n);
    const area = async (curve: typeof deletion, order: Float32Array): Promise<number> =>
      (await curve(scores, input, order, { baseline })).area;
    gain.deletion.push((await area(deletion, chance)) - (await area(deletion, map)));
    gain.insertion.push((await area(insertion, map)) - (await area(insertion, chance)));
  }
  const [less, more] = [meanOf(gain.deletion), meanOf(gain.insertion)];
  return {
    passed: Math.max(less, more) > 0 && Math.min(less, more) > -LIMITS.worse,
    measured: `against random: deletion ${signed(less)}, insertion ${signed(more)} (positive is better)`,
  };
}

async function stability(bench: Bench, samples: readonly Sample[]): Promise<Outcome> {
  const values: number[] = [];
  for (const [n, { input }] of need(samples).entries()) {
    const random = seededRandom(200 + n);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const v of input) [low, high] = [Math.min(low, v), Math.max(high, v)];
    const noisy = input.map((v) => v + 0.01 * (high - low) * gaussian(random));
    const own = await mapOf(bench, bench.subject, input);
    values.push(agreement(own, await mapOf(bench, bench.subject, noisy)) ?? 0);
  }
  const mean = meanOf(values);
  return { passed: mean >= LIMITS.stable, measured: `${mean.toFixed(2)} in the mean` };
}

/** The package's own map on the image's grid. */
async function mapOf({ spec }: Bench, subject: OnnxSubject, input: Float32Array): Promise<Float32Array> {
  const baseline = BASELINES[spec.explanation.baseline](input, subject.dims);
  const { attribution } = await explainBy(spec.explanation.method, { subject, input, baseline });
  return overInput(attribution, subject.dims);
}

function need(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length === 0) throw new Fault('REQUEST_INVALID', 'no samples were given: say --samples');
  return samples;
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const signed = (v: number): string => `${v >= 0 ? '+' : '−'}${Math.abs(v).toFixed(3)}`;
