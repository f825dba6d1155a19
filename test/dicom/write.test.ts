import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dcmjs from 'dcmjs';
import fc from 'fast-check';
import { readPart10 } from '../../server/dicom/read.ts';
import { decimalString, fitsMultiplicity } from '../../server/dicom/value.ts';
import { part10Of, type Writable, writePart10 } from '../../server/dicom/write.ts';

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
  ['a time with a fraction but no seconds', { StudyTime: '1011.5' }, 'StudyTime: is not a time'],
  ['the 13th month', { AcquisitionDateTime: '202613' }, 'AcquisitionDateTime: is not a date and time'],
  ['an AE with an umlaut', { RetrieveAETitle: 'PÄCS' }, 'RetrieveAETitle: is not an application entity'],
  ['an IS beyond 32 bits', { InstanceNumber: 2 ** 31 }, 'InstanceNumber: is not an integer from'],
  ['a fraction as IS', { InstanceNumber: 1.5 }, 'InstanceNumber: is not an integer'],
  ['an FL beyond its range', { GraphicData: [1e39, 0] }, 'GraphicData: is not a finite number in range'],
  [
    'a UV below zero',
    { SelectorUVValue: -1 },
    'SelectorUVValue: is not an integer from 0 to 18446744073709551615',
  ],
  ['six bytes as OF', { PointCoordinatesData: new Uint8Array(6) }, 'is not made of words of 4 bytes'],
  ['two texts as UT', { TextValue: ['a', 'b'] }, 'TextValue: has 2 values where 1 are allowed'],
  ['a word of Object.prototype', { constructor: 'x' }, 'constructor: is no keyword of PS3.6'],
  [
    'an item that is no dataset',
    { ReferencedSeriesSequence: ['x'] },
    'ReferencedSeriesSequence: has an item',
  ],
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

describe('what dcmjs 0.52 gets wrong, written right', () => {
  test.each<[string, Writable, RegExp]>([
    ['AT', { DimensionIndexPointer: 0x0062000b }, /AT \(0062,000b\)/],
    [
      'a real-world value below zero',
      { RealWorldValueFirstValueMapped: -5, PixelRepresentation: 1 },
      /SS -5/,
    ],
    ['OV', { ExtendedOffsetTable: new BigUint64Array([1n]) }, /\(7fe0,0001\) OV/],
    ['SV', { SelectorSVValue: -(2n ** 63n) }, /SV -9223372036854775808/],
    ['UV', { SelectorUVValue: 2n ** 64n - 1n }, /UV 18446744073709551615/],
    ['a path in UT, whose backslashes are text', { TextValue: 'C:\\path' }, /UT \[C:\\path\]/],
    ['OL', { TrackPointIndexList: new Uint32Array([7]) }, /OL 7/],
  ])('%s', (_, dataset, expected) => {
    expect(dump(write(dataset))).toMatch(expected);
  });

  test('the deflated syntax is refused, not written undeflated under its name', () => {
    expect(() =>
      writePart10({ ...base, PixelData: new Uint8Array(2) }, { TransferSyntaxUID: '1.2.840.10008.1.2.1.99' }),
    ).toThrow('TransferSyntaxUID: is not written');
  });

  test('3 GB of pixels are the arrays that were given, not copies; 4 GiB are refused', () => {
    const gigabyte = new Uint8Array(1e9);
    const parts = part10Of({ ...base, BitsAllocated: 8, PixelData: [gigabyte, gigabyte, gigabyte] });
    expect(parts.filter((p) => p.buffer === gigabyte.buffer)).toHaveLength(3);
    expect(new DataView((parts.at(-4) as Uint8Array).buffer).getUint32(8, true)).toBe(3e9);
    const PixelData = Array(5).fill(gigabyte);
    expect(() => part10Of({ ...base, BitsAllocated: 8, PixelData })).toThrow('PixelData: is 4 GiB or larger');
  });
});

test('private attributes have their creators, also in sequences, and the same tags in any order (PS3.5 §7.8.1)', () => {
  const item = { '0099,"ACME",01': { vr: 'LO', Value: ['inside'] } };
  const dataset = {
    '0099,"ZETA",01': { vr: 'DS', Value: [1 / 3, 2] },
    '0099,"ACME",04': { vr: 'SQ', Value: [item] },
    '0099,"ACME",01': { vr: 'LO', Value: ['hello'] },
  };
  const text = dump(write(dataset));
  expect(text.match(/\((0099|fffe),.*/g)?.map((line) => line.replace(/ +#.*/, ''))).toEqual([
    '(0099,0010) LO [ACME]',
    '(0099,0011) LO [ZETA]',
    '(0099,1001) LO [hello]',
    expect.stringContaining('(0099,1004) SQ'),
    expect.stringContaining('(fffe,e000) na'),
    '(0099,0010) LO [ACME]',
    '(0099,1001) LO [inside]',
    expect.stringContaining('(fffe,e00d) na'),
    expect.stringContaining('(fffe,e0dd) na'),
    '(0099,1101) DS [0.33333333333333\\2]',
  ]);
  const reversed = Object.fromEntries(Object.entries(dataset).reverse());
  expect(Buffer.compare(write(dataset), write(reversed))).toBe(0);
});

test.each<[string, Writable, string]>([
  [
    'a value against its VR',
    { '0099,"ACME",01': { vr: 'DS', Value: ['x'] } },
    '0099,"ACME",01: is not a decimal',
  ],
  ['a VR that is none', { '0099,"ACME",01': { vr: 'XX', Value: ['x'] } }, 'VR XX is not written'],
  ['an even group', { '0098,"ACME",01': { vr: 'LO', Value: ['x'] } }, 'is no keyword of PS3.6'],
  [
    'a group of the standard’s',
    { '0003,"ACME",01': { vr: 'LO', Value: ['x'] } },
    'its group is none of private',
  ],
])('a private attribute with %s is refused', (_, dataset, message) => {
  expect(() => write(dataset)).toThrow(message);
});

test('compressed frames are fragments with a Basic Offset Table (PS3.5 A.4)', () => {
  const bytes = writePart10(
    {
      ...base,
      NumberOfFrames: 2,
      BitsAllocated: 8,
      PixelData: [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)],
    },
    { TransferSyntaxUID: '1.2.840.10008.1.2.5' },
  );
  const { TransferSyntaxUID, pixels } = readPart10(bytes);
  expect(TransferSyntaxUID).toBe('1.2.840.10008.1.2.5');
  expect(pixels.map((p) => [...p])).toEqual([
    [1, 2, 3, 0],
    [4, 5],
  ]);
  expect(Buffer.from(bytes.subarray(-50)).toString('hex')).toContain('feff00e008000000000000000c000000');
});

test('float pixels are never compressed (PS3.5 A.4)', () => {
  expect(() =>
    writePart10(
      { ...base, FloatPixelData: new Float32Array(2) },
      { TransferSyntaxUID: '1.2.840.10008.1.2.5' },
    ),
  ).toThrow('FloatPixelData: is never compressed');
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
