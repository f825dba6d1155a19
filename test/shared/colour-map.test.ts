import { colourOf } from '../../server/shared/colour-map.ts';

test.each([
  // matplotlib 3.10, `matplotlib.colormaps['inferno'](t, bytes=True)`
  [0, [0, 0, 3]],
  [0.25, [87, 15, 109]],
  [0.5, [187, 55, 84]],
  [0.75, [249, 142, 8]],
  [1, [252, 254, 164]],
] as const)('inferno at %d is within 10 of 255 of the published table', (t, expected) => {
  const off = colourOf('inferno', t).map((value, i) => Math.abs(value - (expected[i] as number)));
  expect(Math.max(...off)).toBeLessThanOrEqual(10);
});

test('beyond 0..1 inferno stays at its ends', () => {
  const inferno = (t: number) => colourOf('inferno', t);
  expect([inferno(-1), inferno(2)]).toEqual([inferno(0), inferno(1)]);
});
