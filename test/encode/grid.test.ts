import { code } from '../../server/dicom/code.ts';
import { extent } from '../../server/encode/grid.ts';
import type { ExplanationMap } from '../../server/explanation.ts';

const { NaN: NAN, POSITIVE_INFINITY: INFINITY } = Number;
const map = (data: readonly number[], padding?: number): ExplanationMap => ({
  name: 'Test',
  method: 'by hand',
  quantity: code('1', 'TEST', 'Test'),
  unit: code('1', 'UCUM', 'no units'),
  shape: [1, 1, data.length],
  data: Float32Array.from(data),
  range: [0, 1],
  ...(padding === undefined ? {} : { padding }),
});

test.each<[what: string, data: readonly number[], padding: number | undefined, expected: readonly number[]]>([
  ['all values', [2, -1, 3], undefined, [-1, 3]],
  ['one value', [7], undefined, [7, 7]],
  ['all but padding below', [-1, 2, -1, 3, -1], -1, [2, 3]],
  ['all but padding above', [9, 2, 9, 3], 9, [2, 3]],
  ['all but padding in between', [2, 2.5, 3], 2.5, [2, 3]],
  ['padding alone', [-1, -1], -1, [0, 0]],
  ['nothing', [], undefined, [0, 0]],
])('extent of %s', (_, data, padding, expected) => {
  expect(extent(map(data, padding))).toEqual(expected);
});

test.each([
  ['NaN first', [NAN, 1, 2]],
  ['NaN between extremes that are known', [0, 2, NAN, 1]],
  ['NaN last', [1, 2, NAN]],
  ['infinity', [0, INFINITY, 1]],
  ['minus infinity', [0, -INFINITY, 1]],
])('%s is refused, with padding and without', (_, data) => {
  for (const padding of [undefined, -1])
    expect(() => extent(map(data, padding))).toThrow('"Test" has a value that is not finite');
});
