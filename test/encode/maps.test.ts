import { codeOf, items, number, readPart10, text, texts } from '../../server/dicom/read.ts';
import { dotsOf } from '../../server/encode/font.ts';
import { resampleFrame } from '../../server/encode/grid.ts';
import { encode } from '../../server/encode/index.ts';
import type { ExplanationMap } from '../../server/explanation.ts';
import { colourOf } from '../../server/shared/colour-map.ts';
import { brainCase, type Case, chestCase } from './fixtures.ts';

const object = (results: Case, kind: string) => {
  const found = encode(results).find((o) => o.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return { ...readPart10(found.bytes), bytes: found.bytes };
};
const withMap = <C extends Case>(results: C, over: Partial<ExplanationMap>): C => ({
  ...results,
  explanation: {
    ...results.explanation,
    maps: results.explanation.maps.map((m) => ({ ...m, ...over })),
  },
});

describe('MAP: the values of a map over a projection', () => {
  const values = ({ dataset, pixels }: ReturnType<typeof object>): number[] => {
    const mapping = items(dataset, 'RealWorldValueMappingSequence')[0] ?? {};
    const [slope, intercept] = [
      number(mapping, 'RealWorldValueSlope'),
      number(mapping, 'RealWorldValueIntercept'),
    ];
    const bytes = pixels[0] as Uint8Array;
    return Array.from(
      new Uint16Array(bytes.slice().buffer),
      (s) => s * (slope as number) + (intercept as number),
    );
  };

  test('are true to (max − min) / 65535 on the map’s own grid', () => {
    const results = chestCase({ frames: 2 });
    const file = object(results, 'MAP');
    const [map] = results.explanation.maps as [ExplanationMap];
    expect([number(file.dataset, 'Rows'), number(file.dataset, 'Columns')]).toEqual([14, 14]);
    const step = (Math.max(...map.data) - Math.min(...map.data)) / 65_535;
    const errors = values(file).map((v, i) => Math.abs(v - (map.data[i] as number)));
    expect(Math.max(...errors)).toBeLessThanOrEqual(step);
  });

  test('rescale is the identity, as PS3.3 C.8.6.3 demands, and the mapping has quantity and unit', () => {
    const { dataset } = object(chestCase(), 'MAP');
    expect([number(dataset, 'RescaleSlope'), number(dataset, 'RescaleIntercept')]).toEqual([1, 0]);
    const mapping = items(dataset, 'RealWorldValueMappingSequence')[0] ?? {};
    expect(codeOf(items(mapping, 'QuantityDefinitionSequence')[0] ?? {}, 'ConceptCodeSequence')?.value).toBe(
      '130402',
    );
    expect(codeOf(mapping, 'MeasurementUnitsCodeSequence')?.value).toBe('1');
  });

  test('the window shows the declared range', () => {
    const results = withMap(chestCase(), {
      data: Float32Array.from({ length: 196 }, (_, i) => i),
      range: [0, 195],
    });
    const { dataset } = object(results, 'MAP');
    expect(number(dataset, 'WindowCenter')).toBeCloseTo(32_768, 6);
    expect(number(dataset, 'WindowWidth')).toBeCloseTo(65_536, 6);
  });

  test('a flat map keeps its value', () => {
    expect(
      new Set(values(object(withMap(chestCase(), { data: new Float32Array(196).fill(-2.5) }), 'MAP'))),
    ).toEqual(new Set([-2.5]));
  });

  test('padding is stored as 0 and declared', () => {
    const data = Float32Array.from({ length: 196 }, (_, i) => (i === 0 ? -99 : i));
    const file = object(withMap(chestCase(), { data, padding: -99 }), 'MAP');
    expect(number(file.dataset, 'PixelPaddingValue')).toBe(0);
    const stored = new Uint16Array((file.pixels[0] as Uint8Array).slice().buffer);
    expect([stored[0], stored[1], stored[195]]).toEqual([0, 1, 65_535]);
  });
});

describe('PM: a map over a volume', () => {
  const floats = ({ bytes, dataset }: ReturnType<typeof object>): Float32Array => {
    const count = ['NumberOfFrames', 'Rows', 'Columns'].reduce(
      (n, k) => n * (number(dataset, k) as number),
      1,
    );
    return new Float32Array(bytes.slice(-count * 4).buffer);
  };

  test('has every frame in the order of the source, with the very same values', () => {
    const results = brainCase();
    const file = object(results, 'PM');
    expect(floats(file)).toEqual(results.explanation.maps[0]?.data);
    const positions = items(file.dataset, 'PerFrameFunctionalGroupsSequence').map((g) =>
      texts(items(g, 'PlanePositionSequence')[0] ?? {}, 'ImagePositionPatient').map(Number),
    );
    expect(positions).toEqual(results.volume.frames.map((f) => f.ImagePositionPatient?.map(Number)));
  });

  test('a coarser map is interpolated to the grid of the source', () => {
    const results = brainCase({ mapShape: [4, 2, 3] });
    const { dataset } = object(results, 'PM');
    expect([number(dataset, 'Rows'), number(dataset, 'Columns')]).toEqual([5, 7]);
  });

  test('without a frame of reference one is derived from the source series, the same for every map', () => {
    const { dataset } = object(brainCase({ frameOfReference: false }), 'PM');
    expect(text(dataset, 'FrameOfReferenceUID')).toMatch(/^2\.25\./);
  });

  test.each([
    ['a value that is not finite', { data: new Float32Array(140).fill(Number.NaN) }, 'not finite'],
    [
      'fewer frames than the source',
      { shape: [3, 5, 7] as const, data: new Float32Array(105) },
      'not over 4 source frames',
    ],
  ])('%s is ENCODE_INVALID', (_, over, message) => {
    expect(() => encode(withMap(brainCase(), over))).toThrow(message);
  });
});

describe('SC: a picture of the map over the image', () => {
  const pixel = ({ pixels, dataset }: ReturnType<typeof object>, row: number, column: number): number[] => {
    const at = (row * (number(dataset, 'Columns') as number) + column) * 3;
    return [...(pixels[0] as Uint8Array).subarray(at, at + 3)];
  };
  const flat = (value: number, over: Partial<ExplanationMap> = {}) =>
    withMap(chestCase({ rows: 20, columns: 240, header: { WindowCenter: 2048, WindowWidth: 4096 } }), {
      data: new Float32Array(196).fill(value),
      range: [-1, 2],
      ...over,
    });

  test('where the map is zero or below, the image is grey', () => {
    const [r, g, b] = pixel(object(flat(-0.5), 'SC'), 10, 10) as [number, number, number];
    expect([g, b]).toEqual([r, r]);
  });

  test('where it is greatest, 60 % of inferno’s end is over the grey', () => {
    const grey = pixel(object(flat(-1), 'SC'), 10, 10)[0] as number;
    const expected = [252, 255, 164].map((c) => grey + (c - grey) * 0.6);
    pixel(object(flat(5), 'SC'), 10, 10).forEach((c, i) => {
      expect(Math.abs(c - (expected[i] as number))).toBeLessThan(4);
    });
  });

  /** The fixture's score over its threshold is 0.1 / 0.3252. */
  test('of a finding that is not there it is dimmed, and the caption begins with it', () => {
    const absent = chestCase({ positive: false }).prediction;
    const file = object({ ...flat(2), prediction: absent }, 'SC');
    const grey = pixel(object(flat(-1), 'SC'), 10, 10)[0] as number;
    const share = 0.1 / 0.3252;
    const expected = colourOf('inferno', share).map((c) => grey + (c - grey) * 0.6 * share);
    pixel(file, 10, 10).forEach((c, i) => {
      expect(Math.abs(c - (expected[i] as number))).toBeLessThan(4);
    });
    const begins = (picture: typeof file): boolean =>
      dotsOf('BELOW THRESHOLD - ').every(([row, column]) => pixel(picture, 22 + row, 1 + column)[0] === 255);
    expect([begins(file), begins(object(flat(2), 'SC'))]).toEqual([true, false]);
  });

  test('a photograph is shown by its luma', () => {
    const results = flat(-1);
    const size = 20 * 240;
    const data = Float32Array.from({ length: size * 3 }, (_, i) => [200, 100, 50][i % 3] as number);
    const [r, g, b] = pixel(
      object({ ...results, volume: { ...results.volume, samples: 3, data } }, 'SC'),
      19,
      239,
    ) as [number, number, number];
    expect([r, g, b]).toEqual([124, 124, 124]);
  });

  test('MONOCHROME1 is shown inverted', () => {
    const plain = pixel(object(flat(-1), 'SC'), 10, 10)[0] as number;
    const results = flat(-1);
    const inverted = { ...results, volume: { ...results.volume, inverted: true } };
    expect(pixel(object(inverted, 'SC'), 10, 10)[0]).toBe(255 - plain);
  });

  test('the caption stands below the image and is not empty', () => {
    const file = object(flat(-1), 'SC');
    const rows = number(file.dataset, 'Rows') as number;
    expect(rows).toBeGreaterThan(20 + 7);
    const strip = (file.pixels[0] as Uint8Array).subarray(20 * 240 * 3, rows * 240 * 3);
    expect(strip.filter((v) => v === 255).length).toBeGreaterThan(500);
    expect(text(file.dataset, 'BurnedInAnnotation')).toBe('YES');
  });
});

test('bilinear by hand: 1 × 2 onto 1 × 4 over the same extent', () => {
  const map = {
    ...(chestCase().explanation.maps[0] as ExplanationMap),
    shape: [1, 1, 2] as const,
    data: Float32Array.of(0, 1),
  };
  expect([...resampleFrame(map, 0, 1, 4)]).toEqual([0, 0.25, 0.75, 1]);
  expect([...resampleFrame({ ...map, padding: 1 }, 0, 1, 4)]).toEqual([0, 1, 1, 1]);
});
