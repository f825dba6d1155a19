import { superpixels } from '../../server/explain/superpixels.ts';

test('labels run from 0 without gaps, every piece is connected, and edges of the image are followed', () => {
  // Left half dark, right half bright, boundary at column 9, not on the seed grid.
  const image = Float32Array.from({ length: 20 * 20 }, (_, i) => (i % 20 < 9 ? 0 : 1));
  const { label, count, dims } = superpixels(image, [1, 20, 20], { count: 16 });
  expect(dims).toEqual([20, 20]);
  expect(new Set(label)).toEqual(new Set(Array.from({ length: count }, (_, k) => k)));
  expect(count).toBeGreaterThan(8);
  const mixed = new Set<number>();
  for (let k = 0; k < count; k++) {
    const sides = new Set([...label.keys()].filter((i) => label[i] === k).map((i) => i % 20 < 9));
    if (sides.size > 1) mixed.add(k);
  }
  expect([...mixed]).toEqual([]);
});

test('an image without contrast gives a grid', () => {
  const { count } = superpixels(new Float32Array(400), [1, 20, 20], { count: 16 });
  expect(count).toBe(16);
});
