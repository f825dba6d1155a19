import { distanceFrom } from '../../server/explain/checks/likeness.ts';
import { fitSpace } from '../../server/packages/fit-space.ts';
import { gaussian, seededRandom } from '../../server/shared/random.ts';

test('directions, variances and the rest of points on the axes, by hand', () => {
  // ±6 along the first of 8 axes, ±2 along the others, around (1, …, 1): variances 2·36/16 and 2·4/16.
  const points = Array.from({ length: 16 }, (_, i) => {
    const axis = i >> 1;
    const length = (i % 2 ? 1 : -1) * (axis === 0 ? 6 : 2);
    return Array.from({ length: 8 }, (_, c) => 1 + (c === axis ? length : 0));
  });
  const space = fitSpace(points);
  expect(space.mean).toEqual(Array(8).fill(1));
  expect(space.directions).toHaveLength(2);
  expect(Math.abs(space.directions[0]?.[0] ?? 0)).toBeCloseTo(1, 6);
  expect(space.variances[0]).toBeCloseTo(4.5, 6);
  expect(space.variances[1]).toBeCloseTo(0.5, 6);
  // (4.5 + 7 × 0.5 − 5) / 6
  expect(space.rest).toBeCloseTo(0.5, 6);
});

test('vectors from the fitted distribution are at a distance of about 1, whatever their scales', () => {
  const random = seededRandom(3);
  const draw = () => Array.from({ length: 40 }, (_, c) => (c + 1) * gaussian(random));
  const space = { ...fitSpace(Array.from({ length: 3000 }, draw)), usual: 1, limit: 2 };
  const distances = Array.from({ length: 300 }, () => distanceFrom(space, draw()));
  expect(distances.reduce((a, b) => a + b, 0) / 300).toBeCloseTo(1, 1);
});

test('what never varies makes no difference infinite', () => {
  const space = { ...fitSpace(Array.from({ length: 20 }, () => [1, 2, 3, 4])), usual: 1, limit: 2 };
  expect(distanceFrom(space, [1, 2, 3, 5])).toBeGreaterThan(1000);
  expect(Number.isFinite(distanceFrom(space, [1, 2, 3, 5]))).toBe(true);
});
