import { UNITS } from '../../server/dicom/code.ts';
import { meanIn, sizeMeasures, sizeOf, sizeWords } from '../../server/explain/region-size.ts';

const grid = { rows: 2, columns: 2, data: new Float32Array(4) };
/** 4 × 4 pixels of 3 by 4 mm: each cell of the grid is 2 × 2 of them, 6 mm down and 8 mm across. */
const image = {
  shape: [1, 4, 4] as const,
  PixelSpacing: ['3', '4'] as const,
  data: Float32Array.from([10, 20, 1, 1, 30, 40, 1, 1, 5, 5, 5, 5, 5, 5, 5, 5]),
  unit: UNITS.hu,
};

test.each([
  ['one cell: its diagonal, and its height', [0], { areaMm2: 48, longMm: 10, shortMm: 6 }],
  ['two side by side', [0, 1], { areaMm2: 96, longMm: Math.hypot(16, 6), shortMm: 6 }],
  [
    'two across a corner: the width across the line through both',
    [0, 3],
    { areaMm2: 96, longMm: 20, shortMm: 9.6 },
  ],
])('%s', (_, cells, { areaMm2, longMm, shortMm }) => {
  const size = sizeOf(cells, grid, image);
  expect(size?.areaMm2).toBe(areaMm2);
  // The callipers are turned by whole degrees.
  expect(size?.longMm).toBeCloseTo(longMm, 1);
  expect(size?.shortMm).toBeCloseTo(shortMm, 0);
});

test('the mean of what the image has there, in its unit', () => {
  const mean = meanIn([0], grid, image);
  expect(mean).toEqual({ value: 25, unit: UNITS.hu });
  const size = sizeOf([0], grid, image);
  expect(sizeWords({ size, mean })).toBe('It measures 0.5 cm², 10 by 6 mm. Its mean is 25 HU.');
  expect(sizeMeasures('A', { size, mean, extent: 0.25 }).map(({ name, unit }) => [name, unit.value])).toEqual(
    [
      ['Part of the picture in region A', '%'],
      ['Area of region A', 'mm2'],
      ['Long axis of region A', 'mm'],
      ['Short axis of region A', 'mm'],
      ['Mean of region A', UNITS.hu.value],
    ],
  );
});

test('without spacing no size, without a unit no mean', () => {
  const size = sizeOf([0], grid, { ...image, PixelSpacing: null });
  const mean = meanIn([0], grid, { ...image, unit: null });
  expect([size, mean]).toEqual([undefined, undefined]);
  expect(sizeWords({ size, mean })).toBe('Its size in mm is unknown.');
  expect(sizeMeasures('A', { size, mean, extent: 0.25 })).toMatchObject([{ value: 25, unit: UNITS.percent }]);
});
