import { PNG } from 'pngjs';
import { paint } from '../../ohif-extension/src/lib/paint.ts';
import {
  scaleOf as panelScale,
  thresholdFor as panelThreshold,
} from '../../ohif-extension/src/lib/value-map.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { PictureQuery } from '../../server/review/contract/case.ts';
import { mapPicture, thresholdFor } from '../../server/review/pictures/map.ts';
import { maskPicture } from '../../server/review/pictures/mask.ts';
import { pngOf } from '../../server/review/pictures/png.ts';
import { type SourceFrame, sourcePicture, windowOf } from '../../server/review/pictures/source.ts';
import { storedMap } from '../../server/review/pictures/stored-map.ts';
import { colourOf } from '../../server/shared/colour-map.ts';
import { brainCase, type Case, chestCase } from '../encode/fixtures.ts';

const mapOf = (results: Case, kind: 'MAP' | 'PM') => {
  const object = encode(results).find((o) => o.kind === kind);
  const map = object && storedMap(readPart10(object.bytes));
  if (!map) throw new Error(`no ${kind}`);
  return map;
};
const withMap = (results: Case, change: Partial<Case['explanation']['maps'][number]>): Case => ({
  ...results,
  explanation: {
    ...results.explanation,
    maps: results.explanation.maps.map((map) => ({ ...map, ...change })),
  },
});
const sourceAt = ({ volume }: Case, frame: number) => {
  const { SOPClassUID, SOPInstanceUID } = volume.frames[frame] as Case['volume']['frames'][number];
  return { SOPClassUID, SOPInstanceUID };
};
const frame = (data: readonly number[], more: Partial<SourceFrame> = {}): SourceFrame => ({
  rows: 1,
  columns: data.length,
  samples: 1,
  data: Float32Array.from(data),
  inverted: false,
  padding: null,
  ...more,
});
const window = (centre: number, width: number, shape: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID') => ({
  voi: { window: { centre, width, shape }, count: 1 },
});

