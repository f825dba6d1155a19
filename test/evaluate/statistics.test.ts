import { areaUnderRoc, bootstrap, bootstrapInterval } from '../../evaluate/statistics.ts';
import { calibrationError } from '../../server/packages/fit-calibration.ts';

const cases = (positive: readonly number[], negative: readonly number[]) => [
  ...positive.map((score) => ({ positive: true, score })),
  ...negative.map((score) => ({ positive: false, score })),
];

test.each([
  ['all pairs right', [0.9, 0.8], [0.1, 0.2, 0.3], 1],
  ['all pairs wrong', [0.1], [0.2, 0.3], 0],
  ['one of four pairs wrong', [0.9, 0.4], [0.5, 0.1], 0.75],
  ['equal scores count half', [0.5, 0.9], [0.5], 0.75],
])('area under the ROC curve, counted by pairs: %s', (_, positive, negative, area) => {
  expect(areaUnderRoc(cases(positive, negative))).toBeCloseTo(area, 12);
});

test('calibration error by hand: bin 0.9 says 0.95 and has 1 of 2, bin 0.1 says 0.1 and has 0 of 2', () => {
  // (2 · |0.95 − 0.5| + 2 · |0.1 − 0|) / 4
  expect(calibrationError(cases([0.95], [0.95, 0.1, 0.1]))).toBeCloseTo(0.275, 12);
  expect(calibrationError(cases([1], [0]))).toBe(0);
});

test('the interval of a mean holds it, and is that of Student within a tenth of its width for 200 even values', () => {
  const values = Array.from({ length: 200 }, (_, i) => i / 199);
  const { mean, low, high } = bootstrapInterval(values);
  const half = 1.96 * Math.sqrt(values.reduce((sum, v) => sum + (v - 0.5) ** 2, 0) / 199 / 200);
  expect(mean).toBeCloseTo(0.5, 12);
  expect(Math.abs(low - (0.5 - half))).toBeLessThan(half / 5);
  expect(Math.abs(high - (0.5 + half))).toBeLessThan(half / 5);
});

test('draws that have no figure are left out of the interval', () => {
  const { low, high } = bootstrap(cases([0.9], [0.1]), (drawn) =>
    drawn.every((c) => c.positive) ? Number.NaN : 1,
  );
  expect([low, high]).toEqual([1, 1]);
});
