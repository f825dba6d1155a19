import fc from 'fast-check';
import { enlarge } from '../../../server/explain/enlarge.ts';
import { deletion, insertion } from '../../../server/explain/measures/curves.ts';
import {
  correlation,
  faithfulnessCorrelation,
  infidelity,
  maxSensitivity,
} from '../../../server/explain/measures/faithfulness.ts';
import {
  agreement,
  entropy,
  pointingGame,
  relevanceMass,
  sparseness,
} from '../../../server/explain/measures/shape.ts';
import { gridRegions } from '../../../server/explain/regions.ts';
import { linear } from '../subjects.ts';

const weights = [4, 3, 2, 1];
const subject = linear([1, 2, 2], weights);
const ones = new Float32Array(4).fill(1);
const zero = new Float32Array(4);
const right = Float32Array.from(weights);
const wrong = Float32Array.from([1, 2, 3, 4]);

test('deletion and insertion of a linear score (by hand)', async () => {
  const options = { baseline: zero, steps: 4 };
  // Right order: 10 6 3 1 0 → (5 + 6 + 3 + 1 + 0) / 4 = 3.75; wrong: 10 9 7 4 0 → (5 + 9 + 7 + 4) / 4 = 6.25.
  expect((await deletion(subject, ones, right, options)).area).toBeCloseTo(3.75, 6);
  expect((await deletion(subject, ones, wrong, options)).area).toBeCloseTo(6.25, 6);
  // Right order: 0 4 7 9 10 → (0 + 4 + 7 + 9 + 5) / 4 = 6.25.
  const inserted = await insertion(subject, ones, right, options);
  expect(inserted.area).toBeCloseTo(6.25, 6);
  expect(inserted.points.map((p) => p.score)).toEqual([0, 4, 7, 9, 10]);
});

const froms = async (map: readonly number[]) => {
  const options = { baseline: zero, steps: 4 };
  return (await deletion(subject, ones, Float32Array.from(map), options)).points.map(({ from }) => from);
};

test('from which value of the map on each step hides (by hand); not where places are equal', async () => {
  expect(await froms([4, 3, 2, 1])).toEqual([undefined, 3.5, 2.5, 1.5, undefined]);
  expect(await froms([4, 4, 4, 1])).toEqual([undefined, undefined, undefined, 2.5, undefined]);
  expect(await froms([2, 2, 2, 2])).toEqual(Array(5).fill(undefined));
});

test('that value tells what was hidden on the model’s input, to a hundredth of its places, or is not given', async () => {
  const space = [24, 30] as const;
  const places = 24 * 30;
  const grey = new Float32Array(places);
  const cell = fc.integer({ min: -1000, max: 1000 });
  const cells = fc.array(cell, { minLength: 20, maxLength: 20 });
  let given = 0;
  await fc.assert(
    fc.asyncProperty(cells, fc.boolean(), async (values, isRectified) => {
      const coarse = Float32Array.from(values, (v) => (isRectified ? Math.max(0, v) : v) / 1000);
      const map = enlarge(coarse, [4, 5], space);
      const seen: Float32Array[] = [];
      const watching = {
        dims: [1, ...space],
        score: async ([input]: readonly Float32Array[]) => [seen.push((input as Float32Array).slice())],
      };
      const image = new Float32Array(places).fill(1);
      const range = Math.max(...map) - Math.min(...map);
      const { points } = await deletion(watching, image, map, { baseline: grey });
      for (const [step, { from }] of points.entries()) {
        if (step === 0 || step === points.length - 1) continue;
        const isHidden = (i: number): boolean => seen[step]?.[i] === 0;
        const weakest = Math.min(...map.filter((_, i) => isHidden(i)));
        // Stored with 16 bits, these may come to lie on either side.
        const near = map.filter((v) => Math.abs(v - weakest) <= 2 ** -14 * range).length;
        if (from === undefined) expect(near).toBeGreaterThan(places / 100);
        else {
          given++;
          expect(map.filter((v, i) => v > from !== isHidden(i)).length).toBeLessThanOrEqual(places / 100);
        }
      }
    }),
  );
  expect(given).toBeGreaterThan(200);
});

test('faithfulness correlation is 1 for the weights and below for another order', async () => {
  const regions = gridRegions([2, 2], 1);
  expect(await faithfulnessCorrelation(subject, ones, { map: right, baseline: zero, regions })).toBeCloseTo(
    1,
    6,
  );
  expect(await faithfulnessCorrelation(subject, ones, { map: wrong, baseline: zero, regions })).toBeLessThan(
    0.9,
  );
  expect(await faithfulnessCorrelation(subject, ones, { map: zero, baseline: zero, regions })).toBeNull();
});

test('infidelity is 0 for the gradient of a linear score', async () => {
  expect(await infidelity(subject, ones, { attribution: right, sigma: 0.5 })).toBeCloseTo(0, 8);
  expect(await infidelity(subject, ones, { attribution: wrong, sigma: 0.5 })).toBeGreaterThan(0.5);
});

test('max-sensitivity is 0 for a map that does not move and relative otherwise', async () => {
  expect(await maxSensitivity(async () => right, ones, { radius: 0.1 })).toBe(0);
  const moves = await maxSensitivity(async (x) => x, ones, { radius: 0.1, nSamples: 50 });
  expect(moves).toBeGreaterThan(0.02);
  expect(moves).toBeLessThanOrEqual(0.1);
});

test.each([
  ['even', [1, 1, 1, 1], 0, Math.log(4)],
  ['one place', [0, 0, 0, 8], 0.75, 0],
  // Gini of 1 2 3 4: (−3 − 2 + 3 + 12) / (4 · 10) = 0.25.
  ['a ramp', [1, 2, 3, 4], 0.25, -[0.1, 0.2, 0.3, 0.4].reduce((s, p) => s + p * Math.log(p), 0)],
  ['nothing', [0, 0, 0, 0], 0, 0],
])('sparseness and entropy: %s (by hand)', (_, map, gini, nats) => {
  expect(sparseness(Float32Array.from(map))).toBeCloseTo(gini, 6);
  expect(entropy(Float32Array.from(map))).toBeCloseTo(nats, 5);
});

test('relevance mass counts the positive part, and is unknown without any', () => {
  const mask = Uint8Array.from([1, 0, 0, 0]);
  expect(relevanceMass(Float32Array.from([3, 1, -5, 0]), mask)).toBe(0.75);
  expect(relevanceMass(Float32Array.from([-1, 0, 0, 0]), mask)).toBeNull();
  expect(pointingGame(right, mask)).toBe(true);
  expect(pointingGame(wrong, mask)).toBe(false);
});

test('agreement is by rank, with ties (by hand)', () => {
  expect(
    agreement(
      right,
      right.map((v) => v ** 3),
    ),
  ).toBeCloseTo(1, 9);
  expect(agreement(right, wrong)).toBeCloseTo(-1, 9);
  // Ranks 1.5 1.5 3 4 against 1 2 3 4: r = 4.5 / √(4.5 · 5).
  expect(agreement(Float32Array.from([1, 1, 2, 3]), wrong)).toBeCloseTo(4.5 / Math.sqrt(22.5), 9);
  expect(agreement(zero, right)).toBeNull();
});

test('correlation of lists that do not vary is unknown', () => {
  expect(correlation([1, 1], [1, 2])).toBeNull();
  expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
});
