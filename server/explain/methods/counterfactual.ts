import { type Differentiable, scoreOf, size } from '../subject.ts';

export interface CounterfactualOptions {
  /** The score to reach; the search stops there. */
  readonly goal: number;
  /** Places that may change, over the space. */
  readonly tissue: Uint8Array;
  readonly range: readonly [number, number];
  readonly steps?: number;
  /** Largest change of a value in one step, as a share of the range. */
  readonly stepSize?: number;
  /** Weight of smoothness (total variation of the change) against the score. */
  readonly smoothness?: number;
}

export interface Counterfactual {
  readonly reached: boolean;
  readonly score: number;
  readonly steps: number;
  /** What was added to the input, [c, …space]; 0 outside the tissue. */
  readonly change: Float32Array;
}

/**
 * A nearby input on which the model would decide otherwise: signed gradient steps inside the tissue, smoothed by the total
 * variation of the change. It shows the model's sensitivity, not what the patient would look like without disease.
 */
export async function counterfactual(
  subject: Differentiable,
  input: Float32Array,
  { goal, tissue, range: [low, high], steps = 40, stepSize = 0.01, smoothness = 0.1 }: CounterfactualOptions,
): Promise<Counterfactual> {
  const space = size(subject.dims.slice(1));
  const down = (await scoreOf(subject, input)) > goal;
  const change = new Float32Array(input.length);
  const current = Float32Array.from(input);
  for (let step = 0; ; step++) {
    const { score, gradient } = await subject.gradient(current);
    const reached = down ? score <= goal : score >= goal;
    if (reached || step === steps) return { reached, score, steps: step, change };
    const steepest = gradient.reduce((a, g, i) => (tissue[i % space] ? Math.max(a, Math.abs(g)) : a), 0);
    if (!(steepest > 0)) return { reached: false, score, steps: step, change };
    const pull = roughness(change, subject.dims);
    for (let i = 0; i < input.length; i++) {
      if (!tissue[i % space]) continue;
      const toGoal = ((down ? -1 : 1) * (gradient[i] as number)) / steepest;
      const moved =
        (change[i] as number) + stepSize * (high - low) * (toGoal - smoothness * (pull[i] as number));
      current[i] = Math.min(high, Math.max(low, (input[i] as number) + moved));
      change[i] = (current[i] as number) - (input[i] as number);
    }
  }
}

/** Subgradient of the total variation: for each value the sum of the signs of its differences to its neighbours. */
function roughness(data: Float32Array, dims: readonly number[]): Float32Array {
  const out = new Float32Array(data.length);
  for (let axis = 1; axis < dims.length; axis++) {
    const n = dims[axis] as number;
    const stride = size(dims.slice(axis + 1));
    for (let i = 0; i < data.length; i++) {
      if (Math.floor(i / stride) % n === n - 1) continue;
      const sign = Math.sign((data[i + stride] as number) - (data[i] as number));
      out[i] = (out[i] as number) - sign;
      out[i + stride] = (out[i + stride] as number) + sign;
    }
  }
  return out;
}
