import {
  distanceFrom,
  histogramOf,
  layoutOf,
  pooled,
  textureOf,
  whitened,
} from '../../../server/explain/checks/likeness.ts';
import type { Space } from '../../../server/models/reference.ts';

/** Along the first axis the deviation is 2, elsewhere 1; the mean is (1, 1, 1). */
const SPACE: Space = {
  mean: [1, 1, 1],
  directions: [[1, 0, 0]],
  variances: [4],
  rest: 1,
  usual: 1,
  limit: 2,
};

test.each([
  ['the mean', [1, 1, 1], 0],
  ['two deviations along the direction', [5, 1, 1], Math.sqrt(4 / 3)],
  ['three deviations across it', [1, 4, 1], Math.sqrt(9 / 3)],
  ['both', [5, 4, 1], Math.sqrt(13 / 3)],
])('the distance of %s is worked by hand', (_, vector, distance) => {
  expect(distanceFrom(SPACE, vector)).toBeCloseTo(distance, 12);
});

test('whitened coordinates are in deviations; a vector of another length is a fault', () => {
  expect(whitened(SPACE, [5, 9, 9])).toEqual([2]);
  expect(() => distanceFrom(SPACE, [1, 1])).toThrow(/is of 3 values, the model gives 2/);
});

test('the layout of a picture is that of its blocks, whatever its brightness and size', () => {
  const halves = (edge: number, low: number, high: number): Float32Array =>
    Float32Array.from({ length: edge * edge }, (_, i) => (i % edge < edge / 2 ? low : high));
  const layout = layoutOf(halves(32, 0, 1), [1, 32, 32]);
  expect(layout).toHaveLength(256);
  expect([layout[0], layout[15], layout[240], layout[255]]).toEqual([-1, 1, -1, 1]);
  expect(Array.from(layoutOf(halves(64, 10, 30), [1, 64, 64]))).toEqual(Array.from(layout));
  expect(layoutOf(halves(32, 3, 3), [1, 32, 32]).every((v) => v === 0)).toBe(true);
});

test('the histogram is the middles of 32 equal parts of the first channel', () => {
  const ramp = Float32Array.from({ length: 2 * 64 }, (_, i) => (i < 64 ? 63 - i : 1000));
  expect(Array.from(histogramOf(ramp, [2, 8, 8]))).toEqual(Array.from({ length: 32 }, (_, q) => 2 * q + 1));
});

test('texture is means and deviations over space', () => {
  const activation = { dims: [2, 1, 2], data: Float32Array.of(1, 3, -2, -2) };
  expect(Array.from(textureOf(activation))).toEqual([2, -2, 1, 0]);
});

test('features are means over space', () => {
  expect(Array.from(pooled({ dims: [2, 1, 2], data: Float32Array.of(1, 3, -2, 0) }))).toEqual([2, -1]);
});
