import type { DicomJson } from '../../ohif-extension/src/lib/dicom-json.ts';
import { levelsOf, paint, transferOf } from '../../ohif-extension/src/lib/paint.ts';
import { readMap, readMapHeader } from '../../ohif-extension/src/lib/read-map.ts';
import { readParametricHeader, readParametricMap } from '../../ohif-extension/src/lib/read-parametric-map.ts';
import {
  dimmed,
  frameFor,
  type Side,
  scaleOf,
  shareAbove,
  thresholdFor,
  type ValueMap,
} from '../../ohif-extension/src/lib/value-map.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { colourOf } from '../../server/shared/colour-map.ts';
import { brainCase, chestCase } from '../encode/fixtures.ts';
import { dicomJson } from './documents.ts';

test.each([
  // matplotlib 3.11, colormaps[name](x), × 255 and rounded
  ['inferno', 0, [0, 0, 4]],
  ['inferno', 0.5, [188, 55, 84]],
  ['inferno', 1, [252, 255, 164]],
  ['inferno', -1, [0, 0, 4]],
  ['inferno', 7, [252, 255, 164]],
  ['viridis', 0.3, [53, 95, 141]],
  ['cividis', 0.9, [229, 207, 82]],
] as const)('%s at %s', (palette, share, rgb) => {
  expect(colourOf(palette, share)).toEqual(rgb);
});

test('a stored map gives back the values that were explained', () => {
  const it = chestCase();
  const bytes = encode(it).find((o) => o.kind === 'MAP')?.bytes ?? new Uint8Array();
  const header = readMapHeader(dicomJson(bytes));
  expect(header).toMatchObject({
    name: 'Class activation',
    method: 'Exact class activation map (global average pooling and one linear layer)',
    unit: '1',
    reading: 'evidence',
    rows: 14,
    columns: 14,
    images: ['1.2.826.0.1.3680043.8.498.2.1'],
  });
  expect(header?.low).toBeCloseTo(-3.5, 4);
  expect(header?.high).toBeCloseTo(2.5, 4);
  const pixels = readPart10(bytes).pixels[0] as Uint8Array;
  const map = header && readMap(header, [pixels.slice().buffer as ArrayBuffer]);
  const source = it.explanation.maps[0]?.data ?? [];
  expect(map?.values).toHaveLength(196);
  for (const [i, value] of (map?.values ?? []).entries()) expect(value).toBeCloseTo(source[i] as number, 3);
});

test('a header without values, or too few pixels, is no map', () => {
  const header = dicomJson(encode(chestCase()).find((o) => o.kind === 'MAP')?.bytes ?? new Uint8Array());
  expect(readMapHeader({ ...header, '00409096': { vr: 'SQ', Value: [] } })).toBeUndefined();
  const good = readMapHeader(header);
  expect(good && readMap(good, [new ArrayBuffer(10)])).toBeUndefined();
  expect(good && readMap(good, [])).toBeUndefined();
  // A page to log in at, in the place of the pixels.
  expect(good && readMap(good, [new ArrayBuffer(5_000)])).toBeUndefined();
});

