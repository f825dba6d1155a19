import fc from 'fast-check';
import { counterfactual } from '../../../server/explain/methods/counterfactual.ts';
import { linear, squareOfSum } from '../subjects.ts';

const whole = Uint8Array.from([1, 1, 1]);
const middle = Float32Array.from([0.5, 0.5, 0.5]);
const plain = { range: [0, 1], smoothness: 0, stepSize: 0.1 } as const;

test('on a linear score each step goes along the weights, the steepest by the step size (by hand)', async () => {
  const subject = linear([1, 1, 3], [2, -1, 0.5]);
  // score 0.75; a step adds 0.1 · (1 −0.5 0.25): 0.2 + 0.05 + 0.0125 = 0.2625 more, so two steps to 1.275.
  const up = await counterfactual(subject, middle, { ...plain, tissue: whole, goal: 1.2 });
  expect(up).toMatchObject({ reached: true, steps: 2 });
  expect(up.score).toBeCloseTo(1.275, 6);
  for (const [i, v] of [0.2, -0.1, 0.05].entries()) expect(up.change[i]).toBeCloseTo(v, 6);
  const down = await counterfactual(subject, middle, { ...plain, tissue: whole, goal: 0.5 });
  expect(down).toMatchObject({ reached: true, steps: 1 });
  for (const [i, v] of [-0.1, 0.05, -0.025].entries()) expect(down.change[i]).toBeCloseTo(v, 6);
});

test('only tissue changes, and the steepest place is sought there (by hand)', async () => {
  const subject = linear([1, 1, 3], [2, -1, 0.5]);
  const { change } = await counterfactual(subject, middle, {
    ...plain,
    tissue: Uint8Array.from([0, 0, 1]),
    goal: 0.77,
  });
  for (const [i, v] of [0, 0, 0.1].entries()) expect(change[i]).toBeCloseTo(v, 6);
});

test('smoothness pulls a lone change back to its neighbours (by hand)', async () => {
  const subject = linear([1, 1, 3], [0, 1, 0]);
  // First step: 0 0.1 0. Then the total variation pulls the middle down by 2 and each side up by 1, times 0.1 · 0.25.
  const { change } = await counterfactual(subject, middle, {
    ...plain,
    smoothness: 0.25,
    tissue: whole,
    goal: 9,
    steps: 2,
  });
  for (const [i, v] of [0.025, 0.15, 0.025].entries()) expect(change[i]).toBeCloseTo(v, 6);
});

test.each([
  ['a score that nothing in the tissue moves', [0, 0, 1], [1, 1, 0]],
  ['a gradient that is no number', [Number.NaN, 1, 1], [1, 1, 1]],
])('%s: not reached, nothing changed', async (_, weights, tissue) => {
  const subject = { ...linear([1, 1, 3], weights), score: async () => [0] };
  const found = await counterfactual(subject, middle, {
    ...plain,
    tissue: Uint8Array.from(tissue),
    goal: 5,
  });
  expect(found).toMatchObject({ reached: false, steps: 0 });
  expect([...found.change]).toEqual([0, 0, 0]);
});

test('a score beyond the range of the pixels is not reached, and that is said', async () => {
  const found = await counterfactual(linear([1, 1, 3], [1, 1, 1]), middle, {
    ...plain,
    tissue: whole,
    goal: 4,
  });
  expect(found).toMatchObject({ reached: false, steps: 40 });
  expect(found.score).toBeCloseTo(3, 5);
});

test('whatever the input: outside the tissue nothing moves, values stay in range, and the score told is that of the changed input', async () => {
  const value = fc.float({ min: 0, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { minLength: 6, maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      fc.float({ min: -2, max: 8, noNaN: true }),
      async (values, inside, goal) => {
        const subject = squareOfSum([1, 2, 3]);
        const input = Float32Array.from(values);
        const start = (await subject.score([input]))[0] as number;
        const found = await counterfactual(subject, input, {
          goal,
          tissue: Uint8Array.from(inside, Number),
          range: [0, 1],
        });
        const changed = input.map((v, i) => v + (found.change[i] as number));
        expect(found.change.every((c, i) => inside[i] || c === 0)).toBe(true);
        expect(changed.every((v) => v >= -1e-6 && v <= 1 + 1e-6)).toBe(true);
        expect((await subject.score([changed]))[0]).toBeCloseTo(found.score, 3);
        if (found.reached && start > goal) expect(found.score).toBeLessThanOrEqual(goal);
        if (found.reached && start <= goal) expect(found.score).toBeGreaterThanOrEqual(goal);
      },
    ),
    { seed: 11, numRuns: 60 },
  );
});
