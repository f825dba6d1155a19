import { ablationCam } from '../../../server/explain/methods/ablation-cam.ts';
import type { Ablatable } from '../../../server/explain/subject.ts';
import { layer } from '../subjects.ts';

/** score = (Σ A⁰)(Σ A¹) + 3 Σ A²: removing a channel is not what its gradient says. */
const scoreOf = (a: Float32Array): number => {
  const sum = (k: number) => (a[2 * k] as number) + (a[2 * k + 1] as number);
  return sum(0) * sum(1) + 3 * sum(2);
};
// A⁰ = 1 2, A¹ = 4 0, A² = 0 −1: score 12 − 3 = 9; G⁰ = 4, G¹ = 3, G² = 3.
const tapped = layer([3, 1, 2], [1, 2, 4, 0, 0, -1], [4, 4, 3, 3, 3, 3]);
const runs: Float32Array[] = [];
const subject: Ablatable = {
  ...tapped,
  tap: async (x) => ({ ...(await tapped.tap(x)), score: 9 }),
  scoreFrom: async (_, a) => {
    runs.push(a);
    return scoreOf(a);
  },
};
const input = new Float32Array(2);
beforeEach(() => {
  runs.length = 0;
});

test('each channel weighs what the score loses without it (by hand)', async () => {
  const map = await ablationCam(subject, input);
  // Without A⁰: −3, so 12; without A¹: −3, so 12; without A²: 12, so −3. Map: 12·(1 2) + 12·(4 0) − 3·(0 −1) = 60 27.
  expect([...map.data]).toEqual([60, 27]);
  expect(map).toMatchObject({
    method: 'ablationCam',
    dims: [1, 2],
    parameters: { layer: 'features', channels: 3, layerChannels: 3 },
  });
});

test('only the channels with the largest |activation × gradient| are removed, one at a time', async () => {
  // |A·G| sums: 12, 12, 3.
  const map = await ablationCam(subject, input, { channels: 2 });
  expect(runs.map((a) => [...a])).toEqual([
    [0, 0, 4, 0, 0, -1],
    [1, 2, 0, 0, 0, -1],
  ]);
  expect([...map.data]).toEqual([60, 24]);
  expect(map.parameters).toMatchObject({ channels: 2, layerChannels: 3 });
});

test('a map is never below zero', async () => {
  const lone = { ...subject, scoreFrom: async () => 10 };
  expect([...(await ablationCam(lone, input, { channels: 1 })).data]).toEqual([0, 0]);
});
