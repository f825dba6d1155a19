import { Fault } from '../../shared/fault.ts';
import { NOT_DIFFERENTIABLE, RULES } from '../vjp/index.ts';
import type { Context } from '../vjp/rule.ts';
import { readAttributes } from './attributes.ts';
import type { Value } from './emitter.ts';
import { inline } from './inline.ts';
import { append, DataType, parseModel, valueInfo } from './onnx.ts';
import { Ops } from './ops.ts';
import { findPath, type Step } from './path.ts';
import { type InputDims, type Probed, probe } from './probe.ts';
import { dataReader } from './reads-data.ts';
import { join, type Runtime } from './runtime.ts';
import { seeSwish } from './see-swish.ts';
import { shareConcats } from './share-concats.ts';
import { isFloat } from './types.ts';
import { describe, type GraphView, viewGraph } from './view.ts';

/** Raised whenever the compiled bytes may differ: older caches are then left aside. */
export const COMPILER_VERSION = '3';

export interface GradientRequest {
  /** The value that is differentiated: an output, or any value inside. */
  readonly of: string;
  /** The values with respect to which: inputs, or values inside (taps). Only what they need is emitted. */
  readonly wrt: readonly string[];
  /** Dims of each model input that the model leaves open, or all. */
  readonly inputDims: InputDims;
}

/** A model that gives its gradients with its outputs. One compile serves every target: the target is the seed. */
export interface CompiledGradient {
  /** Joined anew each time that it is read. */
  readonly bytes: Uint8Array;
  /** The same for `Runtime.open`: the model's own bytes, and what is appended. Kept apart, large weights are held once. */
  readonly parts: readonly [Uint8Array, Uint8Array];
  /**
   * An input more: ∂L/∂(of), for a class score 1 at the class and 0 elsewhere. All is linear in it: in half-precision models
   * a large seed keeps small gradients from vanishing.
   */
  readonly seed: {
    readonly name: string;
    readonly dims: readonly number[];
    readonly type: 'float32' | 'float64';
  };
  /** For each value of `wrt` the output that holds ∂L/∂value. `of` and the values themselves are outputs too. */
  readonly gradients: Readonly<Record<string, string>>;
  /** Dims of `of` and of the values of `wrt`. */
  readonly dims: Readonly<Record<string, readonly number[]>>;
  /** Why the gradient is that of a stand-in: the model is quantised. Null when it is the model's own. */
  readonly surrogate: string | null;
}

const SEED = 'pellucid/seed';

/**
 * Reverse mode: walks from `of` back to `wrt`, each node's rule handing its output's adjoint to its inputs, and appends what
 * the rules emit. Throws VJP_MISSING for a node without a rule, never a silent zero.
 */
export async function compileGradient(
  model: Uint8Array,
  { of, wrt, inputDims }: GradientRequest,
  runtime: Runtime,
): Promise<CompiledGradient> {
  const plain = await inline(model, { inputDims, runtime });
  const whole = viewGraph(parseModel(plain));
  const view = { ...whole, nodes: seeSwish(shareConcats(whole.nodes, wrt), wrt) };
  for (const name of [of, ...wrt]) checkName(view, name);
  const path = findPath(view, { of, wrt }, { rules: RULES, constant: NOT_DIFFERENTIABLE });
  const probed = await probe(plain, view, { ...questions(view, path, [of, ...wrt]), inputDims, runtime });
  const value = (name: string) => lookUp(view, probed, name);
  const e = new Ops(view.opset);
  e.know(whole.nodes);
  const seed: Value = { name: SEED, dims: value(of).dims, type: shown(value(of).type) };
  const adjoints = walk(path, { e, view, probed, seed, of });
  const gradients = Object.fromEntries(wrt.map((name) => [name, `pellucid/gradient/${name}`]));
  for (const name of wrt) {
    const adjoint = e.total(adjoints.get(name) ?? []);
    if (!adjoint) throw new Fault('MODEL_INPUT_MISMATCH', `${of} does not depend on ${name}`);
    e.alias(e.cast(adjoint, shown(adjoint.type)), gradients[name] as string);
  }
  const fed = view.inputs.map((i) => i.name);
  const outputs = [...new Set([of, ...wrt])].filter((name) => ![...fed, ...view.outputs].includes(name));
  const reasons = path.flatMap(({ rule }) => (rule.surrogate ? [rule.surrogate] : []));
  const more = append(new Uint8Array(), {
    ...e.appendix(Object.values(gradients)),
    input: [valueInfo(SEED, seed.type, seed.dims)],
    output: [
      ...outputs.map((name) => valueInfo(name, value(name).type, value(name).dims)),
      ...wrt.map((name) => valueInfo(gradients[name] as string, shown(value(name).type), value(name).dims)),
    ],
  });
  return {
    parts: [plain, more],
    get bytes() {
      return join([plain, more]);
    },
    seed: { name: SEED, dims: seed.dims, type: seed.type === DataType.DOUBLE ? 'float64' : 'float32' },
    gradients,
    dims: Object.fromEntries([of, ...wrt].map((name) => [name, value(name).dims])),
    surrogate: reasons.length ? [...new Set(reasons)].join('; ') : null,
  };
}

