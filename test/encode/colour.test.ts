import { cielab } from '../../server/encode/colour.ts';

test.each([
  // PS3.3 C.10.7.1.1 under D50, as dcmjs 0.52 `Colors.rgb2DICOMLAB` gives it, which is what OHIF reads back
  ['black', [0, 0, 0], [0, 32_896, 32_896]],
  ['white', [255, 255, 255], [65_535, 32_896, 32_896]],
  ['red', [255, 0, 0], [35_579, 53_663, 50_858]],
  ['green', [0, 255, 0], [57_552, 12_523, 53_712]],
  ['blue', [0, 0, 255], [19_378, 50_446, 4_104]],
  ['grey', [128, 128, 128], [35_117, 32_896, 32_896]],
  ['a green of ours', [40, 200, 100], [46_738, 18_100, 42_640]],
] as const)('CIELab of %s', (_, rgb, expected) => {
  const off = cielab(rgb).map((value, i) => Math.abs(value - (expected[i] as number)));
  expect(Math.max(...off)).toBeLessThanOrEqual(20);
});
