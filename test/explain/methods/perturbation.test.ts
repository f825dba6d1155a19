import fc from 'fast-check';
import { weightedLeastSquares } from '../../../server/explain/methods/least-squares.ts';
import { occlusion, occlusionCoarseToFine } from '../../../server/explain/methods/occlusion.ts';
import { rise } from '../../../server/explain/methods/rise.ts';
import { exactShapley } from '../../../server/explain/methods/shapley.ts';
import { kernelShap, lime } from '../../../server/explain/methods/surrogate.ts';
import { gridRegions } from '../../../server/explain/regions.ts';
import { linear, squareOfSum } from '../subjects.ts';

const DIMS = [1, 4, 4];
const weights = Array.from({ length: 16 }, (_, i) => (i === 5 ? 10 : i === 6 ? -4 : 1));
const subject = linear(DIMS, weights);
const ones = new Float32Array(16).fill(1);
const zero = new Float32Array(16);

test('occlusion of a linear score is the sum of the weights in each box', async () => {
  const { data } = await occlusion(subject, ones, { baseline: zero, windowSize: 2 });
  // Boxes: (0 1 4 5) 13, (2 3 6 7) −1, (8 9 12 13) 4, (10 11 14 15) 4.
  expect([data[0], data[5], data[2], data[8], data[15]]).toEqual([13, 13, -1, 4, 4]);
});

test('occluding with the image itself gives zero everywhere', async () => {
  const { data } = await occlusion(squareOfSum(DIMS), ones, { baseline: ones, windowSize: 3 });
  expect([...data].every((v) => v === 0)).toBe(true);
});

test('coarse to fine finds the strongest place with fewer forwards than the fine grid', async () => {
  const { data, parameters } = await occlusionCoarseToFine(subject, ones, {
    baseline: zero,
    windowSize: 2,
    finest: 1,
  });
  expect(data.indexOf(Math.max(...data))).toBe(5);
  expect(data[5]).toBe(10);
  expect(parameters.forwards).toBeLessThan(17);
});

test('exact Shapley values share an interaction equally, and sum to the whole (by hand)', async () => {
  const regions = gridRegions([1, 3], 1);
  // (x0 + x1 + x2)² at 1: nine, three each by symmetry.
  const even = await exactShapley(squareOfSum([1, 1, 3]), ones.slice(0, 3), {
    baseline: zero.slice(0, 3),
    regions,
  });
  for (const share of even.shares) expect(share).toBeCloseTo(3, 9);
  // At (1, 2, 0): φ₀ = ½·1 + ½·(9 − 4) = 3, φ₁ = ½·4 + ½·(9 − 1) = 6, φ₂ = 0.
  const uneven = await exactShapley(squareOfSum([1, 1, 3]), Float32Array.from([1, 2, 0]), {
    baseline: zero.slice(0, 3),
    regions,
  });
  for (const [i, v] of [3, 6, 0].entries()) expect(uneven.shares[i]).toBeCloseTo(v, 9);
  expect(uneven.shares.reduce((a, b) => a + b, 0)).toBeCloseTo(uneven.whole - uneven.none, 9);
});

test('more regions than can be exact are refused', async () => {
  await expect(
    exactShapley(subject, ones, { baseline: zero, regions: gridRegions([4, 4], 1) }),
  ).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
  });
});

test('KernelSHAP of a linear score is exact, and always sums to the difference', async () => {
  const regions = gridRegions([4, 4], 2);
  const { data } = await kernelShap(subject, ones, { baseline: zero, regions, nSamples: 60 });
  for (const [i, v] of [
    [0, 13],
    [2, 13 - 14],
    [8, 4],
    [15, 4],
  ] as const)
    expect(data[i]).toBeCloseTo(v, 4);
  const curved = await kernelShap(squareOfSum(DIMS), ones, { baseline: zero, regions, nSamples: 30 });
  expect(
    (curved.data[0] as number) +
      (curved.data[2] as number) +
      (curved.data[8] as number) +
      (curved.data[10] as number),
  ).toBeCloseTo(256, 3);
});

test('KernelSHAP agrees with the exact values within sampling error', async () => {
  const regions = gridRegions([4, 4], 2);
  const x = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i) + 1);
  const exact = await exactShapley(squareOfSum(DIMS), x, { baseline: zero, regions });
  const { data } = await kernelShap(squareOfSum(DIMS), x, { baseline: zero, regions, nSamples: 400 });
  for (const [r, place] of [0, 2, 8, 10].entries()) {
    expect(Math.abs((data[place] as number) - (exact.shares[r] as number)) / exact.whole).toBeLessThan(0.02);
  }
});

test('LIME of a linear score finds the weights of the regions', async () => {
  const regions = gridRegions([4, 4], 2);
  const { data } = await lime(subject, ones, { baseline: zero, regions, nSamples: 200 });
  for (const [i, v] of [
    [0, 13],
    [2, -1],
    [8, 4],
    [15, 4],
  ] as const)
    expect(data[i]).toBeCloseTo(v, 0);
});

test('RISE is highest where the score comes from', async () => {
  const spot = linear(
    [1, 16, 16],
    Array.from({ length: 256 }, (_, i) => (i === 5 * 16 + 10 ? 1 : 0)),
  );
  const { data } = await rise(spot, new Float32Array(256).fill(1), {
    baseline: new Float32Array(256),
    nMasks: 600,
  });
  const peak = data.indexOf(Math.max(...data));
  expect(Math.hypot(Math.floor(peak / 16) - 5, (peak % 16) - 10)).toBeLessThanOrEqual(2);
});

test('weighted least squares solves a system that has a solution', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 }), (truth) => {
      const rows = [
        [1, 0, 0],
        [1, 1, 0],
        [0, 1, 2],
        [3, 1, 1],
        [0, 0, 1],
      ];
      const values = rows.map((row) => row.reduce((s, v, i) => s + v * (truth[i] as number), 0));
      const found = weightedLeastSquares(rows, values, { weights: [1, 2, 3, 4, 5], ridge: 0 });
      return found.every((v, i) => Math.abs(v - (truth[i] as number)) < 1e-8);
    }),
    { seed: 5 },
  );
});
