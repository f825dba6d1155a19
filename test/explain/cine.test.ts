import { framesAsRegions, framesOf, joined, overFrames } from '../../server/explain/cine.ts';
import { inputXGradient } from '../../server/explain/methods/gradients.ts';
import { lossOfEach } from '../../server/explain/methods/occlusion.ts';
import { exactShapley } from '../../server/explain/methods/shapley.ts';
import { linear, squareOfSum } from './subjects.ts';

/** Two channels, three frames of 1 × 2: channel, frame and column show in the digits. */
const dims = [2, 3, 1, 2];
const cine = Float32Array.from([100, 101, 110, 111, 120, 121, 200, 201, 210, 211, 220, 221]);

test('frames are taken out and put back (by hand)', () => {
  const frames = framesOf(cine, dims);
  expect(frames.map((f) => [...f])).toEqual([
    [100, 101, 200, 201],
    [110, 111, 210, 211],
    [120, 121, 220, 221],
  ]);
  expect(joined(frames, dims)).toEqual(cine);
});

test('the score is the mean over the frames, and so is its gradient (by hand)', async () => {
  const subject = overFrames(linear([2, 1, 2], [1, 2, 3, 4]), 3);
  const x = cine.map((v) => v % 10);
  // Each frame is (0, 1, 0, 1): 2 + 4.
  expect(await subject.score([x, x.map(() => 0)])).toEqual([6, 0]);
  const { data, dims: of } = await inputXGradient(subject, x);
  expect(of).toEqual(dims);
  for (const [i, v] of [0, 2, 0, 2, 0, 2, 0, 4, 0, 4, 0, 4].entries()) expect(data[i]).toBeCloseTo(v / 3, 6);
});

test('a frame that the score comes from carries it all; shares over time add up (by hand)', async () => {
  const subject = overFrames(squareOfSum([1, 1, 2]), 3);
  // Sums by frame: 2, 4, 0 → (4 + 16 + 0) / 3.
  const x = Float32Array.from([1, 1, 3, 1, 0, 0]);
  const baseline = new Float32Array(6);
  const regions = framesAsRegions([3, 1, 2]);
  const lost = await lossOfEach(subject, x, { baseline, regions, which: [0, 1, 2] });
  for (const [i, v] of [4 / 3, 16 / 3, 0].entries()) expect(lost[i]).toBeCloseTo(v, 6);
  const { shares, whole } = await exactShapley(subject, x, { baseline, regions });
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(whole, 6);
});