describe('a Parametric Map of a tilted, anisotropic volume', () => {
  const it = brainCase();
  const bytes = encode(it).find((o) => o.kind === 'PM')?.bytes ?? new Uint8Array();
  const header = readParametricHeader(dicomJson(bytes));

  test('says what it means, of which images, and where it lies', () => {
    expect(header).toMatchObject({
      name: 'Margin to the second label',
      // More than the 64 characters of LUT Explanation.
      method: 'Difference of the two greatest probabilities',
      reading: 'doubt',
      low: 0,
      high: 1,
      images: it.volume.frames.map(({ SOPInstanceUID }) => SOPInstanceUID),
      grid: { dimensions: [7, 5, 4], FrameOfReferenceUID: '1.2.826.0.1.3680043.8.498.4' },
    });
    // Row spacing 0.5, column spacing 0.75, slices 2.5 mm apart (test/encode/fixtures.ts).
    expect(header?.grid?.spacing).toEqual([0.75, 0.5, expect.closeTo(2.5, 3)]);
    expect(header?.grid?.direction.slice(6)).toEqual([0.36, -0.48, 0.8].map((n) => expect.closeTo(n, 9)));
  });

  test('gives the values of its file; of another length, none', () => {
    const map = header && readParametricMap(header, bytes.slice().buffer);
    expect(Array.from(map?.values ?? [])).toEqual(Array.from(it.explanation.maps[0]?.data ?? []));
    expect(header && readParametricMap({ ...header, rows: 6 }, bytes.slice().buffer)).toBeUndefined();
  });

  test.each([
    ['unevenly spaced', 1, '00209113'],
    ['without positions', 0, '00209113'],
  ])('%s, it is drawn image by image only', (_, keep, tag) => {
    const document = dicomJson(bytes);
    const frames = (document['52009230']?.Value ?? []) as Record<string, unknown>[];
    const moved = frames.map((frame, i) => (i > keep ? { ...frame, [tag]: frames[0]?.[tag] } : frame));
    const odd = keep ? moved : frames.map(({ [tag]: _position, ...frame }) => frame);
    const read = readParametricHeader({ ...document, '52009230': { vr: 'SQ', Value: odd } });
    expect(read?.images).toHaveLength(4);
    expect(read?.grid).toBeUndefined();
  });
});

const map = (values: readonly number[], over: Partial<ValueMap> = {}): ValueMap => ({
  name: 'm',
  method: 'by hand',
  unit: '1',
  reading: 'evidence',
  rows: 1,
  columns: values.length / (over.rows ?? 1),
  values: Float32Array.from(values),
  low: 0,
  high: 4,
  images: ['1'],
  ...over,
});
const look = (threshold: number, side: Side = 'for') => ({ threshold, side, palette: 'inferno' }) as const;

test('a stored map whose range was declared from 0 still has what speaks against', () => {
  const it = chestCase();
  const [map] = it.explanation.maps;
  const made = {
    ...it,
    explanation: { ...it.explanation, maps: [{ ...map, range: [0, 2.5] }] },
  } as typeof it;
  const bytes = encode(made).find((o) => o.kind === 'MAP')?.bytes ?? new Uint8Array();
  const header = readMapHeader(dicomJson(bytes));
  const pixels = readPart10(bytes).pixels[0] as Uint8Array;
  const read = header && readMap(header, [pixels.slice().buffer as ArrayBuffer]);
  expect(read && scaleOf(read)).toMatchObject({ zero: 0, hasAgainst: true, limit: expect.closeTo(3.5, 2) });
});

test.each([
  [20, 4, 5 / 15],
  [40, 3, 9 / 15],
  [100, 0, 1],
])(
  'the top %s %% of cells are those above %s, and hold their share of the evidence',
  (top, threshold, share) => {
    const five = map([1, 2, 3, 4, 5], { high: 5 });
    expect(thresholdFor(five, top, 'for')).toBe(threshold);
    expect(shareAbove(five, threshold, 'for')).toBeCloseTo(share);
  },
);

test.each<[Side, number[]]>([
  ['for', [0, 0, 0, 255]],
  ['against', [255, 102 + 51, 0, 0]],
  ['both', [255, 102 + 51, 0, 255]],
])(
  '%s: only the evidence of that side is drawn, on one scale; what was not computed never is',
  (side, alpha) => {
    const mixed = map([-4, -4 / 3, Number.NaN, 4], { low: -4 });
    expect(scaleOf(mixed)).toMatchObject({ limit: 4, hasAgainst: true });
    expect(thresholdFor(mixed, 100, side)).toBe(0);
    const { rgba, width } = paint(mixed, 0, look(0, side));
    // The middle row, in the middle of each cell; a hatched cell is looked for where its stripe is.
    const cell = (i: number): number =>
      Math.max(
        ...Array.from({ length: 12 }, (_, k) => rgba[(56 * width + i * 112 + 50 + k) * 4 + 3] as number),
      );
    expect([0, 1, 2, 3].map(cell)).toEqual(alpha.map((a) => (a === 0 ? 0 : expect.closeTo(a, -1))));
  },
);

