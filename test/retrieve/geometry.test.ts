import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { number, readPart10 } from '../../server/dicom/read.ts';
import { placeFrames } from '../../server/retrieve/place.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitBytes, kitPath, kitSeries } from '../helpers/kit.ts';
import { instance, mrSeries, TILTED } from '../helpers/series.ts';

/** An enhanced MR of 2 × 1 pixels: frame f holds f in all pixels. */
function enhanced(groups: readonly Readonly<Record<string, unknown>>[], attributes = {}) {
  const [plain] = mrSeries({ frames: 1, rows: 2, columns: 1 });
  const { ImagePositionPatient: _, ImageOrientationPatient, PixelSpacing, ...dataset } = plain?.dataset ?? {};
  return instance({
    dataset: {
      ...dataset,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4.1',
      NumberOfFrames: groups.length,
      SharedFunctionalGroupsSequence: [
        {
          PixelMeasuresSequence: [{ PixelSpacing }],
          PlaneOrientationSequence: [{ ImageOrientationPatient }],
        },
      ],
      PerFrameFunctionalGroupsSequence: groups,
      ...attributes,
    },
    pixels: Uint16Array.from({ length: 2 * groups.length }, (_, i) => Math.floor(i / 2)),
  });
}

/** A frame `along` millimetres from the first along the normal of the tilted plane. */
const at = (along: number, more = {}) => ({
  PlanePositionSequence: [
    { ImagePositionPatient: TILTED.origin.map((o, k) => o + along * ([-0.6, 0.8, 0][k] as number)) },
  ],
  ...more,
});

test('frames of an enhanced image are ordered by position and keep their numbers (PS3.3 C.7.6.16.2.3)', async () => {
  const volume = await assembleVolume([enhanced([at(4), at(0), at(2)])]);
  expect([...volume.data]).toEqual([1, 1, 2, 2, 0, 0]);
  expect(volume.frames.map((f) => f.frameNumber)).toEqual([2, 3, 1]);
  expect(volume.geometry?.spacingBetweenFrames).toBeCloseTo(2, 9);
  expect(volume.frames[0]?.ImagePositionPatient).toEqual(TILTED.origin.map(String));
});

test('each frame is rescaled by its own functional group (PS3.3 C.7.6.16.2.9)', async () => {
  const scaled = (along: number, RescaleSlope: number) =>
    at(along, {
      PixelValueTransformationSequence: [{ RescaleSlope, RescaleIntercept: 100, RescaleType: 'US' }],
    });
  const volume = await assembleVolume([enhanced([scaled(0, 1), scaled(1, 10), scaled(2, 0.5)])]);
  expect([...volume.data]).toEqual([100, 100, 110, 110, 101, 101]);
  expect(volume.unit).toBeNull();
});

test.each([
  ['TemporalPositionIndex', (v: number) => ({ FrameContentSequence: [{ TemporalPositionIndex: v }] })],
  ['StackID', (v: number) => ({ FrameContentSequence: [{ StackID: `${v}` }] })],
  ['DiffusionBValue', (v: number) => ({ MRDiffusionSequence: [{ DiffusionBValue: 500 * v }] })],
  ['EffectiveEchoTime', (v: number) => ({ MREchoSequence: [{ EffectiveEchoTime: v }] })],
])('a second dimension is refused by its name: %s', async (name, group) => {
  const frames = [1, 2].flatMap((v) => [0, 3, 6].map((along) => at(along, group(v))));
  await expect(assembleVolume([enhanced(frames)])).rejects.toMatchObject({
    code: 'GEOMETRY_AMBIGUOUS',
    detail: expect.stringContaining(`its slices are there 2 times, with other values of ${name}`),
  });
});

