import { readPart10 } from '../../server/dicom/read.ts';
import { infer } from '../../server/infer/infer.ts';
import type { Model } from '../../server/models/load.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { giveBack } from '../../server/retrieve/volume-memory.ts';
import { describeWithKit, kitBytes, kitJson, kitSeries } from '../helpers/kit.ts';
import { instance, mrSeries } from '../helpers/series.ts';

test('frames lie in increasing position along row × column, whatever order they came in', async () => {
  const volume = await assembleVolume(mrSeries({ frames: 5 }));
  expect(volume.shape).toEqual([5, 5, 3]);
  expect(volume.frames.map((f) => f.SOPInstanceUID)).toEqual([
    '1.2.3.1',
    '1.2.3.2',
    '1.2.3.3',
    '1.2.3.4',
    '1.2.3.5',
  ]);
  expect(volume.data[2 * 15 + 4 * 3 + 1]).toBe(241);
});

test('the affine takes (column, row, frame) to LPS millimetres at pixel centres (PS3.3 C.7.6.2.1.1)', async () => {
  const { geometry } = await assembleVolume(mrSeries({ frames: 2, spacing: [0.5, 2, 3] }));
  // By hand: row (0.8, 0.6, 0) · 0.5, column (0, 0, −1) · 2, normal (−0.6, 0.8, 0) · 3, origin (−12.5, 7.25, 90).
  const expected = [0.4, 0, -1.8, -12.5, 0.3, 0, 2.4, 7.25, 0, -2, 0, 90, 0, 0, 0, 1];
  for (const [i, v] of expected.entries()) expect(geometry?.affine[i]).toBeCloseTo(v, 9);
  expect(geometry?.spacingBetweenFrames).toBeCloseTo(3, 9);
});

test('rescale, sign extension from BitsStored, and padding read with the sign of the pixels', async () => {
  const volume = await assembleVolume(
    mrSeries({
      frames: 1,
      bitsStored: 12,
      signed: true,
      // 0xFF00 has rubbish above bit 11; 0x0F00 is −256 in twelve bits.
      value: (_, r, c) => (r + c === 0 ? 0xff00 : 0x000a),
      attributes: { RescaleSlope: 2, RescaleIntercept: -1024, PixelPaddingValue: 63_536 },
    }),
  );
  expect(volume.data[0]).toBe(-256 * 2 - 1024);
  expect(volume.data[1]).toBe(10 * 2 - 1024);
  expect(volume.padding).toBe(-2000 * 2 - 1024);
});

test('a modality LUT table maps, and its ends hold for values outside (PS3.3 C.11.1.1)', async () => {
  const lut = {
    LUTDescriptor: [3, 10, 16],
    ModalityLUTType: 'US',
    LUTData: new Uint16Array([7, 70, 700]).buffer,
  };
  const volume = await assembleVolume(
    mrSeries({
      frames: 1,
      rows: 1,
      columns: 4,
      value: (_, __, c) => 9 + c,
      attributes: { ModalityLUTSequence: [lut] },
    }),
  );
  expect([...volume.data]).toEqual([7, 7, 70, 700]);
});

test.each([
  [
    'two frames of reference',
    (i: number) => ({ FrameOfReferenceUID: `1.2.${i}` }),
    'GEOMETRY_AMBIGUOUS',
    'FrameOfReferenceUID',
  ],
  ['two patients', (i: number) => ({ PatientID: `P${i}` }), 'PATIENT_MIXED', 'PatientID'],
  ['mixed matrix', (i: number) => ({ Rows: 5 - i, Columns: 3 }), 'GEOMETRY_AMBIGUOUS', 'Rows'],
  ['no spacing', () => ({ PixelSpacing: undefined }), 'GEOMETRY_AMBIGUOUS', 'PixelSpacing'],
  ['a colour with one sample', () => ({ PhotometricInterpretation: 'RGB' }), 'PIXELS_UNSUPPORTED', 'RGB'],
  ['fewer frames than promised', () => ({ NumberOfFrames: 4 }), 'PIXELS_TRUNCATED', '120 bytes'],
  ['an absurd header', () => ({ Rows: 65_535, Columns: 65_535 }), 'PIXELS_UNSUPPORTED', '65535'],
  ['fewer pixels than promised', () => ({ Rows: 50 }), 'PIXELS_TRUNCATED', 'promises'],
  [
    'a slice that says no position',
    () => ({ ImagePositionPatient: undefined }),
    'GEOMETRY_AMBIGUOUS',
    'position',
  ],
])('%s is refused in plain words', async (_, change, code, words) => {
  const series = mrSeries({ frames: 2 }).map((p, i) => {
    const dataset = { ...p.dataset, ...change(i) };
    const decimals = (k: Parameters<typeof p.decimals>[0]) =>
      (dataset as Record<string, unknown>)[k] ? p.decimals(k) : [];
    return { ...p, dataset, decimals };
  });
  await expect(assembleVolume(series)).rejects.toMatchObject({
    code,
    detail: expect.stringContaining(words),
  });
});

test('the first value that a modality LUT maps has the sign of the pixels (PS3.3 C.11.1.1)', async () => {
  const lut = { LUTDescriptor: [2, 65_535, 16], LUTData: new Uint16Array([70, 80]).buffer };
  const volume = await assembleVolume(
    mrSeries({
      frames: 1,
      rows: 1,
      columns: 3,
      signed: true,
      value: (_, __, c) => [0xfffe, 0xffff, 0][c] as number,
      attributes: { ModalityLUTSequence: [lut] },
    }),
  );
  expect([...volume.data]).toEqual([70, 70, 80]);
});

