import fc from 'fast-check';
import { applyAffine, invertAffine, multiplyAffine } from '../../server/shared/affine.ts';

const entry = fc.integer({ min: -200, max: 200 }).map((n) => n / 100);
/** Dominant diagonals: never singular. */
const affine = fc
  .array(entry, { minLength: 12, maxLength: 12 })
  .map((m) => [...m.map((v, i) => (i % 5 === 0 ? v + 10 : v)), 0, 0, 0, 1]);

test('the inverse undoes the map', () => {
  fc.assert(
    fc.property(affine, fc.tuple(entry, entry, entry), (m, p) => {
      const back = applyAffine(invertAffine(m), applyAffine(m, p));
      expect(Math.hypot(...back.map((v, k) => v - (p[k] as number)))).toBeLessThan(1e-9);
    }),
    { seed: 1 },
  );
});

test('a product applies the right map first', () => {
  const scale = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];
  const shift = [1, 0, 0, 10, 0, 1, 0, 20, 0, 0, 1, 30, 0, 0, 0, 1];
  expect(applyAffine(multiplyAffine(scale, shift), [1, 1, 1])).toEqual([22, 42, 62]);
});

test('a singular map has no inverse', () => {
  expect(() => invertAffine([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toThrow(RangeError);
});
