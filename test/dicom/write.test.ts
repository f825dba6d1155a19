import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dcmjs from 'dcmjs';
import fc from 'fast-check';
import { decimalString, fitsMultiplicity } from '../../server/dicom/value.ts';
import { type Writable, writePart10 } from '../../server/dicom/write.ts';

dcmjs.log.setLevel('silent');
const base = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', SOPInstanceUID: '2.25.1' };
const write = (dataset: Writable): Uint8Array => writePart10({ ...base, ...dataset });
const read = (bytes: Uint8Array): Record<string, unknown> =>
  dcmjs.data.DicomMetaDictionary.naturalizeDataset(
    dcmjs.data.DicomMessage.readFile(bytes.slice().buffer).dict,
  );

const folder = mkdtempSync(join(tmpdir(), 'pellucid-write-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const dump = (bytes: Uint8Array): string => {
  const file = join(folder, 'x.dcm');
  writeFileSync(file, bytes);
  return execFileSync('dcmdump', ['-q', '+L', file], { encoding: 'utf8' });
};

test.each<[string, Writable, string]>([
  ['NaN as DS', { SpacingBetweenSlices: Number.NaN }, 'SpacingBetweenSlices: DS is a finite number'],
  ['Infinity as FD', { FloatingPointValue: Number.POSITIVE_INFINITY }, 'FloatingPointValue: is not a finite'],
  ['an LO of 65 characters', { SeriesDescription: 'x'.repeat(65) }, 'SeriesDescription: longer than 64'],
  ['an SH of 17 characters', { StudyID: 'x'.repeat(17) }, 'StudyID: longer than 16'],
  ['a CS in small letters', { Modality: 'ct' }, 'Modality: is not a code string'],
  ['an AT as hexadecimal string', { DimensionIndexPointer: '0062000B' }, 'is not an integer'],
  ['an unknown keyword', { ReferringPhysiciansName: 'x' }, 'is no keyword of PS3.6'],
  ['30 February', { StudyDate: '20260230' }, 'StudyDate: is not a day of the calendar'],
  ['25 hours', { StudyTime: '250000' }, 'StudyTime: is not a time'],
  ['a UID with a leading zero', { StudyInstanceUID: '1.02.3' }, 'StudyInstanceUID: is not a UID'],
  ['a backslash in one LO', { PatientID: 'a\\b' }, 'PatientID: has a control character or a backslash'],
  ['two values where VM is 3', { ImagePositionPatient: [1, 2] }, 'has 2 values where 3 are allowed'],
  ['US above 65535', { Rows: 65_536 }, 'Rows: is not an integer from 0 to 65535'],
  ['half a surrogate pair', { PatientID: '\ud800' }, 'PatientID: text has half'],
  ['70 000 bytes in a 16-bit length', { FrameTimeVector: Array(20_000).fill(0.25) }, 'more than 65534 bytes'],
  [
    'a wrong value deep in a sequence',
    { SharedFunctionalGroupsSequence: [{ PixelMeasuresSequence: [{ SliceThickness: 'thin' }] }] },
    'SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SliceThickness: is not a decimal number',
  ],
])('%s is refused with ENCODE_INVALID that names it', (_, dataset, message) => {
  expect(() => write(dataset)).toThrow(message);
  expect(() => write(dataset)).toThrow('ENCODE_INVALID');
});

test('the refusal never holds the value: it may be a patient’s', () => {
  expect(() => write({ PatientID: 'SECRET\\ID' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('SECRET') }),
  );
});

test('DS keeps the exponent that dcmjs would cut off (PS3.5 §6.2)', () => {
  const text = dump(
    write({
      ImageOrientationPatient: [1, 0, 0, 0, -Math.PI * 1e-7, 1],
      ImagePositionPatient: [-100 * Math.SQRT2, 1e21 / 3, '-3.1415926535897932e-7'],
    }),
  );
  expect(text).toContain('[1\\0\\0\\0\\-3.1415926536E-7\\1]');
  expect(text).toContain('[-141.42135623731\\3.3333333333E+20\\-3.1415926536E-7]');
});

test('a decimal string of the source is written as it is, not reformatted', () => {
  expect(dump(write({ PixelSpacing: ['0.500000', '+.5'] }))).toContain('[0.500000\\+.5]');
});

test('any finite number as DS has at most 16 characters and 9 good digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
      const ds = decimalString(n);
      expect(ds.length).toBeLessThanOrEqual(16);
      expect(ds).toMatch(/^-?\d+(\.\d+)?(E[+-]?\d+)?$/);
      expect(Math.abs(Number(ds) - n)).toBeLessThanOrEqual(Math.max(Math.abs(n) * 1e-8, Number.MIN_VALUE));
    }),
    { numRuns: 2000 },
  );
});

