import fc from 'fast-check';
import { decide, exponential, undecided } from '../../server/infer/decide.ts';

test('the fast exponential is Math.exp to 1e-13 of its value, and 0 where nothing of it would be left beside 1', () => {
  expect(exponential(0)).toBe(1);
  expect(exponential(Number.NEGATIVE_INFINITY)).toBe(0);
  fc.assert(
    fc.property(fc.double({ min: -43.9, max: 0, noNaN: true }), (x) => {
      expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-13);
    }),
  );
  expect(1 + Math.exp(-44)).toBe(1);
});

test('label, next label and margin are those of the softmax, the lowest channel of equals first', () => {
  const logit = fc.float({ min: -60, max: 60, noNaN: true });
  fc.assert(
    fc.property(fc.array(logit, { minLength: 24, maxLength: 24 }), (values) => {
      const data = Float32Array.from(values);
      const decided = undecided([1, 2, 3]);
      decide(decided, { from: 0, logits: { dims: [1, 4, 1, 2, 3], data }, channels: 4 });
      for (let v = 0; v < 6; v++) {
        const own = [0, 1, 2, 3].map((c) => data[c * 6 + v] as number);
        const order = [0, 1, 2, 3].toSorted((a, b) => (own[b] as number) - (own[a] as number));
        const [best = 0, next = 0] = order;
        const top = own[best] as number;
        const sum = own.reduce((s, x) => s + Math.exp(x - top), 0);
        expect([decided.labels[v], decided.next[v]]).toEqual([best, next]);
        expect(decided.margin[v]).toBeCloseTo((1 - Math.exp((own[next] as number) - top)) / sum, 6);
      }
    }),
  );
});