test.each([
  // Columns of the affine by hand: PixelSpacing is row then column spacing; the frame step is row × column.
  ['head first, supine', [1, 0, 0, 0, 1, 0], [0.7, 0, 0, 0, 1.3, 0, 0, 0, 2.5]],
  ['head first, prone', [-1, 0, 0, 0, -1, 0], [-0.7, 0, 0, 0, -1.3, 0, 0, 0, 2.5]],
  ['head first, decubitus left', [0, 1, 0, -1, 0, 0], [0, 0.7, 0, -1.3, 0, 0, 0, 0, 2.5]],
  ['feet first, supine', [-1, 0, 0, 0, 1, 0], [-0.7, 0, 0, 0, 1.3, 0, 0, 0, -2.5]],
])('%s: the affine follows the direction cosines, not PatientPosition', async (_, cosines, expected) => {
  const [rx = 0, ry = 0, , cx = 0, cy = 0] = cosines;
  const normal = rx * cy - ry * cx;
  const series = [0, 1, 2].map((f) =>
    instance({
      dataset: {
        ...(mrSeries({ frames: 1 })[0]?.dataset ?? {}),
        SOPInstanceUID: `1.2.3.${f}`,
        ImageOrientationPatient: cosines,
        ImagePositionPatient: [5, 6, 7 + 2.5 * f * normal],
      },
      pixels: new Uint16Array(15).fill(f),
    }),
  );
  const { geometry, data } = await assembleVolume(series.toReversed());
  const affine = geometry?.affine ?? [];
  const columns = [0, 1, 2].flatMap((c) => [0, 4, 8].map((r) => affine[r + c] ?? Number.NaN));
  for (const [i, v] of expected.entries()) expect(columns[i]).toBeCloseTo(v, 9);
  expect([data[0], data[15], data[30]]).toEqual([0, 1, 2]);
});

const picture = (attributes: Readonly<Record<string, unknown>>, frames = 1) => {
  const {
    ImagePositionPatient: _,
    ImageOrientationPatient: __,
    ...dataset
  } = mrSeries({ frames: 1 })[0]?.dataset ?? {};
  return instance({
    dataset: { ...dataset, NumberOfFrames: frames, ...attributes },
    pixels: new Uint16Array(15 * frames),
  });
};

test.each([
  ['calibrated', { PixelSpacing: [0.2, 0.3], PixelSpacingCalibrationType: 'FIDUCIAL' }, ['0.2', '0.3']],
  [
    'corrected for magnification',
    { PixelSpacing: [0.2, 0.3], ImagerPixelSpacing: [0.25, 0.35] },
    ['0.2', '0.3'],
  ],
  ['that of the detector', { PixelSpacing: [0.2, 0.3], ImagerPixelSpacing: [0.2, 0.3] }, null],
  ['of the detector only', { PixelSpacing: undefined, ImagerPixelSpacing: [0.2, 0.3] }, null],
  ['of unknown meaning', { PixelSpacing: [0.2, 0.3] }, null],
  ['zero', { PixelSpacing: [0, 0], PixelSpacingCalibrationType: 'FIDUCIAL' }, null],
])('spacing of a mammogram, %s (PS3.3 10.7.1.3)', async (_, attributes, expected) => {
  const volume = await assembleVolume([picture({ Modality: 'MG', ...attributes })]);
  expect(volume.PixelSpacing).toEqual(expected);
  expect(volume.geometry).toBeNull();
});

test('a cine has the times of its frames (PS3.3 C.7.6.5)', async () => {
  const even = await assembleVolume([picture({ Modality: 'US', FrameTime: 40 }, 3)]);
  expect([even.frameTimes, even.shape[0]]).toEqual([[0, 40, 80], 3]);
  const uneven = await assembleVolume([picture({ Modality: 'US', FrameTimeVector: [0, 40, 35] }, 3)]);
  expect(uneven.frameTimes).toEqual([0, 40, 75]);
});

test('tiles of a whole slide are not taken for a cine', async () => {
  const tiled = picture({ Modality: 'SM', TotalPixelMatrixColumns: 9 }, 4);
  await expect(assembleVolume([tiled])).rejects.toMatchObject({ code: 'PIXELS_UNSUPPORTED' });
});

describeWithKit('the kit, by other readers (test/oracle/geometry.py)', () => {
  const placed: Readonly<Record<string, { affine: number[]; shape: number[]; by: string }>> = JSON.parse(
    readFileSync(join(__dirname, '..', 'oracle', 'geometry.json'), 'utf8'),
  );

  test.each(Object.entries(placed))('%s: affine within 0.0001', (name, { affine, shape }) => {
    const parts = name.split('/');
    const isFolder = statSync(kitPath(...parts)).isDirectory();
    const instances = isFolder ? kitSeries(...parts) : [readPart10(kitBytes(...parts))];
    const frames = instances.flatMap((part10) =>
      Array.from({ length: number(part10.dataset, 'NumberOfFrames') ?? 1 }, (_, index) => ({
        instance: part10,
        index,
      })),
    );
    expect(frames).toHaveLength(shape[0] as number);
    const { geometry } = placeFrames(frames, { tilted: 'resample' });
    for (const [i, v] of affine.entries()) expect(geometry?.affine[i]).toBeCloseTo(v, 4);
  });
});
