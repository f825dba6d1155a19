import fc from 'fast-check';
import { classesOf, labelsOf } from '../../server/explain/classes.ts';
import { UNCERTAINTIES } from '../../server/explain/uncertainty.ts';

const tap = (dims: readonly number[], values: readonly number[]) => ({
  dims,
  data: Float32Array.from(values),
});
const { entropy, margin } = UNCERTAINTIES;

test('three classes at two places (by hand)', () => {
  // Place 0: logits ln 1, ln 2, ln 5 → 1/8, 2/8, 5/8. Place 1: three equals.
  const output = tap([3, 1, 2], [0, 4, Math.log(2), 4, Math.log(5), 4]);
  const nats = -(Math.log(1 / 8) / 8 + (2 * Math.log(2 / 8)) / 8 + (5 * Math.log(5 / 8)) / 8);
  const map = entropy(output);
  expect(map).toMatchObject({ dims: [1, 2], parameters: { unit: 'nat', classes: 3, output: 'logits' } });
  expect(map.data[0]).toBeCloseTo(nats, 6);
  expect(map.data[1]).toBeCloseTo(Math.log(3), 6);
  expect(margin(output).data[0]).toBeCloseTo(3 / 8, 6);
  expect(margin(output).data[1]).toBe(0);
  expect([...labelsOf(output)]).toEqual([2, 0]);
});

test.each([
  ['logit', [0, Math.log(3)], 'logits', [Math.log(2), 0.5623351], [0, 1]],
  ['probability', [0.5, 0.75], 'probabilities', [Math.log(2), 0.5623351], [0, 1]],
])('a foreground alone, given as its %s (by hand)', (_, values, kind, nats, labels) => {
  const output = tap([1, 1, 2], values);
  expect(entropy(output).parameters.output).toBe(kind);
  for (const [i, v] of nats.entries()) expect(entropy(output).data[i]).toBeCloseTo(v, 6);
  expect(margin(output).data[1]).toBeCloseTo(0.5, 6);
  expect([...labelsOf(output)]).toEqual(labels);
});

test('an output behind its softmax gives what the logits before it give', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 12, maxLength: 12 }),
      (logits) => {
        const before = tap([3, 2, 2], logits);
        const classes = classesOf(before);
        const p = new Float64Array(3);
        const after = new Float32Array(12);
        for (let i = 0; i < 4; i++) {
          classes.probabilities(i, p);
          p.forEach((v, c) => {
            after[c * 4 + i] = v;
          });
        }
        const softmaxed = { dims: [3, 2, 2], data: after };
        expect(classesOf(softmaxed).kind).toBe('probabilities');
        for (const method of [entropy, margin]) {
          const [a, b] = [method(before).data, method(softmaxed).data];
          expect(a.every((v, i) => Math.abs(v - (b[i] as number)) < 1e-5)).toBe(true);
        }
        expect(entropy(before).data.every((v) => v >= 0 && v <= Math.log(3) + 1e-6)).toBe(true);
      },
    ),
    { seed: 3, numRuns: 100 },
  );
});

test.each([
  [tap([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]), 'an output of 2 × 4 has no place'],
  [tap([2, 1, 2], [1, 2, Number.NaN, 4]), 'no finite numbers'],
  [tap([2, 1, 2], [1, 2, Number.POSITIVE_INFINITY, 4]), 'no finite numbers'],
])('refused', (output, words) => {
  expect(() => entropy(output)).toThrow(words);
});
