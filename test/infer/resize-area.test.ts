import fc from 'fast-check';
import { resizeArea } from '../../server/infer/resize-area.ts';

const plane = (rows: number, columns: number, data: readonly number[]) => ({
  rows,
  columns,
  data: Float32Array.from(data),
});

test.each([
  ['halving is the mean of two', plane(1, 4, [1, 3, 5, 7]), 1, 2, [2, 6]],
  // Each output covers 1.5 inputs: (1 + 0.5·2)/1.5, (0.5·2 + 3)/1.5.
  ['three to two', plane(1, 3, [1, 2, 3]), 1, 2, [4 / 3, 8 / 3]],
  ['enlarging repeats', plane(2, 1, [1, 2]), 4, 1, [1, 1, 2, 2]],
  ['same size is the same', plane(2, 2, [1, 2, 3, 4]), 2, 2, [1, 2, 3, 4]],
])('%s (by hand)', (_, image, rows, columns, expected) => {
  const { data } = resizeArea(image, rows, columns);
  for (const [i, v] of expected.entries()) expect(data[i]).toBeCloseTo(v, 6);
});

test('the mean of the image is kept', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 30 }),
      (r, c, n) => {
        const image = plane(
          r,
          c,
          Array.from({ length: r * c }, (_, i) => Math.sin(i) * 100),
        );
        const mean = (a: Float32Array) => a.reduce((s, v) => s + v, 0) / a.length;
        expect(mean(resizeArea(image, n, n + 1).data)).toBeCloseTo(mean(image.data), 2);
      },
    ),
    { seed: 3 },
  );
});
