import { readPart10 } from '../../server/dicom/read.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import { suvFactor } from '../../server/retrieve/suv.ts';
import { meaningOf } from '../../server/retrieve/unit.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { instance, mrSeries } from '../helpers/series.ts';

const DRUG = {
  RadiopharmaceuticalStartTime: '090000',
  RadionuclideTotalDose: 400e6,
  RadionuclideHalfLife: 6600,
};
/** 70 kg, 400 MBq at 9:00, half-life 110 min, scan at 10:50: one half-life later. */
const PET = {
  Modality: 'PT',
  Units: 'BQML',
  CorrectedImage: ['NORM', 'DTIM', 'ATTN', 'SCAT', 'DECY', 'RAN'],
  DecayCorrection: 'START',
  PatientWeight: 70,
  SeriesDate: '20240301',
  SeriesTime: '105000',
  AcquisitionDate: '20240301',
  AcquisitionTime: '105000.00',
  RadiopharmaceuticalInformationSequence: [DRUG],
};
const drug = (more: object) => ({ RadiopharmaceuticalInformationSequence: [{ ...DRUG, ...more }] });
/** By hand: 70 000 g over half of 400 MBq. */
const HALF = 70_000 / 200e6;

test.each([
  ['corrected to the start of the scan', {}, HALF],
  ['corrected to the injection', { DecayCorrection: 'ADMIN' }, HALF / 2],
  ['bed positions after the first', { AcquisitionTime: '111500' }, HALF],
  ['a date and time of injection', drug({ RadiopharmaceuticalStartDateTime: '20240301090000.000' }), HALF],
  [
    'injected before midnight, by time alone',
    { SeriesTime: '002000', AcquisitionTime: '002000', ...drug({ RadiopharmaceuticalStartTime: '223000' }) },
    HALF,
  ],
  [
    'injected before midnight, by date and time',
    {
      SeriesTime: '002000',
      AcquisitionTime: '002000',
      ...drug({ RadiopharmaceuticalStartDateTime: '20240229223000' }),
    },
    HALF,
  ],
  [
    'in another time zone',
    {
      TimezoneOffsetFromUTC: '+0100',
      ...drug({ RadiopharmaceuticalStartDateTime: '20240301133000+0530' }),
    },
    HALF,
  ],
  [
    'a series made afterwards, GE tells the start of the scan',
    { SeriesTime: '180000', '0009,"GEMS_PETD_01",0d': '20240301105000.00' },
    HALF,
  ],
  [
    // The average count rate lies 59.937 s into a frame of 120 s of an isotope of 110 min: (1/λ) ln(λT / (1 − e^(−λT))).
    'a series made afterwards, by FrameReferenceTime',
    {
      SeriesTime: '180000',
      AcquisitionTime: '110000',
      FrameReferenceTime: 600_000 + 59_936.9867,
      ActualFrameDuration: 120_000,
    },
    HALF,
  ],
])('%s: known factor (QIBA, SUV vendor-neutral pseudo-code)', (_, attributes, factor) => {
  expect(suvFactor({ ...PET, ...attributes })).toBeCloseTo(factor, 12);
});

test.each([
  ['PatientWeight is missing', { PatientWeight: undefined }],
  ['PatientWeight is no weight in kg', { PatientWeight: 0 }],
  ['PatientWeight is no weight in kg', { PatientWeight: -70 }],
  ['PatientWeight is no weight in kg', { PatientWeight: 70_000 }],
  ['CorrectedImage does not name ATTN', { CorrectedImage: ['DECY'] }],
  ['CorrectedImage does not name DECY', { CorrectedImage: 'ATTN' }],
  ['DecayCorrection is NONE', { DecayCorrection: 'NONE' }],
  ['DecayCorrection is missing', { DecayCorrection: undefined }],
  ['0 radiopharmaceuticals are named, not one', { RadiopharmaceuticalInformationSequence: [] }],
  ['2 radiopharmaceuticals are named, not one', { RadiopharmaceuticalInformationSequence: [DRUG, DRUG] }],
  ['RadionuclideTotalDose is missing', drug({ RadionuclideTotalDose: undefined })],
  ['RadionuclideTotalDose is no dose in Bq', drug({ RadionuclideTotalDose: 0 })],
  ['RadionuclideTotalDose is no dose in Bq', drug({ RadionuclideTotalDose: 370 })],
  ['RadionuclideHalfLife is missing or not positive', drug({ RadionuclideHalfLife: 0 })],
  ['RadiopharmaceuticalStartTime is missing or no time', drug({ RadiopharmaceuticalStartTime: '250000' })],
  ['the date or time of series or acquisition is missing', { SeriesTime: undefined }],
  ['the date or time of series or acquisition is missing', { AcquisitionDate: '20240230' }],
  [
    'the series was made after the acquisition and does not say when the scan began',
    { SeriesTime: '180000' },
  ],
  [
    'RadiopharmaceuticalStartDateTime is no date and time',
    drug({ RadiopharmaceuticalStartDateTime: '20240301' }),
  ],
  [
    'RadiopharmaceuticalStartDateTime names a time zone and the images do not',
    drug({ RadiopharmaceuticalStartDateTime: '20240301090000+0100' }),
  ],
  [
    'the injection is said to come after the scan',
    drug({ RadiopharmaceuticalStartDateTime: '20240301120000' }),
  ],
  [
    'the injection lies more than ten half-lives before the scan',
    drug({ RadiopharmaceuticalStartDateTime: '20140301090000' }),
  ],
])('without guessing: %s', (reason, attributes) => {
  expect(suvFactor({ ...PET, ...attributes })).toBe(reason);
});