describe('a source image', () => {
  test.each<[string, SourceFrame, readonly number[]]>([
    // PS3.3 C.11.2.1.2.1: c = 2048, w = 4096.
    ['LINEAR', frame([0, 2048, 4095, 5000], window(2048, 4096, 'LINEAR')), [0, 128, 255, 255]],
    // The examples of the standard: c = 0, w = 1 is a step at −0.5.
    ['LINEAR of width 1', frame([-1, -0.5, 0], window(0, 1, 'LINEAR')), [0, 0, 255]],
    ['LINEAR_EXACT', frame([0, 50, 100], window(50, 100, 'LINEAR_EXACT')), [0, 128, 255]],
    ['SIGMOID', frame([-1e6, 10, 1e6], window(10, 4, 'SIGMOID')), [0, 128, 255]],
    [
      'a table',
      frame([0, 5, 6, 9], { voi: { table: { entries: [0, 255], firstMapped: 5, bits: 8 }, count: 1 } }),
      [0, 0, 255, 255],
    ],
    ['MONOCHROME1', frame([0, 100], { ...window(50, 100, 'LINEAR_EXACT'), inverted: true }), [255, 0]],
    ['padding', frame([-2000, 0, 10], { padding: -2000 }), [0, 0, 255]],
    ['without a view', frame([10, 15, 20]), [0, 128, 255]],
    ['all the same', frame([7, 7]), [0, 0]],
  ])('%s', (_, source, grey) => {
    expect([...sourcePicture(source).data]).toEqual(grey);
  });

  test.each<[string, SourceFrame, readonly number[], object]>([
    // Soft tissue of a CT, and what the image itself asks for.
    ['its own', frame([-160, 40, 240], window(50, 100, 'LINEAR')), [0, 128, 255], { centre: 50, width: 100 }],
    [
      'a table',
      frame([-160, 40, 240], { voi: { table: { entries: [0, 255], firstMapped: 5, bits: 8 }, count: 1 } }),
      [0, 128, 255],
      { centre: 40, width: 400 },
    ],
    ['none', frame([-160, 40, 240]), [0, 128, 255], { centre: 40, width: 400 }],
    ['MONOCHROME1', frame([-160, 40, 240], { inverted: true }), [255, 127, 0], { centre: 40, width: 400 }],
    ['padding', frame([-2000, 40, 240], { padding: -2000 }), [0, 128, 255], { centre: 140, width: 200 }],
    ['one value', frame([7, 7]), [106, 106], { centre: 7.5, width: 1 }],
  ])('through a window of 400 HU about 40, in place of %s', (_, source, grey, own) => {
    expect([...sourcePicture(source, { centre: 40, width: 400 }).data]).toEqual(grey);
    expect(windowOf(source)).toEqual(own);
  });

  test('colours have no window', () => {
    const colours = frame([1, 2, 3], { columns: 1, samples: 3 });
    expect(() => sourcePicture(colours, { centre: 1, width: 2 })).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }),
    );
    expect(() => windowOf(colours)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  test.each([
    ['none', {}, true],
    ['both', { centre: '-600', width: '1500' }, true],
    ['one alone', { centre: '40' }, false],
    ['no width', { centre: '40', width: '0' }, false],
    ['no number', { centre: 'x', width: '400' }, false],
    ['without end', { centre: '40', width: 'Infinity' }, false],
    ['more than asked for', { centre: '40', width: '400', shape: 'SIGMOID' }, false],
  ])('a window in an address: %s', (_, query, fits) => {
    expect(PictureQuery.safeParse(query).success).toBe(fits);
  });

  test.each([1, 3, 4] as const)('%s samples come back from the PNG as they went in', async (samples) => {
    const data = Uint8Array.from({ length: 5 * 7 * samples }, (_, i) => (i * 37) % 256);
    const png = PNG.sync.read(await pngOf({ rows: 5, columns: 7, samples, data }));
    expect([png.width, png.height]).toEqual([7, 5]);
    const back = Array.from({ length: 35 }, (_, i) => [...png.data.subarray(4 * i, 4 * i + 4)]);
    expect(back).toEqual(
      Array.from({ length: 35 }, (_, i) => {
        const [a = 0, b = a, c = a, d = 255] = data.subarray(i * samples, (i + 1) * samples);
        return samples === 1 ? [a, a, a, 255] : [a, b, c, d];
      }),
    );
  });
});

