import { tissueOf } from '../../server/explain/tissue.ts';

test('Otsu parts two clusters between them, and channels are averaged (by hand)', () => {
  const image = Float32Array.from([0, 1, 2, 100, 101, 102]);
  expect([...tissueOf(image, [1, 2, 3])]).toEqual([0, 0, 0, 1, 1, 1]);
  // Means 1, 10.5, 11: the first place alone is dark.
  expect([...tissueOf(Float32Array.from([0, 1, 20, 2, 20, 2]), [2, 1, 3])]).toEqual([0, 1, 1]);
});

test('the split is the one with the least variance within the classes, tried on every threshold', () => {
  const values = Float32Array.from({ length: 200 }, (_, i) =>
    i < 150 ? (i * 7) % 40 : 60 + ((i * 13) % 80),
  );
  const within = (classes: Uint8Array) =>
    [0, 1].reduce((sum, c) => {
      const own = [...values].filter((_, i) => classes[i] === c);
      const mean = own.reduce((a, b) => a + b, 0) / own.length;
      return sum + own.reduce((a, v) => a + (v - mean) ** 2, 0);
    }, 0);
  const thresholds = [...new Set(values)].sort((a, b) => a - b).slice(0, -1);
  const best = Math.min(...thresholds.map((t) => within(Uint8Array.from(values, (v) => (v > t ? 1 : 0)))));
  expect(within(tissueOf(values, [1, 10, 20])) / best).toBeLessThan(1.01);
});

test('without contrast all is tissue', () => {
  expect([...tissueOf(new Float32Array(4).fill(3), [1, 2, 2])]).toEqual([1, 1, 1, 1]);
});
