import { BASELINES } from '../explain/baselines.ts';
import { readModelFile } from '../explain/graph/model-file.ts';
import { chanceMap, deletion, insertion } from '../explain/measures/curves.ts';
import { randomiseWeights } from '../explain/measures/randomisation.ts';
import { agreement } from '../explain/measures/shape.ts';
import { explainBy } from '../explain/methods/index.ts';
import { type OnnxSubject, openSubject, type SubjectOptions } from '../explain/onnx-subject.ts';
import { overInput } from '../explain/over-space.ts';
import { size } from '../explain/subject.ts';
import type { Model } from '../models/load.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { Fault } from '../shared/fault.ts';
import { layoutDims } from '../shared/layout.ts';
import { gaussian, seededRandom } from '../shared/random.ts';
import { gradientGap } from './gradient-gap.ts';
import { type ImageSpec, outputsOf } from './outputs.ts';
import { meanOf, need, type Outcome, type Special } from './planned.ts';
import type { Sample } from './samples.ts';

export type ImageModel = Model & { readonly spec: ImageSpec };

/** What the limits are, and why: docs/models.md. */
const LIMITS = { gradient: 0.1, randomised: 0.7, stable: 0.5, worse: 0.05 } as const;

/** The map of a model of images follows the model, and the images: measured on what the model saw of each sample. */
export async function imageChecks(
  model: ImageModel,
  samples: readonly Sample[],
  threads: number,
): Promise<Special> {
  const bench = await openBench(model, await readModelFile(model.onnxPath), threads);
  const inputs = samples.flatMap(({ prediction }) => prediction?.input?.data ?? []);
  return {
    close: bench.close,
    checks: [
      {
        name: 'gradient',
        wanted: `within ${100 * LIMITS.gradient} % of finite differences`,
        measure: () => gradient(bench, inputs),
      },
      {
        name: 'randomisation',
        wanted: `maps of shuffled weights agree by less than ${LIMITS.randomised}`,
        measure: () => randomisation(bench, inputs),
      },
      {
        name: 'faithfulness',
        wanted: 'better than a random order in one curve, not worse in the other',
        measure: () => faithfulness(bench, inputs),
      },
      {
        name: 'stability',
        wanted: `maps of images with 1 % noise agree by at least ${LIMITS.stable}`,
        measure: () => stability(bench, inputs),
      },
    ],
  };
}

/** The target that is checked: the first. Others share all of the graph but their place in the output. */
interface Bench {
  readonly subject: OnnxSubject;
  readonly scores: OnnxSubject;
  readonly shuffled: OnnxSubject;
  readonly spec: ImageSpec;
  close(): Promise<void>;
}

async function openBench({ spec }: ImageModel, bytes: Uint8Array, threads: number): Promise<Bench> {
  const { channels, rows, columns, layout } = spec.input;
  const runtime = onnxRuntime({ intraOpNumThreads: threads });
  const inputDims = layoutDims(layout, [1, channels, rows, columns]);
  const options: SubjectOptions = {
    runtime,
    inputDims,
    layout,
    target: await targetOf(spec, { bytes, runtime, inputDims }),
    layer: spec.explanation.layer,
  };
  const { explained: of, decides } = outputsOf(spec);
  const subject = await openSubject(bytes, { ...options, of });
  const scores = await openSubject(bytes, { ...options, of: decides, layer: 'auto' });
  const shuffled = await openSubject(randomiseWeights(bytes, 3), { ...options, of });
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

/** The place of the first target; of a detection the places of its class in all boxes, whose scores are added up. */
async function targetOf(
  spec: ImageSpec,
  {
    bytes,
    runtime,
    inputDims,
  }: Pick<SubjectOptions, 'runtime' | 'inputDims'> & { readonly bytes: Uint8Array },
): Promise<number | readonly number[]> {
  const place = spec.output.targets[0]?.place ?? 0;
  if (spec.kind !== 'detection') return place;
  const session = await runtime.open(bytes);
  try {
    const zeros = { type: 'float32', dims: inputDims, data: new Float32Array(size(inputDims)) } as const;
    const results = await session.run({ [spec.input.tensor]: zeros }, [spec.output.scores]);
    const [, count = 0, classes = 1] = results[spec.output.scores]?.dims ?? [];
    return Array.from({ length: count }, (_, n) => n * classes + place);
  } finally {
    await session.close();
  }
}

async function gradient({ subject, spec }: Bench, inputs: readonly Float32Array[]): Promise<Outcome> {
  let off: number;
  try {
    off = await gradientGap(subject, need(inputs));
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
  const surrogate = subject.surrogate();
  return {
    passed: off <= LIMITS.gradient,
    measured: `${(100 * off).toFixed(1)} % off in the median${surrogate ? `; stand-in: ${surrogate}` : ''}`,
  };
}

async function randomisation(bench: Bench, inputs: readonly Float32Array[]): Promise<Outcome> {
  const values: number[] = [];
  for (const input of need(inputs)) {
    const own = await mapOf(bench, bench.subject, input);
    const other = await mapOf(bench, bench.shuffled, input);
    values.push(Math.abs(agreement(own, other) ?? 0));
  }
  const mean = meanOf(values);
  return { passed: mean < LIMITS.randomised, measured: `${mean.toFixed(2)} in the mean` };
}

async function faithfulness(bench: Bench, inputs: readonly Float32Array[]): Promise<Outcome> {
  const { scores, spec } = bench;
  const gain = { deletion: [] as number[], insertion: [] as number[] };
  for (const [n, input] of need(inputs).entries()) {
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

async function stability(bench: Bench, inputs: readonly Float32Array[]): Promise<Outcome> {
  const values: number[] = [];
  for (const [n, input] of need(inputs).entries()) {
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

const signed = (v: number): string => `${v >= 0 ? '+' : '−'}${Math.abs(v).toFixed(3)}`;
