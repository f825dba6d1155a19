import { plainGround, plainMeasure, plainSentence, shareOnPlain } from '../../server/explain/plain-ground.ts';

/** Greys of 0..1 as a model sees them: less 0.5, in halves. */
const PREPARED = { mean: [0.5], std: [0.5] };
const seen = (greys: readonly number[]) => ({
  dims: [1, 1, 2, 2],
  data: Float32Array.from(greys, (v) => (v - 0.5) / 0.5),
});
const map = (values: readonly number[]) => ({ rows: 2, columns: 2, data: Float32Array.from(values) });

test('plain are black and white within 2 % of the greys, whatever the model’s own scale', () => {
  const [plain] = plainGround(seen([0.01, 0.03, 0.97, 0.99]), PREPARED).structures;
  expect([...(plain?.mask ?? [])]).toEqual([1, 0, 0, 1]);
});

test.each([
  ['a quarter of the positive part', [1, 3, -9, 0], 0.25, '25 % of the evidence lies where'],
  ['none of it', [0, 3, 1, 0], 0, 'None of the evidence lies where'],
])('the share of the evidence that lies there: %s', (_, values, share, words) => {
  const ground = plainGround(seen([0, 0.5, 0.5, 1]), PREPARED);
  expect(shareOnPlain(map(values), ground)).toBeCloseTo(share, 6);
  expect(plainSentence(share)).toContain(words);
  expect(plainMeasure(share)).toMatchObject([{ name: 'Evidence on plain black or white', value: share }]);
});

test('a picture without plain greys, and a map without evidence', () => {
  expect(shareOnPlain(map([1, 3, 0, 0]), plainGround(seen([0.4, 0.5, 0.5, 0.6]), PREPARED))).toBe(0);
  expect(shareOnPlain(map([-1, 0, 0, 0]), plainGround(seen([0, 0.5, 0.5, 1]), PREPARED))).toBeUndefined();
  expect(plainMeasure(undefined)).toEqual([]);
});