describe('a map', () => {
  const LOOK = { threshold: 0, isAgainst: false, colours: 'inferno', weight: 1 } as const;

  test('of a volume: each voxel of the stored map is at its pixel of its image, and no other', () => {
    const hot = 17;
    const results = withMap(brainCase(), {
      quantity: { value: '130404', scheme: 'DCM', meaning: 'Saliency' },
      data: Float32Array.from({ length: 4 * 5 * 7 }, (_, i) => (i === 2 * 35 + hot ? 1 : 0)),
      range: [0, 1],
    });
    const map = mapOf(results, 'PM');
    const over = map.over(sourceAt(results, 2));
    if (!over) throw new Error('no frame');
    const { data } = mapPicture(over, map.scale, { rows: 5, columns: 7, look: LOOK });
    const opaque = Array.from({ length: 35 }, (_, i) => i).filter((i) => data[4 * i + 3]);
    expect(opaque).toEqual([hot]);
    expect([...data.subarray(4 * hot, 4 * hot + 4)]).toEqual([...colourOf('inferno', 1), 255]);
    const other = map.over(sourceAt(results, 1));
    expect(other?.values.every((v) => v === 0)).toBe(true);
    expect(map.over({ SOPClassUID: '', SOPInstanceUID: '1.2.3' })).toBeUndefined();
  });

  test('of a radiograph: a cell covers its part of the image from edge to edge', () => {
    const [row, column] = [3, 11];
    const data = Float32Array.from({ length: 196 }, (_, i) => (i === row * 14 + column ? 2.5 : 0));
    const results = withMap(chestCase({ rows: 140, columns: 280 }), { data, range: [0, 2.5] });
    const map = mapOf(results, 'MAP');
    const over = map.over(sourceAt(results, 0));
    if (!over) throw new Error('no frame');
    const picture = mapPicture(over, map.scale, { rows: 140, columns: 280, look: LOOK });
    const alpha = (y: number, x: number) => picture.data[4 * (y * 280 + x) + 3];
    // Cells are 10 × 20 pixels: the middle of the hot one is brightest, beyond its neighbours is nothing.
    expect(alpha(10 * row + 5, 20 * column + 10)).toBe(
      Math.max(...picture.data.filter((_, i) => i % 4 === 3)),
    );
    expect(alpha(10 * (row - 1) - 1, 20 * column + 10)).toBe(0);
    expect(alpha(10 * (row + 2), 20 * column + 10)).toBe(0);
    expect(alpha(10 * row + 5, 20 * (column - 1) - 1)).toBe(0);
    expect(alpha(10 * row + 5, 20 * (column + 2))).toBe(0);
  });

  test('what was not computed is transparent, however little is hidden', () => {
    const results = brainCase();
    const data = Float32Array.from({ length: 140 }, (_, i) => (i % 2 === 0 ? -1 : 0));
    const map = mapOf(withMap(results, { data }), 'PM');
    const over = map.over(sourceAt(results, 0));
    if (!over) throw new Error('no frame');
    const { data: rgba } = mapPicture(over, map.scale, { rows: 5, columns: 7, look: LOOK });
    const shown = Array.from({ length: 35 }, (_, i) => (rgba[4 * i + 3] as number) > 0);
    expect(map.scale.reading).toBe('doubt');
    expect(shown).toEqual(Array.from({ length: 35 }, (_, i) => i % 2 === 1));
  });

  const chest = chestCase();
  const stored = mapOf(chest, 'MAP');
  const over = stored.over(sourceAt(chest, 0)) as NonNullable<ReturnType<typeof stored.over>>;
  const asPanel = {
    name: '',
    method: '',
    unit: '1',
    reading: 'evidence' as const,
    rows: 14,
    columns: 14,
    values: Float32Array.from(over.values),
    low: -3.5,
    high: 2.5,
    images: [''],
  };

  test.each([0.05, 0.2, 0.5, 1])('the strongest %s of all cells are those of the panel', (top) => {
    for (const isAgainst of [false, true])
      expect(thresholdFor(stored.scale, stored.sample(), top, isAgainst)).toBeCloseTo(
        panelThreshold(asPanel, top * 100, isAgainst ? 'against' : 'for'),
        5,
      );
    expect(stored.scale.limit).toBeCloseTo(panelScale(asPanel).limit, 3);
  });

  test.each([false, true])('pixel by pixel it is what the panel paints; against: %s', (isAgainst) => {
    const threshold = thresholdFor(stored.scale, stored.sample(), 0.3, isAgainst);
    const theirs = paint(asPanel, 0, { threshold, side: isAgainst ? 'against' : 'for', palette: 'viridis' });
    const ours = mapPicture(over, stored.scale, {
      rows: theirs.height,
      columns: theirs.width,
      look: { threshold, isAgainst, colours: 'viridis', weight: 1 },
    });
    let [most, shown, hidden] = [0, 0, 0];
    for (let i = 0; i < theirs.rgba.length; i++) {
      most = Math.max(most, Math.abs((ours.data[i] as number) - (theirs.rgba[i] as number)));
      if (i % 4 === 3) {
        if (theirs.rgba[i]) shown++;
        else hidden++;
      }
    }
    expect(most).toBeLessThanOrEqual(3);
    expect(Math.min(shown, hidden)).toBeGreaterThan(1_000);
  });
});

test('a mask: its voxels at their pixels, its border opaque', () => {
  const values = Uint8Array.from({ length: 5 * 6 }, (_, i) => {
    const [y, x] = [Math.floor(i / 6), i % 6];
    return y >= 1 && y <= 3 && x >= 2 && x <= 4 ? 1 : 0;
  });
  const { data } = maskPicture({ rows: 5, columns: 6, values }, { rows: 5, columns: 6 });
  const alpha = Array.from({ length: 30 }, (_, i) => data[4 * i + 3] as number);
  expect(alpha.map((a) => a > 0)).toEqual([...values].map((v) => v === 1));
  expect(alpha.filter((a) => a > 0 && a < 255)).toHaveLength(1);
  expect(alpha[2 * 6 + 3]).toBeLessThan(255);
});
