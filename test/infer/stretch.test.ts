import fc from 'fast-check';
import { stretch } from '../../server/infer/stretch.ts';

test('the stretch is all of the whole numbers inside, and none other', () => {
  const line = fc.tuple(
    fc.double({ min: -30, max: 60, noNaN: true }),
    fc.oneof(fc.constant(0), fc.double({ min: -3, max: 3, noNaN: true })),
    fc.integer({ min: 0, max: 40 }),
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) => {
      const isIn = (n: number): boolean =>
        lines.every(([begin, step, most]) => begin + step * n >= 0 && begin + step * n <= most);
      const inside = Array.from({ length: 50 }, (_, n) => n).filter(isIn);
      const [from, to] = stretch(50, lines, isIn);
      expect(Array.from({ length: to - from + 1 }, (_, n) => from + n)).toEqual(inside);
    }),
  );
});
