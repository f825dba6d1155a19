import {
  inputXGradient,
  integratedGradients,
  saliency,
  smoothGrad,
} from '../../../server/explain/methods/gradients.ts';
import { linear, squareOfSum } from '../subjects.ts';

const dims = [1, 1, 3];
const x = Float32Array.from([1, -2, 3]);
const zero = new Float32Array(3);

test('on a linear score all gradients are the weights', async () => {
  const subject = linear(dims, [2, -1, 0.5]);
  expect([...(await saliency(subject, x)).data]).toEqual([2, 1, 0.5]);
  expect([...(await inputXGradient(subject, x)).data]).toEqual([2, 2, 1.5]);
  const smooth = await smoothGrad(subject, x, { nSamples: 4 });
  for (const [i, w] of [2, -1, 0.5].entries()) expect(smooth.data[i]).toBeCloseTo(w, 6);
});

test.each([1, 2, 5, 32])(
  'integrated gradients of (Σx)² are exact with %i steps: the integrand is linear',
  async (nSteps) => {
    // Σx = 2: ∫ 2 t Σx dt = 2, times x.
    const { data, completenessGap } = await integratedGradients(squareOfSum(dims), x, {
      baseline: zero,
      nSteps,
    });
    for (const [i, v] of [2, -4, 6].entries()) expect(data[i]).toBeCloseTo(v, 5);
    expect(completenessGap).toBeLessThan(1e-5);
  },
);

test('the path starts at the baseline', async () => {
  const { data } = await integratedGradients(linear(dims, [2, -1, 0.5]), x, {
    baseline: Float32Array.from([1, 0, 0]),
    nSteps: 3,
  });
  for (const [i, v] of [0, 2, 1.5].entries()) expect(data[i]).toBeCloseTo(v, 6);
});

test('a curved score leaves a gap that is told, and more steps close it', async () => {
  const curved = {
    dims,
    score: async (inputs: readonly Float32Array[]) => inputs.map((v) => Math.exp(2 * (v[0] as number))),
    gradient: async (v: Float32Array) => ({
      score: 0,
      gradient: Float32Array.from([2 * Math.exp(2 * (v[0] as number)), 0, 0]),
    }),
  };
  const coarse = await integratedGradients(curved, x, { baseline: zero, nSteps: 1 });
  const fine = await integratedGradients(curved, x, { baseline: zero, nSteps: 8 });
  expect(coarse.completenessGap).toBeGreaterThan(0.5);
  expect(fine.completenessGap).toBeLessThan(1e-5);
});
