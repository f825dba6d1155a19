import type { Tap } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { fromLayout, intoLayout, type Layout } from '../shared/layout.ts';
import { type CompiledGradient, compileGradient, type GradientRequest } from './graph/compile.ts';
import { inline } from './graph/inline.ts';
import { findLinearHead } from './graph/linear-head.ts';
import { append, parseModel, valueInfo } from './graph/onnx.ts';
import { findPath } from './graph/path.ts';
import { probe } from './graph/probe.ts';
import { type ModelBytes, numbersOf, type OpenModel, type Runtime, type Tensor } from './graph/runtime.ts';
import { isFloat } from './graph/types.ts';
import { type GraphView, viewGraph } from './graph/view.ts';
import { chooseLayer, noLayer, spatialBefore } from './layers.ts';
import { type Ablatable, type Differentiable, size } from './subject.ts';
import { type Tail, tailOf } from './tail.ts';
import { NOT_DIFFERENTIABLE, RULES } from './vjp/index.ts';

export interface SubjectOptions {
  readonly runtime: Runtime;
  /** Compiles a gradient; left out, without a cache. */
  readonly compile?: (model: Uint8Array, request: GradientRequest) => Promise<CompiledGradient>;
  /** Dims of the one input as the model has them, with its batch axis of 1. */
  readonly inputDims: readonly number[];
  /** Where they have the channels; before the space when left out. Methods see [c, …space] in any case. */
  readonly layout?: Layout;
  /** The value that is explained, an output or one inside; the first output when left out. */
  readonly of?: string;
  /** Place in that output, row-major without the batch axis; or the places whose values are added up. */
  readonly target: number | readonly number[];
  /** An ONNX value [1, c, …space], or `auto`: the last spatial one before the output. */
  readonly layer?: string;
}

/** A model with one input as a subject of all methods; graphs are compiled and opened when they are first asked for. */
export interface OnnxSubject extends Differentiable, Ablatable {
  readonly of: string;
  /** The value whose means over the space make up the score by one linear unit; undefined for other heads. */
  readonly exactLayer: string | undefined;
  /** The spatial values between input and output, in the graph's order. */
  readonly layers: readonly string[];
  /** The activation [c, …space] of the layer, or of another, without a gradient. */
  activation(input: Float32Array, layer?: string): Promise<Tap>;
  /** The same graphs and sessions for another target; closed with this one. Throws MODEL_INPUT_MISMATCH. */
  at(target: SubjectOptions['target']): OnnxSubject;
  /** Why gradients are those of a stand-in; null when they are the model's own, undefined before the first gradient. */
  surrogate(): string | null | undefined;
  close(): Promise<void>;
}

