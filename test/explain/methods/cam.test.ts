import {
  eigenCam,
  gradCam,
  gradCamPlusPlus,
  hiResCam,
  layerCam,
} from '../../../server/explain/methods/cam.ts';
import { layer } from '../subjects.ts';

/** Two channels on 2 × 2. A⁰ = 1 2 3 4, A¹ = 4 0 0 0; G⁰ = 1 everywhere, G¹ = −2 0 0 2 (mean 0). */
const subject = layer([2, 2, 2], [1, 2, 3, 4, 4, 0, 0, 0], [1, 1, 1, 1, -2, 0, 0, 2]);
const input = new Float32Array(8);

test.each([
  // α = (1, 0): the map is A⁰.
  ['gradCam', gradCam, [1, 2, 3, 4]],
  // G·A: 1 − 8, 2, 3, 4, and below zero is zero.
  ['hiResCam', hiResCam, [0, 2, 3, 4]],
  // ReLU(G)·A: 1 + 0, 2, 3, 4 + 0.
  ['layerCam', layerCam, [1, 2, 3, 4]],
])('%s (by hand)', async (name, method, expected) => {
  const map = await method(subject, input);
  expect(map).toMatchObject({ method: name, dims: [2, 2], parameters: { layer: 'features', grid: '2x2' } });
  expect([...map.data]).toEqual(expected);
});

test('gradCamPlusPlus weighs channels by the sum of w·ReLU(G) (by hand)', async () => {
  // Channel 0: each w = 1 / (2 + 10) → 4/12 · 1 = 1/3. Channel 1: only the last cell, w = 4 / (8 + 8·4) = 0.1 → 0.2.
  const { data } = await gradCamPlusPlus(subject, input);
  const expected = [1 / 3 + 0.8, 2 / 3, 1, 4 / 3];
  for (const [i, v] of expected.entries()) expect(data[i]).toBeCloseTo(v, 5);
});

test('eigenCam is the activation of a single channel, and does not depend on the gradient', async () => {
  const one = layer([1, 1, 3], [3, 0, 4], [-1, -1, -1]);
  const map = [...(await eigenCam(one, input)).data];
  expect(map[0] as number).toBeCloseTo(3, 5);
  expect(map[2] as number).toBeCloseTo(4, 5);
});
