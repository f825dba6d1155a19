import type { Part10 } from '../../server/dicom/read.ts';
import { assembleVolume, type SeriesPolicy } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitSeries } from '../helpers/kit.ts';
import { instance, mrSeries } from '../helpers/series.ts';

/** A stack of tilted slices, every pixel of frame f with the value f + `value`. */
const stack = (value: number, attributes: Readonly<Record<string, unknown>> = {}, frames = 3): Part10[] =>
  mrSeries({ frames, value: (f) => f + value }).map(({ dataset, pixels }) => {
    const { buffer } = Uint8Array.from(pixels[0] as Uint8Array);
    return instance({
      dataset: { ...dataset, SOPInstanceUID: `${dataset.SOPInstanceUID}.${value}`, ...attributes },
      pixels: new Uint16Array(buffer),
    });
  });

const SAGITTAL = { ImageOrientationPatient: [0, 1, 0, 0, 0, -1] };
const NARROW = { Rows: 1, Columns: 4 };

const firstPixels = (volume: { data: Float32Array; shape: readonly [number, number, number] }) =>
  Array.from(
    { length: volume.shape[0] },
    (_, f) => volume.data[f * volume.shape[1] * volume.shape[2]] as number,
  );

test.each<[string, readonly Part10[], NonNullable<SeriesPolicy['split']>, number[], string | undefined]>([
  ['a plain stack stays whole', stack(0), 'largest', [0, 1, 2], undefined],
  [
    'localizers go, though there are more of them',
    [...stack(50, { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'], ...NARROW }, 4), ...stack(0)],
    'largest',
    [0, 1, 2],
    'kept 3 images (largest); left out 4 localizers',
  ],
  [
    'a localizer that does not say so lies in another plane',
    [...stack(50, SAGITTAL, 1), ...stack(0)],
    'largest',
    [0, 1, 2],
    'kept 3 images (largest); left out 1 in other planes or stacks',
  ],
  [
    'the first of two matrices',
    [...stack(0, { InstanceNumber: 9 }), ...stack(50, { InstanceNumber: 2, ...NARROW }, 2)],
    'first',
    [50, 51],
    'kept 2 images (first); left out 3 in other planes or stacks',
  ],
  [
    'the lowest b-value, by number and not by name',
    [1000, 50, 200].flatMap((b) => stack(b, { DiffusionBValue: b })),
    'first',
    [50, 51, 52],
    'kept 3 images with DiffusionBValue 50 (first); left out 6 with DiffusionBValue 200, 1000',
  ],
  [
    'b = 0 once, b = 1000 in two directions',
    [...stack(0, { DiffusionBValue: 0 }), ...[5, 6].flatMap((v) => stack(v, { DiffusionBValue: 1000 }))],
    'largest',
    [0, 1, 2],
    'kept 3 images with DiffusionBValue 0 (largest); left out 6 with DiffusionBValue 1000',
  ],
  [
    'echo and part of the complex value only together',
    [1, 2].flatMap((EchoTime) =>
      ['M', 'P'].flatMap((part, i) =>
        stack(10 * EchoTime + 5 * i, {
          EchoTime,
          ImageType: ['ORIGINAL', 'PRIMARY', part],
          InstanceNumber: 2 * EchoTime + i,
        }),
      ),
    ),
    'first',
    [10, 11, 12],
    'kept 3 images with EchoTime, ImageType 1, ORIGINAL/PRIMARY/M (first); left out 9 with EchoTime, ImageType ' +
      '1, ORIGINAL/PRIMARY/P, 2, ORIGINAL/PRIMARY/M, 2, ORIGINAL/PRIMARY/P',
  ],
])('%s', async (_, series, split, pixels, note) => {
  const volume = await assembleVolume(series, series.length, { split });
  expect(firstPixels(volume)).toEqual(pixels);
  expect(volume.notes?.split).toBe(note);
  expect(volume.frames).toHaveLength(pixels.length);
  expect(volume.data).toHaveLength(pixels.length * volume.shape[1] * volume.shape[2]);
});

test.each<[string, readonly Part10[], NonNullable<SeriesPolicy['split']>, string]>([
  [
    'two stacks of one size',
    [...stack(0), ...stack(9, SAGITTAL)],
    'largest',
    'two of its stacks have 3 images',
  ],
  [
    'three time points',
    [1, 2, 3].flatMap((t) => stack(t, { TemporalPositionIdentifier: t })),
    'largest',
    '3 of its stacks have 3 images, with other values of TemporalPositionIdentifier',
  ],
  [
    'no number says which comes first',
    [...stack(0), ...stack(9, SAGITTAL)],
    'first',
    'InstanceNumber, which would say what comes first, is missing',
  ],
  [
    'the same images twice',
    [...stack(0), ...stack(9)],
    'first',
    'several of its images lie at each place, and no dimension tells a whole stack of them',
  ],
  [
    'the first time point lacks a slice',
    [...stack(1, { TemporalPositionIdentifier: 1 }).slice(1), ...stack(2, { TemporalPositionIdentifier: 2 })],
    'first',
    'several of its images lie at each place, and no dimension tells a whole stack of them',
  ],
])('%s: refused', async (_, series, split, words) => {
  await expect(assembleVolume(series, series.length, { split })).rejects.toMatchObject({
    code: 'GEOMETRY_AMBIGUOUS',
    detail: `which part of the series to read is not known: ${words}`,
  });
});

test('what a header says is a plain word in the note', async () => {
  const [odd, plain] = ['<b>\u0000\n\\é', 'B'.repeat(60)];
  const series = [
    ...stack(0, { TemporalPositionIdentifier: odd, InstanceNumber: 1 }),
    ...stack(9, { TemporalPositionIdentifier: plain, InstanceNumber: 2 }),
  ];
  const { notes } = await assembleVolume(series, 6, { split: 'first' });
  expect(notes?.split).toBe(
    `kept 3 images with TemporalPositionIdentifier <b>???? (first); left out 3 with TemporalPositionIdentifier ${'B'.repeat(48)}…`,
  );
});

test('two frames of reference stay refused', async () => {
  const series = [...stack(0), ...stack(9, { FrameOfReferenceUID: '1.2.3.4' })];
  await expect(assembleVolume(series, 6, { split: 'largest' })).rejects.toMatchObject({
    detail: expect.stringContaining('which part of the series'),
  });
});

test('a picture among slices is left out, whatever its colour', async () => {
  const [slice] = stack(0);
  const { ImagePositionPatient: _, ImageOrientationPatient: __, ...dataset } = slice?.dataset ?? {};
  const picture = instance({
    dataset: { ...dataset, SOPInstanceUID: '1.2.3.77', Rows: 2, Columns: 2 },
    pixels: new Uint16Array(4),
  });
  const volume = await assembleVolume([picture, ...stack(0)], 4, { split: 'largest' });
  expect(firstPixels(volume)).toEqual([0, 1, 2]);
  expect(volume.notes?.split).toBe('kept 3 images (largest); left out 1 without a place');
});

describeWithKit('series of the kit', () => {
  const read = (name: string, policy: SeriesPolicy) => {
    const series = kitSeries('E_hostile', 'synthetic', name);
    return assembleVolume(series, series.length, policy);
  };

  test('with a localizer inside or another matrix: the stack without it, as in series_ok', async () => {
    const [ok, localizer, mixed] = await Promise.all([
      read('series_ok', {}),
      read('series_localizer_inside', { split: 'largest' }),
      read('series_mixed_matrix', { split: 'first' }),
    ]);
    expect(localizer?.notes?.split).toMatch(/^kept \d+ images \(largest\); left out 1 /);
    expect(mixed?.notes?.split).toBe('kept 4 images (first); left out 4 in other planes or stacks');
    const frames = new Set(ok?.frames.map((f) => `${f.ImagePositionPatient}`));
    for (const { frames: kept } of [localizer, mixed])
      expect(kept.every((f) => frames.has(`${f.ImagePositionPatient}`))).toBe(true);
  });

  test('with a duplicated position or two frames of reference: refused all the same', async () => {
    for (const name of ['series_duplicate_position', 'series_two_frames_of_reference'])
      await expect(read(name, { split: 'first' })).rejects.toMatchObject({ code: 'GEOMETRY_AMBIGUOUS' });
  });
});
