import { inferno } from '../../ohif-extension/src/lib/colour-map.ts';
import { readMap, readMapHeader } from '../../ohif-extension/src/lib/read-map.ts';
import { paint, shareAbove, thresholdFor, type ValueMap } from '../../ohif-extension/src/lib/value-map.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { chestCase } from '../encode/fixtures.ts';
import { dicomJson } from './documents.ts';

test.each([
  // matplotlib 3.8, colormaps['inferno'](x, bytes=True)
  [0, [0, 0, 4]],
  [0.5, [188, 55, 84]],
  [1, [252, 255, 164]],
  [-1, [0, 0, 4]],
  [7, [252, 255, 164]],
])('inferno at %s', (share, rgb) => {
  expect(inferno(share)).toEqual(rgb);
});

test('a stored map gives back the values that were explained', () => {
  const it = chestCase();
  const bytes = encode(it).find((o) => o.kind === 'MAP')?.bytes ?? new Uint8Array();
  const header = readMapHeader(dicomJson(bytes));
  expect(header).toMatchObject({
    name: 'Class activation',
    method: 'Exact class activation map (global average pooling and one linear layer)',
    unit: '1',
    rows: 14,
    columns: 14,
    sources: ['1.2.826.0.1.3680043.8.498.2.1'],
  });
  expect(header?.low).toBeCloseTo(-3.5, 4);
  expect(header?.high).toBeCloseTo(2.5, 4);
  const pixels = readPart10(bytes).pixels[0] as Uint8Array;
  const map = header && readMap(header, 0, pixels.slice().buffer as ArrayBuffer);
  const source = it.explanation.maps[0]?.data ?? [];
  expect(map?.values).toHaveLength(196);
  for (const [i, value] of (map?.values ?? []).entries()) expect(value).toBeCloseTo(source[i] as number, 3);
});

test('a header without values, or too few pixels, is no map', () => {
  const header = dicomJson(encode(chestCase()).find((o) => o.kind === 'MAP')?.bytes ?? new Uint8Array());
  expect(readMapHeader({ ...header, '00409096': { vr: 'SQ', Value: [] } })).toBeUndefined();
  const good = readMapHeader(header);
  expect(good && readMap(good, 0, new ArrayBuffer(10))).toBeUndefined();
  expect(good && readMap(good, 1, new ArrayBuffer(392))).toBeUndefined();
});

const map = (values: readonly number[], rows = 1): ValueMap => ({
  name: 'm',
  method: 'by hand',
  unit: '1',
  rows,
  columns: values.length / rows,
  values: Float32Array.from(values),
  low: 0,
  high: 4,
  SOPInstanceUID: '1',
});

test.each([
  [20, 4, 5 / 15],
  [40, 3, 9 / 15],
  [100, 0, 1],
])(
  'the top %s %% of cells are those above %s, and hold their share of the evidence',
  (top, threshold, share) => {
    const five = { ...map([1, 2, 3, 4, 5]), high: 5 };
    expect(thresholdFor(five, top)).toBe(threshold);
    expect(shareAbove(five, threshold)).toBeCloseTo(share);
  },
);

test('cells that speak against, or hold nothing, are never shown', () => {
  const mixed = map([-3, -1, Number.NaN, 4]);
  expect(thresholdFor(mixed, 100)).toBe(0);
  expect(shareAbove(mixed, 0)).toBe(1);
  const { rgba } = paint(mixed, { threshold: 0, scale: 1 });
  expect([3, 7, 11, 15].map((i) => rgba[i])).toEqual([0, 0, 0, 255]);
});

test('painted larger, each cell keeps its place', () => {
  const { width, height, rgba } = paint(map([0, 0, 0, 4], 2), { threshold: 0, scale: 8 });
  expect([width, height]).toEqual([16, 16]);
  const alpha = (x: number, y: number) => rgba[(y * 16 + x) * 4 + 3];
  expect(alpha(0, 0)).toBe(0);
  expect(alpha(15, 15)).toBe(255);
  expect(alpha(15, 0)).toBe(0);
});
