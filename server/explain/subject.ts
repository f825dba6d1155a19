import type { Tap } from '../contracts.ts';

/**
 * What is explained: one number for one input, the model with its `target` fixed. Methods see nothing else of a model, so
 * one method serves a class score, a logit, a box or the sum over a mask. Inputs are row-major float32 of `dims`.
 */
export interface Subject {
  /** Input without the batch axis: [c, h, w] or [c, d, h, w]. */
  readonly dims: readonly number[];
  /** The target's value for each input; batching is the subject's own matter. */
  score(inputs: readonly Float32Array[]): Promise<readonly number[]>;
}

/** A subject with a gradient: ∂score/∂input, dims of the input. */
export interface Differentiable extends Subject {
  gradient(input: Float32Array): Promise<{ readonly score: number; readonly gradient: Float32Array }>;
}

/** A subject with a tapped layer: its activation A and ∂score/∂A, both [c, …space]. */
export interface Tapped extends Subject {
  /** The ONNX value that is tapped. */
  readonly layer: string;
  tap(
    input: Float32Array,
  ): Promise<{ readonly score: number; readonly activation: Tap; readonly gradient: Tap }>;
}

/** A subject that runs on from its layer, whatever that holds: [c, …space]. */
export interface Ablatable extends Tapped {
  scoreFrom(input: Float32Array, activation: Float32Array): Promise<number>;
}

/** How much each place of the input, or each cell of a layer, contributed to the score. */
export interface Attribution {
  /** [c, …space] of the input, or […space] of a map. */
  readonly dims: readonly number[];
  readonly data: Float32Array;
  /** As in the paper: `gradCam`, `integratedGradients`, … */
  readonly method: string;
  readonly parameters: Readonly<Record<string, string | number>>;
}

export const size = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** The score of one input. */
export const scoreOf = async (subject: Subject, input: Float32Array): Promise<number> =>
  (await subject.score([input]))[0] as number;
