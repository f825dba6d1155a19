import fc from 'fast-check';
import { addTo, cut, tilesOf } from '../../server/explain/tiles.ts';

const field = (before: number, after: number, stride = 1) => ({
  before: [before],
  after: [after],
  stride: [stride],
});

test('ten places in boxes of six with a halo of two (by hand)', () => {
  expect(tilesOf([10], field(2, 2), 6)).toEqual({
    tile: [6],
    tiles: [
      { start: [0], core: { from: [0], to: [4] } },
      { start: [2], core: { from: [4], to: [6] } },
      { start: [4], core: { from: [6], to: [10] } },
    ],
  });
});

test('a space that fits is one box', () => {
  expect(tilesOf([4, 5], { before: [9, 9], after: [9, 9], stride: [1, 1] }, 5)).toEqual({
    tile: [4, 5],
    tiles: [{ start: [0, 0], core: { from: [0, 0], to: [4, 5] } }],
  });
});

test('boxes without a core are refused, and the size that would do is said', () => {
  expect(() => tilesOf([100], field(5, 5), 10)).toThrow('take over 11');
  expect(tilesOf([100], field(5, 5), 11).tiles.length).toBeGreaterThan(80);
});

test('whatever the numbers: cores cover the space once, as far from the sides as the model reads', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 12 }),
      fc.constantFrom(1, 2, 4, 8),
      fc.integer({ min: 0, max: 40 }),
      (n, before, after, stride, more) => {
        const { tile, tiles } = tilesOf(
          [n],
          field(before, after, stride),
          before + after + 2 * stride + more,
        );
        const length = tile[0] as number;
        let next = 0;
        for (const { start, core } of tiles) {
          const [s = -1, from = -1, to = -1] = [start[0], core.from[0], core.to[0]];
          expect([from, to > from, s % stride, s >= 0, s + length <= n]).toEqual([next, true, 0, true, true]);
          expect(s === 0 || from - s >= before).toBe(true);
          expect(s + length === n || s + length - to >= after).toBe(true);
          next = to;
        }
        expect(next).toBe(n);
      },
    ),
    { seed: 4, numRuns: 300 },
  );
});

test('a box is cut out, and added back where it was (by hand)', () => {
  const dims = [2, 3, 4];
  const data = Float32Array.from({ length: 24 }, (_, i) => i);
  const box = { start: [1, 2], dims: [2, 2] };
  const part = cut(data, dims, box);
  expect([...part]).toEqual([6, 7, 10, 11, 18, 19, 22, 23]);
  const sum = new Float32Array(24).fill(100);
  addTo(sum, dims, { ...box, data: part });
  expect([...sum].flatMap((v, i) => (v === 100 ? [] : [v - 100 - i]))).toEqual(Array(8).fill(0));
});
