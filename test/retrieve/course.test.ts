import { readdirSync, readFileSync } from 'node:fs';
import { type Part10, readPart10 } from '../../server/dicom/read.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';
import { instance, mrSeries } from '../helpers/series.ts';

/** Axial slices of 2 × 2 mm pixels at these heights, each shifted by `shear` mm along y for each mm of height. */
const slices = (heights: readonly number[], shear = 0): Part10[] =>
  heights.map((z, f) => {
    const [plain] = mrSeries({ frames: 1 });
    return instance({
      dataset: {
        ...plain?.dataset,
        SOPInstanceUID: `1.2.3.${f}`,
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        ImagePositionPatient: [10, 20 + shear * z, z],
        PixelSpacing: [2, 2],
      },
      pixels: new Uint16Array(15).fill(f),
    });
  });

const column = (affine: readonly number[] | undefined, c: number) => [0, 4, 8].map((r) => affine?.[r + c]);

test('a tilted stack has a sheared affine and the distance along the normal, and says its angle', async () => {
  const series = slices([0, 3, 6, 9], Math.tan(Math.PI / 9));
  await expect(assembleVolume(series)).rejects.toMatchObject({
    detail: 'the series is not one regular stack of slices: the slices are sheared: the gantry was tilted',
  });
  const { geometry, notes } = await assembleVolume(series, 4, { tilted: 'resample' });
  for (const [i, v] of [0, 3 * Math.tan(Math.PI / 9), 3].entries())
    expect(column(geometry?.affine, 2)[i]).toBeCloseTo(v, 9);
  expect(geometry?.spacingBetweenFrames).toBeCloseTo(3, 9);
  expect(geometry?.frameAt).toBeUndefined();
  expect(notes?.stack).toBe('gantry tilt of 20.0 degrees');
});

test('an irregular stack counts places of its smallest distance, and says where its slices lie', async () => {
  const series = slices([0, 2, 4, 7, 12]);
  await expect(assembleVolume(series)).rejects.toMatchObject({
    detail: expect.stringContaining('after slice 4 of 5 the gap is 5.00 mm, elsewhere 3.00 mm'),
  });
  const { geometry, notes, frames } = await assembleVolume(series, 5, { irregular: 'resample' });
  expect(column(geometry?.affine, 2)).toEqual([0, 0, 2]);
  expect(geometry?.frameAt).toEqual([0, 1, 2, 3.5, 6]);
  expect(geometry?.spacingBetweenFrames).toBeNull();
  expect(notes?.stack).toBe('slices 2.00 to 5.00 mm apart, interpolated at 2.00 mm');
  expect(frames.map((f) => f.ImagePositionPatient?.[2])).toEqual(['0', '2', '4', '7', '12']);
});

test('tilted and irregular at once', async () => {
  const { notes, geometry } = await assembleVolume(slices([0, 2, 5], 0.5), 3, {
    tilted: 'resample',
    irregular: 'resample',
  });
  expect(notes?.stack).toBe(
    'gantry tilt of 26.6 degrees; slices 2.00 to 3.00 mm apart, interpolated at 2.00 mm',
  );
  expect(column(geometry?.affine, 2)).toEqual([0, 1, 2]);
});

test.each([
  [
    'a gap of many slices',
    slices([0, 1, 2, 40]),
    'after slice 3 of 4 the gap is 38.00 mm, elsewhere 1.00 mm; a slice may be missing',
  ],
  ['two slices at one place', slices([0, 1, 1, 2]), 'two slices lie at the same position (slice 2 of 4)'],
  [
    'slices beside each other',
    slices([0, 1, 2], 3),
    'its slices lie beside each other, not behind each other',
  ],
  [
    'a slice moved within its plane',
    slices([0, 1, 3, 4]).map((s, i) =>
      i === 1
        ? instance({
            dataset: { ...s.dataset, ImagePositionPatient: [10, 25, 1] },
            pixels: new Uint16Array(15),
          })
        : s,
    ),
    'slice 2 of 4 lies 5.00 mm beside its place',
  ],
])('%s is refused whatever the package takes', async (_, series, words) => {
  const policy = { tilted: 'resample', irregular: 'resample' } as const;
  await expect(assembleVolume(series, series.length, policy)).rejects.toMatchObject({
    code: 'GEOMETRY_AMBIGUOUS',
    detail: `the series is not one regular stack of slices: ${words}`,
  });
});

describeWithKit('tilted and irregular series of the kit', () => {
  const read = (...folder: readonly string[]) =>
    readdirSync(kitPath('E_hostile', 'geometry', ...folder)).map((name) =>
      readPart10(new Uint8Array(readFileSync(kitPath('E_hostile', 'geometry', ...folder, name)))),
    );

  test('GE head CT: refused, or 18.5° of tilt as GantryDetectorTilt says', async () => {
    const series = read('dcm_qa_ct_GE_variable_tilt');
    await expect(assembleVolume(series)).rejects.toMatchObject({ code: 'GEOMETRY_AMBIGUOUS' });
    const volume = await assembleVolume(series, series.length, { tilted: 'resample', irregular: 'resample' });
    expect(volume.notes?.stack).toMatch(/^gantry tilt of 18\.5 degrees/);
  }, 30_000);

  test('Siemens head CT: 14 degrees, by its direction cosines', async () => {
    const series = read('dicom2nifti_failing', 'gantrytilting', '001');
    const volume = await assembleVolume(series, series.length, { tilted: 'resample' });
    expect(volume.notes?.stack).toBe('gantry tilt of 14.0 degrees');
    expect(column(volume.geometry?.affine, 2)).toEqual([0, 0, 5]);
  });

  test('two orientations: the larger, or refused when they are of one size', async () => {
    const series = read('dicom2nifti_failing', 'sliceorientation', '001');
    await expect(assembleVolume(series, series.length, { split: 'largest' })).rejects.toMatchObject({
      detail: 'which part of the series to read is not known: two of its stacks have 2 images',
    });
  });
});
