import type { LabelMap, Prediction, Volume } from '../contracts.ts';
import { labelsOf } from '../explain/classes.ts';
import { readModelFile } from '../explain/graph/model-file.ts';
import { randomiseWeights } from '../explain/measures/randomisation.ts';
import { agreement } from '../explain/measures/shape.ts';
import { openSubject } from '../explain/onnx-subject.ts';
import { maskedTarget } from '../explain/segmentation-target.ts';
import { cut } from '../explain/tiles.ts';
import { infer } from '../infer/infer.ts';
import { prepare } from '../infer/prepare.ts';
import { padded } from '../infer/tiles.ts';
import type { Model } from '../models/load.ts';
import type { SegmentationSpec } from '../models/schema.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { Fault } from '../shared/fault.ts';
import { gaussian, seededRandom } from '../shared/random.ts';
import { ruleCheck } from './check-rule.ts';
import { meanOf, need, type Outcome, type Planned, type Special } from './planned.ts';
import type { Sample } from './samples.ts';
import { inputDims } from './study-segmentation.ts';

export type SegmentationModel = Model & { readonly spec: SegmentationSpec };

/** What the limits are, and why: docs/models.md. */
const LIMITS = { gradient: 0.1, randomised: 0.7, stable: 0.9 } as const;
/** Gradients are measured in a box of so many voxels an edge from the middle of what the model reads. */
const EDGE = 64;
/** Dice of a smaller structure says more of its size than of the model. */
const FEW_VOXELS = 100;

/** The gradient of a structure's masked sum is right and follows the weights; the masks hold under small changes of the images. */
export async function segmentationChecks(
  model: SegmentationModel,
  samples: readonly Sample[],
  threads: number,
): Promise<Special> {
  const measured = samples.filter((s) => s.prediction !== undefined);
  let box: Promise<Box> | undefined;
  const theBox = (): Promise<Box> => {
    box ??= openBox(model, need(measured)[0] as Sample, threads);
    return box;
  };
  const { rule } = model.spec;
  const steadiness: Planned = {
    name: 'stability',
    wanted: `masks under 1 % noise, and of images moved by a pixel, overlap by at least ${LIMITS.stable} (Dice, mean)`,
    measure: () => stability(model, need(measured), threads),
  };
  if (rule !== undefined)
    return { close: async () => undefined, checks: [ruleCheck(model.onnxPath, rule), steadiness] };
  return {
    close: async () => undefined,
    checks: [
      {
        name: 'gradient',
        wanted: `within ${100 * LIMITS.gradient} % of finite differences`,
        measure: async () => gradient(await theBox()),
      },
      {
        name: 'randomisation',
        wanted: `the map of shuffled weights agrees by less than ${LIMITS.randomised}`,
        measure: async () => randomisation(await theBox()),
      },
      steadiness,
    ],
  };
}

/** A part of what the model reads, and the structure that has most voxels in it. */
interface Box {
  readonly input: Float32Array;
  readonly name: string;
  /** The box through the model, with its own weights or shuffled ones: the sum over the structure's own mask. */
  readonly run: <T>(shuffled: boolean, work: (subject: Subject) => Promise<T>) => Promise<T>;
}
type Subject = Awaited<ReturnType<typeof openSubject>>;

async function openBox(
  { onnxPath, spec: { input, output } }: SegmentationModel,
  sample: Sample,
  threads: number,
): Promise<Box> {
  const prepared = prepare(await sample.read(), input).grid;
  const grid = input.tiles ? padded(prepared, input.tiles) : prepared;
  const bytes = await readModelFile(onnxPath);
  // A tile is what the model reads; without tiles an axis of a fixed size is read whole.
  const fixed = inputDims(bytes)?.slice(2) ?? [];
  const shape =
    input.tiles?.size ?? grid.shape.map((n, axis) => (fixed[axis] === undefined ? Math.min(n, EDGE) : n));
  const start = grid.shape.map((n, axis) => Math.floor((n - (shape[axis] as number)) / 2));
  const dims = [1, 1, ...shape];
  const data = cut(Float32Array.from(grid.data), [1, ...grid.shape], { start, dims: shape });
  const runtime = onnxRuntime({ intraOpNumThreads: threads });
  const session = await runtime.open(bytes);
  const found = await session
    .run({ [input.tensor]: { type: 'float32', dims, data } }, [output.logits])
    .finally(() => session.close());
  const logits = found[output.logits];
  if (!(logits?.data instanceof Float32Array))
    throw new Fault('MODEL_INPUT_MISMATCH', `the output ${output.logits} is missing or not float32`);
  const values = { dims: logits.dims.slice(1), data: logits.data };
  const label = commonest(labelsOf(values));
  const target = maskedTarget(values, { label });
  return {
    input: data,
    name: output.labels[label - 1]?.label ?? `class ${label}`,
    run: async (shuffled, work) => {
      const subject = await openSubject(shuffled ? randomiseWeights(bytes, 3) : bytes, {
        runtime,
        inputDims: dims,
        of: output.logits,
        target,
      });
      try {
        return await work(subject);
      } finally {
        await subject.close();
      }
    },
  };
}

