import type { Tap } from '../contracts.ts';
import { AUGMENTATIONS } from '../explain/augmentation.ts';
import { baselineAgreement } from '../explain/baseline-agreement.ts';
import { baselineOf } from '../explain/baselines.ts';
import { labelsOf } from '../explain/classes.ts';
import { disagreement } from '../explain/disagreement.ts';
import { parseModel } from '../explain/graph/onnx.ts';
import type { Runtime } from '../explain/graph/runtime.ts';
import { viewGraph } from '../explain/graph/view.ts';
import { counterfactual } from '../explain/methods/counterfactual.ts';
import type { Integrated } from '../explain/methods/gradients.ts';
import { type Explained, explainBy } from '../explain/methods/index.ts';
import { type OnnxSubject, openSubject } from '../explain/onnx-subject.ts';
import { maskedTarget } from '../explain/segmentation-target.ts';
import { type Attribution, size } from '../explain/subject.ts';
import { tissueOf } from '../explain/tissue.ts';
import { UNCERTAINTIES } from '../explain/uncertainty.ts';
import { Fault } from '../shared/fault.ts';
import { overTime, stacked } from './explain-cine.ts';
import { measuresOf } from './explain-measures.ts';
import { type ExplainOptions, isMethod, isUncertainty } from './explain-options.ts';
import type { Read } from './read-input.ts';

export interface Question {
  readonly model: Uint8Array;
  readonly read: Read;
  readonly options: ExplainOptions;
  readonly runtime: Runtime;
  /** The value that is explained; the model's first output when left out. */
  readonly of?: string;
  /** The package says that the output is scores, without space. */
  readonly classifies: boolean;
  /** The score at which the decision turns, where the package says so. */
  readonly goal?: number;
  readonly region?: Uint8Array;
  readonly truth?: Uint8Array;
  readonly progress: (line: string) => void;
}