const pet = (...images: readonly object[]) =>
  images.map((more) => instance({ dataset: { ...PET, ...more }, pixels: new Uint16Array(1) }));
const PHILIPS = '7053,"Philips PET Private Group"';

test.each([
  ['g/ml{SUVbw}', HALF, 'SUVbw by weight, dose and decay (times 0.000350000)', pet({}, {})],
  ['Bq/ml', 1, 'Bq/ml: PatientWeight is missing', pet({}, { PatientWeight: undefined })],
  ['Bq/ml', 1, 'Bq/ml: the images give different factors to SUV', pet({}, { PatientWeight: 71 })],
  ['g/ml{SUVbw}', 1, 'SUVbw as stored (times 1.00000)', pet({ Units: 'GML' })],
  [undefined, 1, 'arbitrary: SUVType is LBM', pet({ Units: 'GML', SUVType: 'LBM' })],
  [undefined, 1, 'arbitrary: Units is CNTS', pet({ Units: 'CNTS' })],
  [undefined, 1, 'arbitrary: Units is CNTS', pet({ Units: 'CNTS', [`${PHILIPS},00`]: '0' })],
  [
    'g/ml{SUVbw}',
    0.002,
    'SUVbw by the scale factor of Philips (times 0.00200000)',
    pet({ Units: 'CNTS', [`${PHILIPS},00`]: '0.002' }),
  ],
  [
    'g/ml{SUVbw}',
    4 * HALF,
    'SUVbw by weight, dose and decay (times 0.00140000)',
    pet({ Units: 'CNTS', [`${PHILIPS},00`]: '0', [`${PHILIPS},09`]: '4' }),
  ],
  [
    'Bq/ml',
    4,
    'Bq/ml: PatientWeight is missing',
    pet({ Units: 'CNTS', [`${PHILIPS},09`]: '4', PatientWeight: undefined }),
  ],
  [undefined, 1, 'arbitrary: Units is CNTS', pet({}, { Units: 'CNTS' })],
])('a series in %s, times %d: %s', (unit, factor, note, series) => {
  const meaning = meaningOf(series);
  expect([meaning.unit?.value, meaning.note]).toEqual([unit, note]);
  expect(meaning.factor).toBeCloseTo(factor, 12);
});

test('the volume holds SUVbw, its padding too, and says how', async () => {
  const { Modality: _, ...attributes } = PET;
  const volume = await assembleVolume(
    mrSeries({
      frames: 2,
      rows: 1,
      columns: 2,
      attributes: { ...attributes, Modality: 'PT', RescaleSlope: 100, PixelPaddingValue: 0 },
    }),
  );
  expect([...volume.data]).toEqual([0, 1, 100, 101].map((v) => Math.fround(Math.fround(v * 100) * HALF)));
  expect([volume.padding, volume.unit?.value]).toEqual([0, 'g/ml{SUVbw}']);
  expect(volume.notes?.unit).toBe('SUVbw by weight, dose and decay (times 0.000350000)');
});

test('a scale that leaves float32 is refused', async () => {
  const attributes = { Modality: 'PT', Units: 'CNTS', [`${PHILIPS},00`]: '1e300' };
  await expect(assembleVolume(mrSeries({ frames: 1, attributes }))).rejects.toMatchObject({
    code: 'PIXELS_UNSUPPORTED',
  });
});

test.each(['7053', '0009'])('private attributes of group %s are read by their creator', (group) => {
  const names = { '7053': [`${PHILIPS},00`, `${PHILIPS},09`], '0009': ['0009,"GEMS_PETD_01",0d'] }[group];
  const value = group === '7053' ? '0.5' : '20240301105000';
  const file = writePart10({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.128',
    SOPInstanceUID: '1.2.3',
    ...Object.fromEntries(
      [...(names ?? []), `${group},"ANOTHER",00`].map((name) => [name, { vr: 'LO', Value: [value] }]),
    ),
  } as Parameters<typeof writePart10>[0]);
  const { dataset } = readPart10(file);
  expect(Object.entries(dataset).filter(([k]) => k.startsWith(group))).toEqual(names?.map((n) => [n, value]));
});