test('doubt: the lowest values are drawn, up to their part of the range', () => {
  const sure = map([0.05, 0.15, 0.25, Number.NaN], { reading: 'doubt', high: 1 });
  expect(thresholdFor(sure, 20, 'for')).toBeCloseTo(0.8);
  expect(Array.from(levelsOf(sure), (level) => transferOf(sure, look(0.8))[level - 1]?.opacity)).toEqual([
    expect.any(Number),
    expect.any(Number),
    0,
    0,
  ]);
  expect(transferOf(sure, look(0.8))[(levelsOf(sure)[0] as number) - 1]?.opacity).toBeGreaterThan(0.9);
});

test.each([
  [0.1, 0.5, 0.2],
  [0.25, 0.5, 0.5],
  [0.6, 0.5, undefined],
])('a score of %s under a threshold of %s dims the map to %s', (value, threshold, weight) => {
  const it = dimmed(map([1, 4]), { value, threshold });
  expect(it.weight).toBe(weight);
  expect(scaleOf(it).limit).toBeCloseTo(4 / (weight ?? 1));
});

test('a frame belongs to its image, and of a multi-frame image to its frame', () => {
  const cine = map([1, 2], { images: ['1.2/3', '1.2/7'] });
  expect([frameFor(cine, '1.2', 7), frameFor(cine, '1.2', 1), frameFor(cine, '1.3', 3)]).toEqual([1, -1, -1]);
  expect(frameFor(map([1]), '1', 1)).toBe(0);
});

test('painted larger, each cell keeps its place', () => {
  const { width, height, rgba } = paint(map([0, 0, 0, 4], { rows: 2 }), 0, look(0));
  expect([width, height]).toEqual([448, 448]);
  const alpha = (x: number, y: number) => rgba[(y * 448 + x) * 4 + 3];
  expect(alpha(0, 0)).toBe(0);
  expect(alpha(447, 447)).toBe(255);
  expect(alpha(447, 0)).toBe(0);
});

test('a Parametric Map whose frames mean different things, or are signed, is none; one whose frames differ in spacing has no grid', () => {
  const header = dicomJson(encode(brainCase()).find((o) => o.kind === 'PM')?.bytes ?? new Uint8Array());
  const [shared] = (header['52009229']?.Value ?? []) as DicomJson[];
  const frames = (header['52009230']?.Value ?? []) as DicomJson[];
  const { '00409096': mapping, '00289110': measures, ...rest } = shared as DicomJson;
  const each = (change: (i: number) => DicomJson): DicomJson => ({
    ...header,
    '52009229': { Value: [rest] },
    '52009230': {
      Value: frames.map((frame, i) => ({
        ...frame,
        ...(mapping ? { '00409096': mapping } : {}),
        ...(measures ? { '00289110': measures } : {}),
        ...change(i),
      })),
    },
  });
  expect(readParametricHeader(each(() => ({})))?.grid).toBeDefined();
  const other = { ...(mapping?.Value?.[0] as DicomJson), '00409225': { Value: [2] } };
  expect(
    readParametricHeader(each((i) => (i === 1 ? { '00409096': { Value: [other] } } : {}))),
  ).toBeUndefined();
  expect(readParametricHeader({ ...header, '00280103': { Value: [1] } })).toBeUndefined();
  const finer = { Value: [{ '00280030': { Value: ['0.1', '0.1'] } }] };
  const uneven = readParametricHeader(each((i) => (i === 1 ? { '00289110': finer } : {})));
  expect(uneven).toBeDefined();
  expect(uneven?.grid).toBeUndefined();
});
