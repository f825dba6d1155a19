import { checkMatrix, checkPicture } from '../../../server/explain/checks/picture.ts';

const EDGE = 20;
const picture = (grey: (row: number, column: number) => number, mean = 0, std = 1) =>
  checkPicture(
    {
      dims: [1, 1, EDGE, EDGE],
      data: Float32Array.from(
        { length: EDGE * EDGE },
        (_, i) => (grey(Math.floor(i / EDGE), i % EDGE) - mean) / std,
      ),
    },
    { mean: [mean], std: [std] },
  );
/** From 0.1 to 0.9 down and across. */
const ramp = (row: number, column: number): number => 0.1 + (0.8 * (row + column)) / (2 * (EDGE - 1));
const failed = (checks: ReturnType<typeof picture>) =>
  checks.filter(({ state }) => state === 'failed').map(({ name, sentence }) => `${name}: ${sentence}`);

test.each([
  ['a ramp', ramp, []],
  [
    'a ramp of which half is cut off black',
    (r: number, c: number) => (r % 2 ? ramp(r, c) : 0),
    ['saturation: Plain black: 50 % of the picture; plain white: 0 %.'],
  ],
  [
    'a ramp of which a fifth is cut off white',
    (r: number, c: number) => (c % 5 ? ramp(r, c) : 1),
    ['saturation: Plain black: 0 % of the picture; plain white: 20 %.'],
  ],
  [
    'a small picture on a large grey sheet',
    (r: number, c: number) => (r >= 5 && r < 15 && c >= 5 && c < 15 ? ramp(r, c) : 0.5),
    ['border: An empty border takes up 75 % of the picture.'],
  ],
  [
    'a ramp over a tenth of the greys',
    (r: number, c: number) => 0.5 + ramp(r, c) / 8,
    ['contrast: The middle 90 % of the picture uses 7 % of the greys.'],
  ],
  [
    'one grey',
    () => 0.5,
    [
      'border: An empty border takes up 100 % of the picture.',
      'contrast: The middle 90 % of the picture uses 0 % of the greys.',
    ],
  ],
])('%s', (_, grey, wrong) => {
  expect(failed(picture(grey))).toEqual(wrong);
  // What the package subtracts and divides by makes no difference.
  expect(failed(picture(grey, 0.485, 0.229))).toEqual(wrong);
});

test('an image smaller than the package asks for fails; without a size nothing is checked', () => {
  const smallest = { rows: 224, columns: 224 };
  expect(checkMatrix({ shape: [1, 512, 200] }, smallest)).toEqual([
    {
      name: 'matrix',
      state: 'failed',
      sentence: 'The image has 512 × 200 pixels; the model needs 224 × 224.',
    },
  ]);
  expect(checkMatrix({ shape: [1, 224, 224] }, smallest)).toMatchObject([{ state: 'passed' }]);
  expect(checkMatrix({ shape: [1, 10, 10] }, undefined)).toEqual([]);
});
