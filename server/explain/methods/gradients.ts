import { gaussian, seededRandom } from '../../shared/random.ts';
import type { Attribution, Differentiable } from '../subject.ts';

/** Maps from the gradient with respect to the input; all have the input's dims. */

/** |∂score/∂x|. Simonyan 2014. */
export async function saliency(subject: Differentiable, input: Float32Array): Promise<Attribution> {
  const { gradient } = await subject.gradient(input);
  return { method: 'saliency', dims: subject.dims, data: gradient.map(Math.abs), parameters: {} };
}

/** x ⊙ ∂score/∂x. Shrikumar 2016. */
export async function inputXGradient(subject: Differentiable, input: Float32Array): Promise<Attribution> {
  const { gradient } = await subject.gradient(input);
  return {
    method: 'inputXGradient',
    dims: subject.dims,
    data: gradient.map((g, i) => g * (input[i] as number)),
    parameters: {},
  };
}

export interface SmoothGradOptions {
  readonly nSamples?: number;
  /** Standard deviation of the noise, as a share of the input's range. */
  readonly noiseLevel?: number;
  readonly seed?: number;
}

/** Mean gradient over noisy copies of the input. Smilkov 2017. */
export async function smoothGrad(
  subject: Differentiable,
  input: Float32Array,
  { nSamples = 25, noiseLevel = 0.1, seed = 1 }: SmoothGradOptions = {},
): Promise<Attribution> {
  const random = seededRandom(seed);
  const [low, high] = range(input);
  const sigma = noiseLevel * (high - low);
  const sum = new Float64Array(input.length);
  for (let n = 0; n < nSamples; n++) {
    const { gradient } = await subject.gradient(input.map((v) => v + sigma * gaussian(random)));
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (gradient[i] as number) / nSamples;
  }
  return {
    method: 'smoothGrad',
    dims: subject.dims,
    data: Float32Array.from(sum),
    parameters: { nSamples, noiseLevel, seed },
  };
}

export interface IntegratedGradientsOptions {
  readonly baseline: Float32Array;
  readonly nSteps?: number;
}

/** Attributions, and what is missing from their sum: |Σ − (score(x) − score(baseline))|, 0 when the path is fine enough. */
export interface Integrated extends Attribution {
  readonly completenessGap: number;
}

/**
 * (x − x′) ⊙ ∫ ∂score/∂x along the straight path from the baseline x′, by Gauss–Legendre quadrature as Captum does.
 * Sundararajan 2017, eq. 1; completeness is its axiom 1.
 */
export async function integratedGradients(
  subject: Differentiable,
  input: Float32Array,
  { baseline, nSteps = 32 }: IntegratedGradientsOptions,
): Promise<Integrated> {
  const { nodes, weights } = gaussLegendre(nSteps);
  const path = new Float64Array(input.length);
  for (const [n, t] of nodes.entries()) {
    const { gradient } = await subject.gradient(
      input.map((v, i) => (baseline[i] as number) + t * (v - (baseline[i] as number))),
    );
    for (let i = 0; i < path.length; i++)
      path[i] = (path[i] as number) + (weights[n] as number) * (gradient[i] as number);
  }
  const data = input.map((v, i) => (v - (baseline[i] as number)) * (path[i] as number));
  const [whole = 0, none = 0] = await subject.score([input, baseline]);
  const sum = data.reduce((a, b) => a + b, 0);
  return {
    method: 'integratedGradients',
    dims: subject.dims,
    data,
    parameters: { nSteps },
    completenessGap: Math.abs(sum - (whole - none)),
  };
}

/** Nodes and weights on [0, 1], by Newton's method on the Legendre polynomial. */
function gaussLegendre(n: number): { nodes: readonly number[]; weights: readonly number[] } {
  const pairs = Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let round = 0; round < 100; round++) {
      let [p, previous] = [1, 0];
      for (let k = 1; k <= n; k++) [p, previous] = [((2 * k - 1) * x * p - (k - 1) * previous) / k, p];
      slope = (n * (x * p - previous)) / (x * x - 1);
      const step = p / slope;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    return { node: (1 - x) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
  return { nodes: pairs.map((p) => p.node), weights: pairs.map((p) => p.weight) };
}

const range = (data: Float32Array): readonly [number, number] =>
  data.reduce<[number, number]>(
    ([low, high], v) => [Math.min(low, v), Math.max(high, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
