import type { Differentiable, Tapped } from '../../server/explain/subject.ts';

/** score = Σ wᵢ xᵢ + bias: every attribution method has a known answer on it. */
export const linear = (dims: readonly number[], weights: readonly number[], bias = 0): Differentiable => {
  const score = (x: Float32Array) => x.reduce((s, v, i) => s + v * (weights[i] as number), bias);
  return {
    dims,
    score: async (inputs) => inputs.map(score),
    gradient: async (x) => ({ score: score(x), gradient: Float32Array.from(weights) }),
  };
};

/** score = (Σ xᵢ)²: its gradient is 2 Σ x everywhere. */
export const squareOfSum = (dims: readonly number[]): Differentiable => {
  const sum = (x: Float32Array) => x.reduce((s, v) => s + v, 0);
  return {
    dims,
    score: async (inputs) => inputs.map((x) => sum(x) ** 2),
    gradient: async (x) => ({ score: sum(x) ** 2, gradient: x.map(() => 2 * sum(x)) }),
  };
};

/** A layer with the activation and the gradient given; its score is Σ A·G. */
export const layer = (
  dims: readonly [number, number, number],
  activation: readonly number[],
  gradient: readonly number[],
): Tapped => {
  const a = { dims, data: Float32Array.from(activation) };
  const g = { dims, data: Float32Array.from(gradient) };
  const score = activation.reduce((s, v, i) => s + v * (gradient[i] as number), 0);
  return {
    dims,
    layer: 'features',
    score: async (inputs) => inputs.map(() => score),
    tap: async () => ({ score, activation: a, gradient: g }),
  };
};