export interface Answer {
  readonly attribution: Attribution;
  /** What is said of it besides its parameters. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** One question of `pellucid explain` on the input as a whole. Throws what the engine throws, and REQUEST_INVALID. */
export async function explainInput(it: Question): Promise<Answer> {
  const { options, read, runtime } = it;
  const { method, frames: over } = options;
  const [input = new Float32Array()] = read.frames;
  if (read.frames.length > 1 && !over)
    throw new Fault(
      'REQUEST_INVALID',
      `the input has ${read.frames.length} frames: say --frames each (a map a frame) or --frames time (what each frame adds)`,
    );
  if (isUncertainty(method)) {
    const model = await openForward(it);
    return { attribution: UNCERTAINTIES[method](await model.run(input)), facts: { of: model.of } };
  }
  if (method === 'disagreement') {
    const model = await openForward(it);
    const { structures, ...attribution } = await disagreement(
      async (x) => labelsOf(await model.run(x)),
      input,
      {
        dims: read.dims.slice(1),
        augmentations: options.augment.flatMap((name) => [...AUGMENTATIONS[name]]),
        progress: (done, of) => it.progress(`augmentation ${done + 1} of ${of}…`),
      },
    );
    return { attribution, facts: { of: model.of, structures } };
  }
  const { target, facts } = await targetOf(it, input);
  const subject = await openSubject(it.model, {
    runtime,
    inputDims: read.dims,
    target,
    layer: options.layer,
    ...(it.of ? { of: it.of } : {}),
  });
  try {
    it.progress(`${method} of ${subject.of}[${options.target}]…`);
    const found = await explainSubject(watched(subject, it.progress), it);
    return {
      ...found,
      facts: {
        of: subject.of,
        target: options.target,
        ...facts,
        ...found.facts,
        surrogate: subject.surrogate() ?? null,
      },
    };
  } finally {
    await subject.close();
  }
}

async function explainSubject(subject: OnnxSubject, it: Question): Promise<Answer> {
  const { options, read } = it;
  const { method, baselines } = options;
  const [input = new Float32Array()] = read.frames;
  const baseline = (x: Float32Array, name = baselines[0] as string) => baselineOf(name, x, subject.dims);
  if (options.frames === 'time') return overTime(subject, read.frames, baseline);
  if (method === 'counterfactual') return nearby(subject, input, it);
  if (!isMethod(method)) throw new Fault('INTERNAL', `${method} is no attribution`);
  if (options.frames === 'each') {
    const each: Explained[] = [];
    for (const [f, frame] of read.frames.entries()) {
      it.progress(`frame ${f + 1} of ${read.frames.length}…`);
      each.push(await explainBy(method, { subject, input: frame, baseline: baseline(frame) }));
    }
    return {
      attribution: stacked(
        each.map(({ attribution }) => attribution),
        subject.dims,
      ),
      facts: {
        scores: await subject.score(read.frames),
        fallback: each.find(({ fallback }) => fallback)?.fallback ?? null,
        baseline: baselines[0],
      },
    };
  }
  const [score] = await subject.score([input]);
  const explained = await explainBy(method, { subject, input, baseline: baseline(input) });
  const maps: Record<string, Float32Array> = { [baselines[0] as string]: explained.attribution.data };
  for (const name of baselines.slice(1)) {
    it.progress(`${method} again on the baseline ${name}…`);
    const other = await explainBy(method, { subject, input, baseline: baseline(input, name) });
    maps[name] = other.attribution.data;
  }
  if (options.measure) it.progress('measures of faithfulness…');
  return {
    attribution: explained.attribution,
    facts: {
      ...(options.measure
        ? {
            measures: await measuresOf({
              subject,
              input,
              baseline: baseline(input),
              attribution: explained.attribution,
              again: async (x) =>
                (await explainBy(method, { subject, input: x, baseline: baseline(x) })).attribution,
              ...(it.truth ? { truth: it.truth } : {}),
            }),
          }
        : {}),
      score,
      fallback: explained.fallback ?? null,
      baseline: baselines[0],
      ...gapOf(explained.attribution),
      ...(baselines.length > 1 ? { agreement: baselineAgreement(maps) } : {}),
    },
  };
}

/** What integrated gradients leave unexplained. */
const gapOf = (attribution: Attribution | Integrated): Readonly<Record<string, number>> =>
  'completenessGap' in attribution ? { completenessGap: attribution.completenessGap } : {};

async function nearby(subject: OnnxSubject, input: Float32Array, it: Question): Promise<Answer> {
  const goal = it.options.goal ?? it.goal;
  if (goal === undefined)
    throw new Fault('REQUEST_INVALID', 'counterfactual needs the score to reach: say --goal');
  const [score = 0] = await subject.score([input]);
  const found = await counterfactual(subject, input, {
    goal,
    tissue: tissueOf(input, subject.dims),
    range: extremes(input),
  });
  return {
    attribution: {
      method: 'counterfactual',
      dims: subject.dims,
      data: found.change,
      parameters: { goal, steps: found.steps, tissue: 'Otsu' },
    },
    facts: {
      score,
      reached: found.reached,
      scoreThen: found.score,
      meaning: 'model sensitivity: what would change the model’s decision, not what disease looks like',
    },
  };
}

/**
 * Where the output has space, the target is a class: over the region given, else over the model's own mask of it. Otherwise it is
 * a place in the output.
 */
async function targetOf(
  it: Question,
  input: Float32Array,
): Promise<{ readonly target: number | readonly number[]; readonly facts: object }> {
  const { target } = it.options;
  if (it.classifies) return { target, facts: {} };
  const output = await (await openForward(it)).run(input);
  if (output.dims.length < 3 || size(output.dims.slice(1)) < 2) {
    if (it.region) throw new Fault('REQUEST_INVALID', 'the output has no space that a region could lie in');
    return { target, facts: {} };
  }
  const places = maskedTarget(output, { label: target, ...(it.region ? { region: it.region } : {}) });
  return {
    target: places,
    facts: { mask: it.region ? 'region' : 'of the model', places: places.length },
  };
}

/** The model's output for an input, [c, …space]; each run opens the session anew, so that it holds no memory between. */
async function openForward({ model, read, runtime, of }: Question): Promise<{
  readonly of: string;
  run(input: Float32Array): Promise<Tap>;
}> {
  const { inputs, outputs } = viewGraph(parseModel(model));
  const [input] = inputs;
  const output = of ?? (outputs[0] as string);
  if (!input || inputs.length > 1)
    throw new Fault('MODEL_INPUT_MISMATCH', `the model has ${inputs.length} inputs, one is explained`);
  if (!outputs.includes(output))
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the model has no output ${output}; it has ${outputs.join(', ')}`,
    );
  return {
    of: output,
    run: async (data) => {
      const session = await runtime.open(model);
      try {
        const feeds = { [input.name]: { type: 'float32', dims: read.dims, data } as const };
        const found = (await session.run(feeds, [output]))[output];
        if (found?.type !== 'float32')
          throw new Fault('MODEL_INPUT_MISMATCH', `${output} is ${found?.type}, not float32`);
        return { dims: found.dims.slice(1), data: found.data };
      } finally {
        await session.close();
      }
    },
  };
}

/** The subject, telling every two seconds how often the model has run. */
function watched(subject: OnnxSubject, progress: (line: string) => void): OnnxSubject {
  let runs = 0;
  let told = performance.now();
  const count = (n: number): void => {
    runs += n;
    if (performance.now() - told < 2000) return;
    told = performance.now();
    progress(`${runs} runs of the model…`);
  };
  // The layer is asked for only by methods that need one: it may throw.
  return Object.create(subject, {
    score: {
      value: (inputs: readonly Float32Array[]) => {
        count(inputs.length);
        return subject.score(inputs);
      },
    },
    gradient: {
      value: (input: Float32Array) => {
        count(1);
        return subject.gradient(input);
      },
    },
  }) as OnnxSubject;
}

function extremes(data: Float32Array): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of data) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
}