interface Walk {
  readonly e: Ops;
  readonly view: GraphView;
  readonly probed: Probed;
  readonly seed: Value;
  readonly of: string;
}

function walk(path: readonly Step[], it: Walk): ReadonlyMap<string, readonly Value[]> {
  const adjoints = new Map<string, Value[]>([
    [it.of, [it.e.cast(it.seed, carrier(lookUp(it.view, it.probed, it.of).type))]],
  ]);
  for (const step of path) {
    const { node, rule } = step;
    it.e.origin = describe(node);
    const gradients = node.output.map((name) => it.e.total(adjoints.get(name) ?? []));
    const late = gradients.findIndex((g, k) => k > 0 && g !== undefined);
    if (late > 0 && !rule.allOutputs)
      throw new Fault(
        'VJP_MISSING',
        `${describe(node)}, op set ${it.view.opset}: its output ${late} is used`,
      );
    const context = contextOf(step, gradients, it);
    for (const i of step.inputs) {
      const name = node.input[i] as string;
      const found = it.e.sumTo(rule.gradient(context, i), context.x(i).dims);
      adjoints.set(name, [...(adjoints.get(name) ?? []), found]);
    }
  }
  return adjoints;
}

function contextOf(
  { node }: Step,
  gradients: readonly (Value | undefined)[],
  { e, view, probed }: Walk,
): Context {
  const refuse = (what: string): never => {
    throw new Fault('VJP_MISSING', `${describe(node)}, op set ${view.opset}: ${what}`);
  };
  const value = (name: string | undefined): Value =>
    name ? lookUp(view, probed, name) : refuse('an input that the rule needs is left out');
  const adjoint = (k: number): Value => {
    const { dims, type } = value(node.output[k]);
    return gradients[k] ?? e.zeros(dims, carrier(type));
  };
  return {
    e,
    a: readAttributes(node),
    get g() {
      return adjoint(0);
    },
    y: value(node.output[0]),
    inputs: node.input.length,
    has: (i) => Boolean(node.input[i]),
    x: (i) => value(node.input[i]),
    constant: (i) => {
      const name = node.input[i] ?? '';
      return view.numbers(name) ?? probed.numbers.get(name) ?? refuse(`input ${i} depends on the data`);
    },
    known: (i) => view.numbers(node.input[i] ?? ''),
    outputs: node.output.length,
    output: (k) => value(node.output[k]),
    adjoint,
    refuse,
  };
}

/** Dims of all values on the path; numbers of the constants that its rules ask for and the file doesn't hold. */
function questions(view: GraphView, path: readonly Step[], more: readonly string[]) {
  const values = path.flatMap(({ node }) => [...node.input, ...node.output]).filter(Boolean);
  const readsData = dataReader(view);
  const constants = path.flatMap(({ node, rule }) => (rule.constants ?? []).map((i) => node.input[i] ?? ''));
  return {
    dims: [...new Set([...values, ...more])].filter((name) => !view.tensors.has(name)),
    numbers: [...new Set(constants)].filter((name) => name && !view.numbers(name) && !readsData(name)),
  };
}

function lookUp(view: GraphView, { dims }: Probed, name: string): Value {
  const found = dims.get(name) ?? view.tensors.get(name)?.dims.map(Number);
  const type = view.types.get(name);
  if (!found || type === undefined) throw new Fault('INTERNAL', `nothing is known of the value ${name}`);
  return { name, dims: found, type };
}

/** The adjoint of a quantised value is that of the real number it stands for. */
const carrier = (type: DataType): DataType => (isFloat(type) ? type : DataType.FLOAT);

/** Seeds and gradients of half-precision models are float32: half a precision is not enough to hand around. */
const shown = (type: DataType): DataType => (type === DataType.DOUBLE ? type : DataType.FLOAT);

function checkName(view: GraphView, name: string): void {
  if (!view.types.has(name)) throw new Fault('MODEL_INPUT_MISMATCH', `the model has no value ${name}`);
}
