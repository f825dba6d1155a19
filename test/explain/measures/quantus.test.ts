import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { deletion } from '../../../server/explain/measures/curves.ts';
import {
  faithfulnessCorrelation,
  infidelity,
  maxSensitivity,
} from '../../../server/explain/measures/faithfulness.ts';
import { entropy, pointingGame, relevanceMass, sparseness } from '../../../server/explain/measures/shape.ts';
import { inputXGradient } from '../../../server/explain/methods/gradients.ts';
import { gridRegions } from '../../../server/explain/regions.ts';
import type { Differentiable } from '../../../server/explain/subject.ts';
import { wave } from '../wave.ts';

/** Values by Quantus: `test/oracle/measures.py` made them, over the same perturbations, and says how. */
const oracle = z
  .object({
    runs: z.number(),
    sigma: z.number(),
    radius: z.number(),
    directions: z.record(z.string(), z.enum(['higher', 'lower'])),
    mask: z.array(z.number()),
    map: z.array(z.number()),
    values: z.object({
      FaithfulnessCorrelation: z.number(),
      Infidelity: z.number(),
      MaxSensitivity: z.number(),
      Sparseness: z.number(),
      Complexity: z.number(),
      RelevanceMassAccuracy: z.number(),
      PointingGame: z.boolean(),
    }),
    PixelFlipping: z.array(z.number()),
  })
  .parse(JSON.parse(readFileSync('test/oracle/measures.json', 'utf8')));

const dims = [1, 6, 6];
const phase = (p: number) => wave(dims, p).data as Float32Array;
const [x, w, v] = [phase(0.1), phase(1.2).map((e) => 0.3 * e), phase(2.3)];
const zero = new Float32Array(36);

/** tanh(Σ w x) + 0.1 Σ v x² */
const inner = (at: Float32Array): number => at.reduce((s, e, i) => s + (w[i] as number) * e, 0);
const score = (at: Float32Array): number =>
  Math.tanh(inner(at)) + 0.1 * at.reduce((s, e, i) => s + (v[i] as number) * e * e, 0);
const subject: Differentiable = {
  dims,
  score: async (inputs) => inputs.map(score),
  gradient: async (at) => ({
    score: score(at),
    gradient: at.map(
      (e, i) => (1 - Math.tanh(inner(at)) ** 2) * (w[i] as number) + 0.2 * (v[i] as number) * e,
    ),
  }),
};
const explain = async (at: Float32Array): Promise<Float32Array> => (await inputXGradient(subject, at)).data;
const map = Float32Array.from(oracle.map);
const mask = Uint8Array.from(oracle.mask);
const { runs: nSamples, sigma, radius } = oracle;

test('the map is the same', async () => {
  for (const [i, e] of (await explain(x)).entries()) expect(e).toBeCloseTo(oracle.map[i] as number, 6);
});

test.each<[keyof typeof oracle.values, () => Promise<number | boolean | null> | number | boolean | null]>([
  [
    'FaithfulnessCorrelation',
    () =>
      faithfulnessCorrelation(subject, x, { map, baseline: zero, regions: gridRegions([6, 6], 1), nSamples }),
  ],
  [
    'Infidelity',
    async () =>
      infidelity(subject, x, { attribution: (await subject.gradient(x)).gradient, sigma, nSamples }),
  ],
  ['MaxSensitivity', () => maxSensitivity(explain, x, { radius, nSamples })],
  ['Sparseness', () => sparseness(map)],
  ['Complexity', () => entropy(map)],
  // Quantus divides signed sums, unless it is handed the positive part, as it was: ours takes it by itself.
  ['RelevanceMassAccuracy', () => relevanceMass(map, mask)],
  ['PointingGame', () => pointingGame(map, mask)],
])('%s is that of Quantus', async (name, measure) => {
  const [own, theirs] = [Number(await measure()), Number(oracle.values[name])];
  expect(Math.abs(own - theirs)).toBeLessThanOrEqual(1e-5 * Math.abs(theirs));
});

test('the deletion curve is that of PixelFlipping, which leaves out the score of the whole', async () => {
  const { points } = await deletion(subject, x, map, { baseline: zero, steps: 9 });
  expect(points[0]?.score).toBeCloseTo(score(x), 12);
  expect(points).toHaveLength(oracle.PixelFlipping.length + 1);
  for (const [i, theirs] of oracle.PixelFlipping.entries())
    expect(points[i + 1]?.score).toBeCloseTo(theirs, 6);
});

test('each measure that names one of Quantus names its direction too', () => {
  const folder = 'server/explain/measures';
  const text = readdirSync(folder).map((file) =>
    readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\n *', ''),
  );
  const named = text.flatMap((t) => [...t.matchAll(/Quantus: `(\w+)`, (\w+) is better/g)]);
  const found = Object.fromEntries(named.map(([, name, direction]) => [name, direction]));
  expect(found).toEqual(oracle.directions);
});