/** The class, background aside, that most places have. Throws MODEL_RUN_FAILED when there is none. */
function commonest(labels: Uint16Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) if (label > 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a);
  if (!first)
    throw new Fault('MODEL_RUN_FAILED', 'the model marks nothing in the middle of the first sample');
  return first[0];
}

/** Along the gradient itself: the sum must grow by what the gradient says. The step changes it by a thousandth. */
async function gradient({ run, input, name }: Box): Promise<Outcome> {
  return run(false, async (subject) => {
    const { score, gradient: slope } = await subject.gradient(input);
    const norm = Math.sqrt(slope.reduce((sum, g) => sum + g * g, 0));
    if (norm === 0) return { passed: false, measured: `the gradient of ${name} is zero everywhere` };
    const step = (1e-3 * Math.max(1, Math.abs(score))) / norm ** 2;
    const [up = 0, down = 0] = await subject.score(
      [step, -step].map((s) => input.map((v, i) => v + s * (slope[i] as number))),
    );
    const off = Math.abs((up - down) / (2 * step) / norm ** 2 - 1);
    return {
      passed: off <= LIMITS.gradient,
      measured: `${(100 * off).toFixed(1)} % off (${name}, ${input.length} voxels)`,
    };
  });
}

async function randomisation({ run, input, name }: Box): Promise<Outcome> {
  const map = (shuffled: boolean): Promise<Float32Array> =>
    run(shuffled, async (subject) =>
      (await subject.gradient(input)).gradient.map((g, i) => g * (input[i] as number)),
    );
  const value = Math.abs(agreement(await map(false), await map(true)) ?? 0);
  return {
    passed: value < LIMITS.randomised,
    measured: `${value.toFixed(2)} (input times gradient, ${name})`,
  };
}

async function stability(
  model: SegmentationModel,
  samples: readonly Sample[],
  threads: number,
): Promise<Outcome> {
  const noise: number[] = [];
  const moved: number[] = [];
  for (const sample of samples) {
    const volume = await sample.read();
    const own = labelMapOf(sample.prediction as Prediction);
    const again = async (data: Float32Array): Promise<LabelMap> =>
      labelMapOf(await infer(model, { ...volume, data }, { threads }));
    noise.push(...dices(own, await again(noisy(volume.data)), 0));
    moved.push(...dices(own, await again(shifted(volume)), 1));
  }
  const [underNoise, underShift] = [meanOf(noise), meanOf(moved)];
  return {
    passed: Math.min(underNoise, underShift) >= LIMITS.stable,
    measured: `noise ${underNoise.toFixed(3)} (least ${Math.min(...noise).toFixed(2)}), moved ${underShift.toFixed(3)} (least ${Math.min(...moved).toFixed(2)})`,
  };
}

function labelMapOf({ labelMap }: Prediction): LabelMap {
  if (!labelMap) throw new Fault('MODEL_RUN_FAILED', 'the segmentation came without a label map');
  return labelMap;
}

/** With noise of 1 % of the range from the 1st to the 99th percentile. */
function noisy(data: Float32Array): Float32Array {
  const some = data.filter((_, i) => i % 101 === 0).sort();
  const at = (share: number): number => some[Math.floor(share * (some.length - 1))] as number;
  const sigma = 0.01 * (at(0.99) - at(0.01));
  const random = seededRandom(200);
  return data.map((v) => v + sigma * gaussian(random));
}

/** Each frame moved by one row and one column. */
function shifted({ data, shape: [frames, rows, columns] }: Volume): Float32Array {
  const out = new Float32Array(data.length);
  for (let frame = 0, at = 0; frame < frames; frame++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, at++)
        out[at] = data[at - (row > 0 ? columns : 0) - (column > 0 ? 1 : 0)] as number;
  return out;
}

/** Dice of each structure of some size, with the second map moved back by so many pixels along rows and columns. */
function dices(a: LabelMap, b: LabelMap, by: number): readonly number[] {
  const [frames, rows, columns] = a.shape;
  const inA = new Map<number, number>();
  const inB = new Map<number, number>();
  const both = new Map<number, number>();
  const count = (into: Map<number, number>, label: number): void =>
    void (label && into.set(label, (into.get(label) ?? 0) + 1));
  for (let frame = 0; frame < frames; frame++)
    for (let row = 0; row < rows - by; row++)
      for (let column = 0; column < columns - by; column++) {
        const at = (frame * rows + row) * columns + column;
        const [x, y] = [a.data[at] as number, b.data[at + by * (columns + 1)] as number];
        count(inA, x);
        count(inB, y);
        if (x === y) count(both, x);
      }
  const large = [...inA].filter(([, n]) => n >= FEW_VOXELS);
  if (large.length === 0)
    throw new Fault('MODEL_RUN_FAILED', 'the model marks next to nothing on this sample');
  return large.map(([label, n]) => (2 * (both.get(label) ?? 0)) / (n + (inB.get(label) ?? 0)));
}
