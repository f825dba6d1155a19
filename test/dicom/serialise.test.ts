import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dcmjs, { type DcmjsDict } from 'dcmjs';
import fc from 'fast-check';
import { attributeOf } from '../../server/dicom/dictionary.ts';
import { decimalString } from '../../server/dicom/value.ts';
import { type Writable, writePart10 } from '../../server/dicom/write.ts';

dcmjs.log.setLevel('silent');
dcmjs.log.getLogger('validation.dcmjs').setLevel('silent');
const { DicomDict, DicomMessage } = dcmjs.data;

/** A value and what the DICOM JSON model (PS3.18 F.2) says of it. */
interface Sample {
  readonly value: unknown;
  readonly json: unknown;
}

const same = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Sample> =>
  values.map((value) => ({ value, json: { Value: Array.isArray(value) ? value : [value] } }));
const text = (max: number): fc.Arbitrary<Sample> =>
  same(
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: max / 8 })
      .map((s) => `x${s.replace(/[\p{Cc}\\]/gu, '')}x`),
  );
const words = <T extends ArrayBufferView>(values: fc.Arbitrary<T>): fc.Arbitrary<Sample> =>
  values.map((value) => ({
    value,
    json: { InlineBinary: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') },
  }));
const any = { minLength: 1, maxLength: 5 };
const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
const floats = fc.float({ noNaN: true, noDefaultInfinity: true });

/** An attribute of each VR, with any of its values. */
const ATTRIBUTES: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  RetrieveAETitle: same(fc.constantFrom('A', 'AB C', 'ABCDEFGHIJKLMNOP')),
  PatientAge: same(fc.constantFrom('042Y', '003D')),
  FrameIncrementPointer: fc.integer({ min: 0, max: 0xffffffff }).map((value) => ({
    value,
    json: { Value: [value.toString(16).padStart(8, '0').toUpperCase()] },
  })),
  ImageType: same(fc.constantFrom(['DERIVED', 'PRIMARY'], ['DERIVED', 'PRIMARY', 'A_1'])),
  StudyDate: same(fc.constantFrom('20260228', '19991231')),
  ImagePositionPatient: fc.array(doubles, { minLength: 3, maxLength: 3 }).map((value) => ({
    value,
    json: { Value: value.map((v) => Number(decimalString(v))) },
  })),
  AcquisitionDateTime: same(fc.constantFrom('2026', '20261125023000.5+0130', '20261125-0330')),
  RealWorldValueSlope: same(doubles),
  GraphicData: same(fc.array(floats, { minLength: 2, maxLength: 2 }).map((v) => v.map(Math.fround))),
  InstanceNumber: same(fc.integer()),
  SeriesDescription: text(64),
  PatientComments: text(200),
  ICCProfile: words(fc.uint8Array(any).filter((v) => v.length % 2 === 0)),
  DoublePointCoordinatesData: words(fc.float64Array(any)),
  PointCoordinatesData: words(fc.float32Array(any)),
  TrackPointIndexList: words(fc.uint32Array(any)),
  ExtendedOffsetTable: words(fc.bigUint64Array(any)),
  RedPaletteColorLookupTableData: words(fc.uint16Array(any)),
  PatientName: fc.constantFrom('Müller^Jörg', 'Wáng^XiǎoDōng=王^小东').map((value) => {
    const [Alphabetic, Ideographic] = value.split('=');
    return { value, json: { Value: [{ Alphabetic, ...(Ideographic ? { Ideographic } : {}) }] } };
  }),
  StudyID: same(fc.constantFrom('1', 'ABCDEFGHIJKLMNOP')),
  ReferencePixelX0: same(fc.integer()),
  TagAngleSecondAxis: same(fc.integer({ min: -32_768, max: 32_767 })),
  DerivationDescription: text(200),
  SelectorSVValue: fc
    .bigInt({ min: -(2n ** 52n), max: 2n ** 52n })
    .map((value) => ({ value, json: { Value: [Number(value)] } })),
  StudyTime: same(fc.constantFrom('10', '1011', '101112.123456', '235960')),
  LongCodeValue: text(500),
  StudyInstanceUID: same(fc.constantFrom('1.2.3', '2.25.0', '1.2')),
  TriggerSamplePosition: same(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  URNCodeValue: same(fc.constantFrom('urn:oid:1.2.3', 'https://example.org/a?b=c')),
  Rows: same(fc.integer({ min: 0, max: 65_535 })),
  TextValue: text(2000),
  SelectorUVValue: fc
    .bigInt({ min: 0n, max: 2n ** 52n })
    .map((value) => ({ value, json: { Value: [Number(value)] } })),
};
/** VRs that dcmjs does not write. */
const NOT_IN_DCMJS = ['TrackPointIndexList', 'ExtendedOffsetTable', 'SelectorSVValue', 'SelectorUVValue'];

interface Samples {
  readonly [keyword: string]: Sample | readonly Samples[] | undefined;
}

const leaves = fc.record(ATTRIBUTES, { requiredKeys: [] });
const datasets: fc.Arbitrary<Samples> = fc
  .tuple(leaves, fc.array(fc.tuple(leaves, fc.array(leaves, { maxLength: 2 })), { maxLength: 3 }))
  .map(([top, items]) => ({
    ...top,
    ReferencedSeriesSequence: items.map(([item, inner]) => ({ ...item, ReferencedInstanceSequence: inner })),
  }));

const isItems = (value: Sample | readonly Samples[] | undefined): value is readonly Samples[] =>
  Array.isArray(value);

const writable = (samples: Samples): Writable =>
  Object.fromEntries(Object.entries(samples).map(([k, v]) => [k, isItems(v) ? v.map(writable) : v?.value]));

/** What PS3.18 F.2 makes of the samples: attributes by tag. */
const jsonOf = (samples: Samples): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(samples).map(([keyword, v]) => {
      const { tag = 0, vr = '' } = attributeOf(keyword) ?? {};
      const value = isItems(v) ? { Value: v.map(jsonOf) } : (v?.json as object);
      return [tag.toString(16).padStart(8, '0').toUpperCase(), { vr, ...value }];
    }),
  );

