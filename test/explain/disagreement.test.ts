import fc from 'fast-check';
import { AUGMENTATIONS, flip, noise, shift, UNSEEN } from '../../server/explain/augmentation.ts';
import { disagreement } from '../../server/explain/disagreement.ts';

const line = Float32Array.from([1, 2, 3, 4, 5, 6]); // 2 × 3
const dims = [1, 2, 3];

test.each([
  [flip(-1), [3, 2, 1, 6, 5, 4]],
  [flip(-2), [4, 5, 6, 1, 2, 3]],
  [shift(-1, 1), [1, 1, 2, 4, 4, 5]],
  [shift(-2, -1), [4, 5, 6, 4, 5, 6]],
])('%j (by hand)', (augmentation, expected) => {
  expect([...augmentation.apply(line, dims)]).toEqual(expected);
});

const ALL = Object.values(AUGMENTATIONS).flat();
test.each([...ALL, flip(-3), shift(-3, 1)])(
  '$name is undone exactly where the place was still seen',
  (it) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 60, maxLength: 60 }), (values) => {
        const labels = Int32Array.from(values);
        const moved = it.name.startsWith('noise')
          ? labels
          : Int32Array.from(it.apply(Float32Array.from(values), [1, 3, 4, 5]));
        const back = it.undo(moved, [3, 4, 5]);
        return back.every((label, i) => label === labels[i] || label === UNSEEN);
      }),
      { seed: 2, numRuns: 50 },
    );
  },
);

test('a model that looks at each place alone, and moves with it, never disagrees under flips and shifts', async () => {
  const found = await disagreement(async (x) => x.map((v) => (v > 3 ? 1 : 0)), line, {
    dims,
    augmentations: [...AUGMENTATIONS.flip, ...AUGMENTATIONS.shift],
  });
  expect([...found.data]).toEqual([0, 0, 0, 0, 0, 0]);
  expect(found.structures).toEqual([
    { label: 0, places: 3, fewest: 3, most: 3 },
    { label: 1, places: 3, fewest: 3, most: 3 },
  ]);
});

test('a model that calls the last column 1 whatever it shows disagrees by the share of those that see it (by hand)', async () => {
  const column = async () => Int32Array.from([0, 0, 1, 0, 0, 1]);
  const found = await disagreement(column, line, { dims, augmentations: [flip(-1), shift(-1, 1)] });
  // Flip puts 1 at the first column. Shift by 1: the last column left the image, the middle one shows as 1.
  expect([...found.data]).toEqual([0.5, 0.5, 1, 0.5, 0.5, 1]);
  expect(found.structures).toEqual([
    { label: 0, places: 4, fewest: 2, most: 4 },
    { label: 1, places: 2, fewest: 2, most: 4 },
  ]);
});

test('noise is of the size said and the same for the same seed', () => {
  const flat = Float32Array.from({ length: 4000 }, (_, i) => (i === 0 ? 10 : 0));
  const noisy = noise(0.1, 7).apply(flat, [1, 40, 100]);
  const deviation = Math.sqrt(noisy.reduce((s, v, i) => s + (v - (flat[i] as number)) ** 2, 0) / 4000);
  expect(deviation).toBeGreaterThan(0.95);
  expect(deviation).toBeLessThan(1.05);
  expect(noise(0.1, 7).apply(flat, [1, 40, 100])).toEqual(noisy);
});