test('a colour image is a volume of three samples without unit or padding, and no model reads it', async () => {
  const [grey] = mrSeries({ frames: 1, rows: 1, columns: 2 });
  const dataset = {
    ...grey?.dataset,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    SamplesPerPixel: 3,
    PhotometricInterpretation: 'RGB',
    PixelPaddingValue: 0,
  };
  const volume = await assembleVolume([
    instance({ dataset, pixels: Uint16Array.of(0x0201, 0x0403, 0x0605) }),
  ]);
  expect([volume.samples, volume.shape, volume.unit, volume.padding]).toEqual([3, [1, 1, 2], null, null]);
  expect([...volume.data]).toEqual([1, 2, 3, 4, 5, 6]);
  await expect(infer({} as Model, volume, { threads: 1 })).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
    detail: 'the model reads grey images, the series is in colour',
  });
});

test.each([
  ['CT', {}, "[hnsf'U]"],
  ['CT', { RescaleType: 'US' }, undefined],
  ['MR', {}, undefined],
  ['PT', { Units: 'BQML' }, 'Bq/ml'],
  ['PT', { Units: 'GML' }, 'g/ml{SUVbw}'],
  ['PT', { Units: 'GML', SUVType: 'LBM' }, undefined],
  ['PT', { Units: 'CNTS' }, undefined],
])('the unit of %s with %j is %s (PS3.3 C.11.1.1.2, C.8.9.1.1.3)', async (Modality, attributes, unit) => {
  const volume = await assembleVolume(mrSeries({ frames: 1, attributes: { Modality, ...attributes } }));
  expect(volume.unit?.value).toBe(unit);
});

test('instances may come one by one, more or fewer than expected', async () => {
  const whole = await assembleVolume(mrSeries({ frames: 5 }));
  for (const expected of [1, 5, 9]) {
    const arriving = (async function* () {
      yield* mrSeries({ frames: 5 });
    })();
    expect((await assembleVolume(arriving, expected)).data).toEqual(whole.data);
  }
});

test.each([1, 5, 9])(
  'a volume of 5 of %d frames that lies where another lay holds nothing of it',
  async (expected) => {
    const series = mrSeries({ frames: 5 });
    const { data } = await assembleVolume(series);
    const values = [...data];
    giveBack(new Float32Array(9 * 15).fill(Number.NaN));
    const arriving = (async function* () {
      yield* series;
    })();
    expect([...(await assembleVolume(arriving, expected)).data]).toEqual(values);
  },
);

describeWithKit('images of the kit', () => {
  test('CT: Hounsfield units from −3024 to 3071, mean −1157.004; padding is signed (kit, expected.json)', async () => {
    const volume = await assembleVolume(kitSeries('C_ct', 'dicom_chest_lung'));
    let [sum, minimum, maximum] = [0, 1e9, -1e9];
    for (const v of volume.data) {
      sum += v;
      if (v < minimum) minimum = v;
      if (v > maximum) maximum = v;
    }
    expect([minimum, maximum, volume.padding]).toEqual([-3024, 3071, -3024]);
    expect(sum / volume.data.length).toBeCloseTo(-1157.004, 3);
    expect(volume.unit?.value).toBe("[hnsf'U]");
  }, 30_000);

  test('oblique MR: affine as nibabel and pydicom gave it, RAS (kit, datalad_t1_expected.json)', async () => {
    const volume = await assembleVolume(kitSeries('A_brain_mri', 'dicom', 'datalad_t1_every2nd'));
    const expected = kitJson('A_brain_mri', 'reference', 'datalad_t1_expected.json') as {
      source_affine_RAS: number[][];
    };
    expected.source_affine_RAS.flat().forEach((v, i) => {
      const lps = i < 8 ? -v : v; // LPS is RAS with the first two rows turned round
      expect(volume.geometry?.affine[i]).toBeCloseTo(lps, 4);
    });
  });

  test.each([
    [
      'series_missing_slice',
      'after slice 3 of 7 the gap is 2.00 mm, elsewhere 1.00 mm; a slice may be missing',
    ],
    ['series_duplicate_position', 'same position'],
    ['series_localizer_inside', 'different planes'],
    ['series_mixed_matrix', 'differ in Rows'],
    ['series_two_frames_of_reference', 'FrameOfReferenceUID'],
  ])('%s is refused', async (folder, words) => {
    await expect(assembleVolume(kitSeries('E_hostile', 'synthetic', folder))).rejects.toMatchObject({
      code: 'GEOMETRY_AMBIGUOUS',
      detail: expect.stringContaining(words),
    });
  });

  test('InstanceNumber that lies does not matter: position decides', async () => {
    const [lies, ok] = await Promise.all(
      ['series_instance_number_lies', 'series_ok'].map((f) =>
        assembleVolume(kitSeries('E_hostile', 'synthetic', f)),
      ),
    );
    expect(lies?.data).toEqual(ok?.data);
  });

  test('a radiograph has no patient geometry, and detector spacing is not taken for the patient’s', async () => {
    const volume = await assembleVolume([
      readPart10(kitBytes('B_chest_xray', 'dicom', 'nih_00000001_000.dcm')),
    ]);
    expect(volume.geometry).toBeNull();
    expect(volume.PixelSpacing).toBeNull();
  });
});