const IDENTITY = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', SOPInstanceUID: '2.25.1' };
const write = (dataset: Writable): Uint8Array => writePart10({ ...IDENTITY, ...dataset });

const folder = mkdtempSync(join(tmpdir(), 'pellucid-serialise-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('pydicom reads each VR as it was given, and writes the same bytes again', () => {
  const samples = fc.sample(datasets, { numRuns: 200, seed: 1 });
  const files = samples.map((sample, i) => {
    const file = join(folder, `${i}.dcm`);
    writeFileSync(file, write(writable(sample)));
    return file;
  });
  const lines = execFileSync('/usr/bin/python3', ['test/oracle/read_elements.py', ...files], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  }).trim();
  const used = new Set(samples.flatMap((s) => Object.keys(s)));
  expect(Object.keys(ATTRIBUTES).filter((keyword) => !used.has(keyword))).toEqual([]);
  for (const [i, line] of lines.split('\n').entries()) {
    const { dataset, same } = JSON.parse(line) as { dataset: Record<string, unknown>; same: boolean };
    const head = ['00080005', '00080016', '00080018'];
    const expected = {
      ...jsonOf(samples[i] as Samples),
      ...Object.fromEntries(head.map((t) => [t, dataset[t]])),
    };
    expect(dataset).toEqual(expected);
    expect(same).toBe(true);
  }
});

test('dcmjs reads the same of our bytes as of its own', () => {
  const read = (bytes: ArrayBuffer): unknown => DicomMessage.readFile(bytes).dict;
  fc.assert(
    fc.property(datasets, (samples) => {
      const known = without(writable(samples), NOT_IN_DCMJS);
      const bytes = write(known);
      const theirs = new DicomDict(DicomMessage.readFile(bytes.slice().buffer).meta);
      theirs.dict = dictOf({ ...IDENTITY, SpecificCharacterSet: 'ISO_IR 192', ...known });
      expect(read(bytes.slice().buffer)).toEqual(read(theirs.write()));
    }),
    { numRuns: 100 },
  );
});

test('an item that is the same object as another one is written as its equal', () => {
  fc.assert(
    fc.property(datasets, fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 }), (samples, order) => {
      const items = (writable(samples).ReferencedSeriesSequence as Writable[]).concat({}, {}, {});
      const shared = order.map((i) => items[i]);
      const apart = order.map((i) => ({ ...items[i] }));
      expect(Buffer.from(write({ ReferencedSeriesSequence: shared }))).toEqual(
        Buffer.from(write({ ReferencedSeriesSequence: apart })),
      );
    }),
  );
});

/** As dcmjs wants it: each value ready to be written, by tag. */
const dictOf = (dataset: Writable): DcmjsDict =>
  Object.fromEntries(
    Object.entries(dataset).map(([keyword, value]) => {
      const { tag = 0, vr = '' } = attributeOf(keyword) ?? {};
      const values = Array.isArray(value) ? value : [value];
      const Value = values.map((v) => {
        if (vr === 'SQ') return dictOf(v as Writable);
        if (ArrayBuffer.isView(v)) return new Uint8Array(v.buffer, v.byteOffset, v.byteLength).slice().buffer;
        return vr === 'DS' ? decimalString(v as number) : vr === 'IS' ? String(v) : v;
      });
      return [tag.toString(16).padStart(8, '0').toUpperCase(), { vr, Value }];
    }),
  );

const without = (dataset: Writable, keywords: readonly string[]): Writable =>
  Object.fromEntries(
    Object.entries(dataset)
      .filter(([keyword]) => !keywords.includes(keyword))
      .map(([keyword, value]) => [
        keyword,
        Array.isArray(value) && typeof value[0] === 'object'
          ? value.map((item) => without(item as Writable, keywords))
          : value,
      ]),
  );