test('text is written and declared as UTF-8, whatever the source declared', () => {
  const bytes = write({
    SpecificCharacterSet: 'ISO_IR 100',
    PatientName: 'Müller^Jörg',
    SeriesDescription: 'é',
  });
  const back = read(bytes);
  expect(back.SpecificCharacterSet).toBe('ISO_IR 192');
  expect(back.SeriesDescription).toBe('é');
  expect(Buffer.from(bytes).includes(Buffer.from('Müller^Jörg', 'utf8'))).toBe(true);
});

test('a person name keeps its three component groups', () => {
  const name = { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' };
  expect(Buffer.from(write({ PatientName: [name] })).toString('utf8')).toContain(
    'Yamada^Tarou=山田^太郎=やまだ^たろう',
  );
});

test('AT is written from a number', () => {
  expect(dump(write({ FrameIncrementPointer: 0x00181065 }))).toContain('(0028,0009) AT (0018,1065)');
});

test('US or SS follows Pixel Representation, also inside sequences', () => {
  expect(dump(write({ PixelRepresentation: 1, SmallestImagePixelValue: -5 }))).toContain('SS -5');
  expect(() => write({ PixelRepresentation: 0, SmallestImagePixelValue: -5 })).toThrow('from 0 to 65535');
});

test('a view writes its own bytes, not its whole buffer, padded to an even length', () => {
  const view = new Uint8Array([9, 9, 1, 2, 3, 9]).subarray(2, 5);
  const bytes = write({ BitsAllocated: 8, PixelData: view });
  expect([...bytes.subarray(-16)]).toEqual([0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 4, 0, 0, 0, 1, 2, 3, 0]);
});

test('Pixel Data of more than 8 bits is OW, Float Pixel Data OF', () => {
  expect(dump(write({ BitsAllocated: 16, PixelData: new Uint16Array([1, 2]) }))).toMatch(
    /\(7fe0,0010\) OW 0001\\0002/,
  );
  expect(dump(write({ BitsAllocated: 32, FloatPixelData: new Float32Array([1.5]) }))).toMatch(
    /\(7fe0,0008\) OF 1.5/,
  );
});

test('undefined is absent, null and empty are present without a value', () => {
  const text = dump(
    write({ StudyID: undefined, AccessionNumber: null, PatientID: '', AcquisitionContextSequence: [] }),
  );
  expect(text).not.toContain('StudyID');
  expect(text).toMatch(/\(0008,0050\) SH \(no value/);
  expect(text).toMatch(/\(0010,0020\) LO \(no value/);
  expect(text).toMatch(/\(0040,0555\) SQ .*#=0/);
});

test('the same dataset gives the same bytes in any order of its keys', () => {
  const dataset = { PatientID: 'p', StudyID: 's', Rows: 2 };
  const reversed = Object.fromEntries(Object.entries(dataset).reverse());
  expect(Buffer.compare(write(dataset), write(reversed))).toBe(0);
});

test.each([
  ['1', 1, true],
  ['3', 2, false],
  ['1-n', 7, true],
  ['2-2n', 4, true],
  ['2-2n', 3, false],
  ['1-3', 4, false],
  ['3-3n', 6, true],
])('VM %s with %i values: %s', (vm, count, fits) => {
  expect(fitsMultiplicity(vm, count)).toBe(fits);
});
