import { baselineOf, blur, inpaint, mirror, tissueMean } from '../../server/explain/baselines.ts';

const image = Float32Array.from([1, 2, 3, 4, 5, 6]); // 2 × 3

test('mirror turns columns round (by hand)', () => {
  expect([...mirror(image, [1, 2, 3])]).toEqual([3, 2, 1, 6, 5, 4]);
});

test('the tissue’s mean is each channel’s own', () => {
  const two = Float32Array.from([1, 3, 10, 30]);
  expect([...tissueMean(two, [2, 1, 2], Uint8Array.from([1, 0]))]).toEqual([1, 1, 10, 10]);
  expect([...tissueMean(two, [2, 1, 2], Uint8Array.from([0, 0]))]).toEqual([2, 2, 20, 20]);
});

test('blur keeps a constant and the centre of a spike spreads by the Gaussian', () => {
  expect([...blur(new Float32Array(9).fill(7), [1, 3, 3], 1)].every((v) => Math.abs(v - 7) < 1e-5)).toBe(
    true,
  );
  const spike = new Float32Array(21);
  spike[10] = 1;
  const spread = blur(spike, [1, 1, 21], 2);
  expect((spread[12] as number) / (spread[10] as number)).toBeCloseTo(Math.exp(-0.5), 5);
});

test('inpainting a ramp gives the ramp back, and leaves the rest alone', () => {
  const ramp = Float32Array.from({ length: 49 }, (_, i) => i % 7);
  const hole = Uint8Array.from({ length: 49 }, (_, i) =>
    i % 7 >= 2 && i % 7 <= 4 && Math.floor(i / 7) >= 2 && Math.floor(i / 7) <= 4 ? 1 : 0,
  );
  const broken = ramp.map((v, i) => (hole[i] ? 99 : v));
  const filled = inpaint(broken, [1, 7, 7], hole);
  for (const i of [2 * 7 + 2, 3 * 7 + 3, 4 * 7 + 4])
    expect(Math.abs((filled[i] as number) - (ramp[i] as number))).toBeLessThan(0.2);
  expect(filled[0]).toBe(0);
});

/** Air 0 around tissue 8 8 / 6 6 in the middle of 4 × 4. */
const body = Float32Array.from([0, 0, 0, 0, 0, 8, 8, 0, 0, 6, 6, 0, 0, 0, 0, 0]);
test.each([
  ['tissueMean', Array<number>(16).fill(7)],
  ['mirror', [...body]],
  ['inpaint', Array<number>(16).fill(0)],
  ['-1000', Array<number>(16).fill(-1000)],
])('%s by its name (by hand)', (name, expected) => {
  const found = baselineOf(name, body, [1, 4, 4]);
  for (const [i, v] of expected.entries()) expect(found[i]).toBeCloseTo(v, 1);
});

test('blur by its name has a sigma of a fourteenth of the shortest edge', () => {
  const wave = Float32Array.from({ length: 28 * 40 }, (_, i) => i % 11);
  expect(baselineOf('blur', wave, [1, 28, 40])).toEqual(blur(wave, [1, 28, 40], 2));
});

test.each(['magic', '', ' ', 'NaN', 'constructor'])('%j is refused', (name) => {
  expect(() => baselineOf(name, body, [1, 4, 4])).toThrow('none of blur, tissueMean, mirror, inpaint');
});
