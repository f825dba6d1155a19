import { contextOf } from '../server/case-context.ts';
import type { Volume } from '../server/contracts.ts';
import { brainCase, chestCase } from './encode/fixtures.ts';

const NAMES = {
  PatientName: 'Doe^Jane',
  PatientID: 'ID-77',
  PatientBirthDate: '19310203',
  StudyDate: '20261125',
};
const of = (volume: Volume, header: object) =>
  contextOf({ ...volume, header: { ...volume.header, ...header } });

test('a radiograph: who made it, where, of whom in coarse words, and its numbers', () => {
  const { volume } = chestCase();
  const context = of(volume, {
    ...NAMES,
    Modality: 'DX',
    BodyPartExamined: 'CHEST',
    ViewPosition: 'PA',
    Manufacturer: 'Maker',
    ManufacturerModelName: 'Box 3',
    StationName: 'ROOM2',
    InstitutionName: 'North',
    PatientAge: '057Y',
    PatientSex: 'F',
    KVP: '120',
    Exposure: '4',
  });
  const { data } = volume;
  const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
  const variance = data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length;
  expect(context).toEqual({
    modality: 'DX',
    bodyPart: 'CHEST',
    view: 'PA',
    manufacturer: 'Maker',
    scanner: 'Box 3 · ROOM2',
    site: 'North',
    ageYears: 57,
    sex: 'F',
    inputs: {
      ...(volume.PixelSpacing ? { pixelSpacing: Number(volume.PixelSpacing[0]) } : {}),
      brightness: Number(mean.toPrecision(6)),
      contrast: Number(Math.sqrt(variance).toPrecision(6)),
      kvp: 120,
      exposureMas: 4,
    },
  });
});

test('no name, number or date of the patient is in it, and nobody above 90 is told apart', () => {
  const context = of(brainCase().volume, { ...NAMES, PatientAge: undefined, PatientSex: 'unknown' });
  expect(context).toMatchObject({ ageYears: 90 });
  expect(context).not.toHaveProperty('sex');
  for (const value of Object.values(NAMES)) expect(JSON.stringify(context)).not.toContain(value);
});

test('padding is no brightness', () => {
  const { volume } = brainCase();
  const data = Float32Array.from(volume.data, (_, i) => (i % 2 === 0 ? -2000 : 5));
  expect(of({ ...volume, data, padding: -2000 }, {}).inputs).toMatchObject({ brightness: 5, contrast: 0 });
});
