import { gradientGap } from '../../server/packages/gradient-gap.ts';

/** 3·x, and behind a kink at `kink` five times as steep; its gradient by `factor` too long. */
const subject = (kink: number, factor = 1) => ({
  score: async (inputs: readonly Float32Array[]) =>
    inputs.map(([x = 0]) => (x <= kink ? 3 * x : 3 * kink + 15 * (x - kink))),
  gradient: async ([x = 0]: Float32Array) => ({
    score: 3 * x,
    gradient: Float32Array.of(factor * (x <= kink ? 3 : 15)),
  }),
});
const inputs = [0, 0, 0.2].map((x) => Float32Array.of(x));

test.each([
  ['a straight model', subject(9), 0],
  // At the longest step from 0 most of the way lies behind the kink: (3·0.001 + 15·0.019 + 3·0.02) / 0.04 = 8.7, not 3.
  ['a kink that the longest step crosses', subject(0.001), 0],
  ['a gradient that is half as long again', subject(9, 1.5), 1 / 3],
  ['one that points the other way', subject(9, -1), 2],
])('%s', async (_, model, gap) => {
  expect(await gradientGap(model, inputs)).toBeCloseTo(gap, 3);
});

test('gradients that are all zero measure nothing', async () => {
  expect(await gradientGap(subject(9, 0), inputs)).toBeNaN();
});
