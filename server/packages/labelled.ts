import { BASELINES } from '../explain/baselines.ts';
import { readModelFile } from '../explain/graph/model-file.ts';
import { randomiseWeights } from '../explain/measures/randomisation.ts';
import { explainBy } from '../explain/methods/index.ts';
import { type OnnxSubject, openSubject, type SubjectOptions } from '../explain/onnx-subject.ts';
import { overInput } from '../explain/over-space.ts';
import { size } from '../explain/subject.ts';
import type { Model } from '../models/load.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { layoutDims } from '../shared/layout.ts';
import { type ImageSpec, outputsOf } from './outputs.ts';
import type { Sample } from './samples.ts';

export type ImageModel = Model & { readonly spec: ImageSpec };

/** Images that all labels share among them, and the fewest of one. */
const IMAGES = { all: 16, each: 4 } as const;

/** One label of the model, with the images that it scores highest. */
export interface Labelled {
  readonly label: string;
  readonly subject: OnnxSubject;
  readonly scores: OnnxSubject;
  readonly shuffled: OnnxSubject;
  readonly spec: ImageSpec;
  readonly inputs: readonly Float32Array[];
  /** The package's own map of the nth image; made once. */
  readonly own: (n: number) => Promise<Float32Array>;
}

export interface Bench {
  /** None without samples. */
  readonly labels: readonly Labelled[];
  close(): Promise<void>;
}

/** The model and the same with shuffled weights, opened once for all labels. */
export async function openBench(
  { spec, onnxPath }: ImageModel,
  samples: readonly Sample[],
  threads: number,
): Promise<Bench> {
  const bytes = await readModelFile(onnxPath);
  const { channels, rows, columns, layout } = spec.input;
  const runtime = onnxRuntime({ intraOpNumThreads: threads });
  const inputDims = layoutDims(layout, [1, channels, rows, columns]);
  const placed = await placesOf(spec, { bytes, runtime, inputDims });
  const options: SubjectOptions = {
    runtime,
    inputDims,
    layout,
    target: placed(0),
    layer: spec.explanation.layer,
  };
  const { explained: of, decides } = outputsOf(spec);
  const subject = await openSubject(bytes, { ...options, of });
  const scores = await openSubject(bytes, { ...options, of: decides, layer: 'auto' });
  const shuffled = await openSubject(randomiseWeights(bytes, 3), { ...options, of });
  const { targets } = spec.output;
  const labels = targets.map(({ place, label: { label } }): Labelled => {
    const at = placed(place);
    const inputs = highest(label, samples, targets.length);
    const it = {
      label,
      spec,
      inputs,
      subject: subject.at(at),
      scores: scores.at(at),
      shuffled: shuffled.at(at),
    };
    const made = new Map<number, Promise<Float32Array>>();
    const own = (n: number): Promise<Float32Array> => {
      const map = made.get(n) ?? mapOf(it, it.subject, inputs[n] as Float32Array);
      made.set(n, map);
      return map;
    };
    return { ...it, own };
  });
  return {
    labels: samples.length === 0 ? [] : labels,
    close: async () => {
      for (const s of [subject, scores, shuffled]) await s.close();
    },
  };
}

/** What the model saw of the samples that have most of a label: a map of what is not there says little. */
function highest(label: string, samples: readonly Sample[], labels: number): readonly Float32Array[] {
  const score = ({ values }: Sample): number => Number(values[label] ?? 0);
  return samples
    .toSorted((a, b) => score(b) - score(a))
    .slice(0, Math.max(IMAGES.each, Math.floor(IMAGES.all / labels)))
    .map(({ prediction }) => prediction?.input?.data as Float32Array);
}

/** The target of a place; of a detection all boxes, whose scores for that class are added up. */
async function placesOf(
  spec: ImageSpec,
  {
    bytes,
    runtime,
    inputDims,
  }: Pick<SubjectOptions, 'runtime' | 'inputDims'> & { readonly bytes: Uint8Array },
): Promise<(place: number) => SubjectOptions['target']> {
  if (spec.kind !== 'detection') return (place) => place;
  const session = await runtime.open(bytes);
  try {
    const zeros = { type: 'float32', dims: inputDims, data: new Float32Array(size(inputDims)) } as const;
    const results = await session.run({ [spec.input.tensor]: zeros }, [spec.output.scores]);
    const [, count = 0, classes = 1] = results[spec.output.scores]?.dims ?? [];
    return (place) => Array.from({ length: count }, (_, n) => n * classes + place);
  } finally {
    await session.close();
  }
}

/** The package's own map on the image's grid. */
export async function mapOf(
  { spec }: Pick<Labelled, 'spec'>,
  subject: OnnxSubject,
  input: Float32Array,
): Promise<Float32Array> {
  const baseline = BASELINES[spec.explanation.baseline](input, subject.dims);
  const { attribution } = await explainBy(spec.explanation.method, { subject, input, baseline });
  return overInput(attribution, subject.dims);
}
