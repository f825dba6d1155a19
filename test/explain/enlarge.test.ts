import { enlarge } from '../../server/explain/enlarge.ts';

test.each([
  ['one cell is everywhere', [5], [1, 1], [2, 2], [5, 5, 5, 5]],
  // Centres of 4 over 2 cells: −0.25 → 0, 0.25, 0.75, 1.25 → 1.
  ['two to four along a row', [0, 4], [1, 2], [1, 4], [0, 1, 3, 4]],
  ['down a column', [0, 4], [2, 1], [4, 1], [0, 1, 3, 4]],
  ['the same grid', [1, 2, 3, 4], [2, 2], [2, 2], [1, 2, 3, 4]],
  ['three dimensions', [0, 8], [2, 1, 1], [4, 1, 2], [0, 0, 2, 2, 6, 6, 8, 8]],
])('%s (by hand)', (_, map, from, to, expected) => {
  expect([...enlarge(Float32Array.from(map), from, to)]).toEqual(expected);
});