/** Throws MODEL_INPUT_MISMATCH for names, dims and targets that the model does not have; VJP_MISSING from gradients. */
export async function openSubject(model: Uint8Array, options: SubjectOptions): Promise<OnnxSubject> {
  const { runtime, inputDims, layout = 'NCHW' } = options;
  const compileWith = options.compile ?? ((bytes, request) => compileGradient(bytes, request, runtime));
  const input = onlyInput(viewGraph(parseModel(model)));
  // Functions and fused operators hide their layers until they are written out.
  const plain = await inline(model, { inputDims: { [input]: inputDims }, runtime });
  const view = viewGraph(parseModel(plain));
  const of = options.of ?? (view.outputs[0] as string);
  const type = view.types.get(of);
  if (type === undefined) {
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the model has no output ${of}; it has ${view.outputs.join(', ')}`,
    );
  }
  const whole = view.outputs.includes(of) ? model : showing(plain, of, view);
  const way = wayTo(view, input, of);
  const shapes = await spatialValues(plain, view, { input, way: way.values, of, ...options });
  const layer = chooseLayer(options.layer ?? 'auto', { shapes, of, view });
  const needLayer = (): string => layer ?? noLayer(way.missing);
  const outputDims = shapes.get(of) as readonly number[];

  const opened = new Map<string, Promise<OpenModel>>();
  const open = (name: string, bytes: () => Promise<ModelBytes>): Promise<OpenModel> => {
    const known = opened.get(name) ?? bytes().then((b) => runtime.open(b));
    opened.set(name, known);
    return known;
  };
  const compiled = new Map<string, Promise<CompiledGradient>>();
  const compile = (wrt: string): Promise<CompiledGradient> => {
    const known =
      compiled.get(wrt) ?? compileWith(whole, { of, wrt: [wrt], inputDims: { [input]: inputDims } });
    compiled.set(wrt, known);
    return known;
  };
  let surrogate: string | null | undefined;
  let tail: Tail | undefined;
  const scoreIn = (tensor: Tensor | undefined, target: readonly number[]): number => {
    const numbers = numbersOf(tensor as Tensor);
    const score = target.reduce((sum, i) => sum + (numbers[i] as number), 0);
    if (!Number.isFinite(score))
      throw new Fault('MODEL_RUN_FAILED', `the score of ${of} is ${score}: check weights and input`);
    return score;
  };
  const channels = (layout === 'NCHW' ? inputDims[1] : inputDims.at(-1)) ?? 1;
  const space = layout === 'NCHW' ? inputDims.slice(2) : inputDims.slice(1, -1);
  const feed = (data: Float32Array): Tensor => ({
    type: 'float32',
    dims: inputDims,
    data: intoLayout(layout, data, channels),
  });

  const backward = async (
    wrt: string,
    data: Float32Array,
    { target, fetch = [] }: { readonly target: readonly number[]; readonly fetch?: readonly string[] },
  ) => {
    const graph = await compile(wrt);
    surrogate = graph.surrogate;
    const session = await open(`∂/∂${wrt}`, async () => graph.parts);
    const seed = seedTensor(graph, target);
    const name = graph.gradients[wrt] as string;
    const results = await session.run({ [input]: feed(data), [graph.seed.name]: seed }, [of, name, ...fetch]);
    return { score: scoreIn(results[of], target), gradient: floats(results[name]), results };
  };

  const aimedAt = (target: readonly number[]): OnnxSubject => ({
    of,
    at: (other) => aimedAt(checkTarget(other, outputDims)),
    dims: [channels, ...space],
    exactLayer: findLinearHead(view, of, (name) => shapes.get(name)),
    get layer() {
      return needLayer();
    },
    surrogate: () => surrogate,
    score: async (inputs) => {
      const session = await open('forward', async () => whole);
      const scores: number[] = [];
      for (const data of inputs) {
        const results = await session.run({ [input]: feed(data) }, [of]);
        scores.push(scoreIn(results[of], target));
      }
      return scores;
    },
    gradient: async (data) => {
      const { score, gradient } = await backward(input, data, { target });
      return { score, gradient: fromLayout(layout, gradient, channels) };
    },
    tap: async (data) => {
      const name = needLayer();
      const { score, gradient, results } = await backward(name, data, { target, fetch: [name] });
      const dims = (shapes.get(name) as readonly number[]).slice(1);
      return { score, activation: { dims, data: floats(results[name]) }, gradient: { dims, data: gradient } };
    },
    layers: spatialBefore(of, shapes),
    activation: async (data, name = needLayer()) => {
      if (!shapes.has(name))
        throw new Fault('MODEL_INPUT_MISMATCH', `${name} is no spatial value before ${of}`);
      const session = await open(`activation of ${name}`, async () => showing(plain, name, view));
      const dims = (shapes.get(name) as readonly number[]).slice(1);
      return { dims, data: floats((await session.run({ [input]: feed(data) }, [name]))[name]) };
    },
    scoreFrom: async (data, activation) => {
      const name = needLayer();
      const dims = shapes.get(name) as readonly number[];
      tail ??= tailOf(plain, { of, layer: name, dims });
      const { bytes, input: fed, alsoReads } = tail;
      const session = await open('tail', async () => bytes);
      const feeds = { [fed]: { type: 'float32', dims, data: activation } as const };
      const whole = alsoReads.includes(input) ? { [input]: feed(data) } : {};
      return scoreIn((await session.run({ ...feeds, ...whole }, [of]))[of], target);
    },
    close: async () => {
      for (const session of opened.values()) await (await session).close();
    },
  });
  return aimedAt(checkTarget(options.target, outputDims));
}

/** The model with a value inside as one of its outputs. */
function showing(model: Uint8Array, name: string, { outputs, types }: GraphView): Uint8Array {
  const type = types.get(name);
  return outputs.includes(name) || type === undefined
    ? model
    : append(model, { output: [valueInfo(name, type)] });
}

function onlyInput({ inputs }: GraphView): string {
  if (inputs.length !== 1)
    throw new Fault('MODEL_INPUT_MISMATCH', `the model has ${inputs.length} inputs, one is explained`);
  return inputs[0]?.name as string;
}

/** Dims of the output and of all spatial values [1, c, …space] on the way to it, in the graph's order. */
async function spatialValues(
  model: Uint8Array,
  view: GraphView,
  {
    input,
    way,
    of,
    inputDims,
    runtime,
  }: SubjectOptions & { readonly input: string; readonly way: readonly string[]; readonly of: string },
): Promise<ReadonlyMap<string, readonly number[]>> {
  const names = [...new Set([...way, of])];
  const { dims } = await probe(model, view, {
    dims: names,
    numbers: [],
    inputDims: { [input]: inputDims },
    runtime,
  });
  return new Map([...dims].filter(([name, d]) => name === of || (d.length >= 4 && size(d.slice(2)) > 1)));
}

/** Float values between input and output. Without a rule for a node there are none: methods that need a layer say so. */
function wayTo(
  view: GraphView,
  input: string,
  of: string,
): { readonly values: readonly string[]; readonly missing?: Fault } {
  try {
    const path = findPath(view, { of, wrt: [input] }, { rules: RULES, constant: NOT_DIFFERENTIABLE });
    const values = path.toReversed().map(({ node }) => node.output[0] as string);
    return {
      values: values.filter((name) => isFloat(view.types.get(name) as Parameters<typeof isFloat>[0])),
    };
  } catch (error) {
    if (error instanceof Fault && error.code === 'VJP_MISSING') return { values: [], missing: error };
    throw error;
  }
}

function checkTarget(target: SubjectOptions['target'], dims: readonly number[]): readonly number[] {
  const places = typeof target === 'number' ? [target] : target;
  const count = size(dims);
  const wrong = places.find((i) => !Number.isInteger(i) || i < 0 || i >= count);
  if (places.length === 0 || wrong !== undefined) {
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `target ${wrong ?? '(none)'} is not a place in an output of ${dims.join(' × ')}`,
    );
  }
  return places;
}

function seedTensor({ seed }: CompiledGradient, target: readonly number[]): Tensor {
  if (seed.type !== 'float32')
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `a model with ${seed.type} outputs is not explained by gradients yet`,
    );
  const data = new Float32Array(size(seed.dims));
  for (const i of target) data[i] = 1;
  return { type: 'float32', dims: seed.dims, data };
}

const floats = (tensor: Tensor | undefined): Float32Array =>
  tensor?.type === 'float32' ? tensor.data : Float32Array.from(numbersOf(tensor as Tensor));
