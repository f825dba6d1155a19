import type { AttributeReader } from '../graph/attributes.ts';
import type { Value } from '../graph/emitter.ts';
import type { Attributes } from '../graph/onnx.ts';
import type { Ops } from '../graph/ops.ts';

/** What a rule sees of its node. L is what is differentiated; the adjoint of v is ∂L/∂v, with the dims of v. */
export interface Context {
  /** Emits the backward nodes. */
  readonly e: Ops;
  /** Attributes of the node. */
  readonly a: AttributeReader;
  /** Adjoint of the first output. */
  readonly g: Value;
  /** The first output. */
  readonly y: Value;
  /** The inputs: how many, whether one is there, and which. */
  readonly inputs: number;
  has(input: number): boolean;
  x(input: number): Value;
  /** The numbers of an input that the rule lists under `constants`. */
  constant(input: number): readonly number[];
  /** The numbers of any input, if the model's file holds them. */
  known(input: number): readonly number[] | undefined;
  /** Outputs and their adjoints; zeros where none came. */
  readonly outputs: number;
  output(k: number): Value;
  adjoint(k: number): Value;
  /** Says what isn't covered: VJP_MISSING with operator, node and op set. */
  refuse(what: string): never;
}

/** How a gradient passes back through one operator, and the samples that prove it. */
export interface Rule {
  /** ∂L/∂x for the input. It may have the dims that x was broadcast to: the compiler sums it back. */
  gradient(c: Context, input: number): Value;
  /** Inputs that a gradient can reach; all unless said. Any other that depends on the data is refused. */
  readonly differentiable?: readonly number[];
  /** Inputs whose numbers must be known when compiling. */
  readonly constants?: readonly number[];
  /** The rule reads the adjoints of all outputs, not only of the first. */
  readonly allOutputs?: true;
  /** It moves values without computing with them: quantised ones may pass. */
  readonly moves?: true;
  /** Set when the operator has no gradient and a stand-in is used: why, in one clause. */
  readonly surrogate?: string;
  readonly samples: readonly Sample[];
}

/** One node with its inputs; each op set makes a model. `null` leaves an optional input out. */
export interface Sample {
  readonly x: readonly (SampleInput | null)[];
  readonly a?: Attributes;
  /** 17 unless said. */
  readonly opsets?: readonly number[];
  /** ORT's CPU kernel, or one that the rule emits, has no float64. */
  readonly float32?: true;
  /** More than one. */
  readonly outputs?: number;
}

export interface SampleInput {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  /** Given as a constant, not differentiated. */
  readonly kind?: 'int64' | 'constant' | 'bool';
}

export type Rules = Readonly<Record<string, Rule>>;

/** A negative axis counts from the end. */
export const axisOf = ({ a, x }: Context, otherwise: number): number => {
  const axis = a.int('axis', otherwise);
  return axis < 0 ? axis + x(0).dims.length : axis;
};

export const positive = (axes: readonly number[], rank: number): readonly number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis));
