import dcmjs from 'dcmjs';
import { BASIC_PROFILE } from '../../server/deidentify/basic-profile.ts';
import { deidentify } from '../../server/deidentify/index.ts';
import { attributeOf } from '../../server/dicom/dictionary.ts';
import { items, readPart10, text } from '../../server/dicom/read.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import { radiograph } from '../helpers/radiograph.ts';

const SECRET = 'a secret of this test and of nobody else';
const STUDY = '1.2.826.0.1.3680043.9.5';
const copyOf = (attributes: object = {}, { secret = SECRET, own = false } = {}) =>
  deidentify(readPart10(radiograph({ study: STUDY, attributes: { ...attributes } })), { secret, own });
const bytesOf = (copy: ReturnType<typeof copyOf>): Buffer => Buffer.concat(copy.parts);
const datasetOf = (copy: ReturnType<typeof copyOf>) => readPart10(bytesOf(copy)).dataset;

/** A value that tells, of each VR that may. */
const TELLING: Readonly<Record<string, string>> = {
  AE: 'ZWIEBELTURM',
  AS: '073Y',
  DA: '19430719',
  DT: '19430719061523',
  LT: 'Zwiebelturm, third bed',
  PN: 'Zwiebelturm^Ottokar',
  ST: 'Zwiebelturm, third bed',
  TM: '061523',
  UI: '1.2.276.0.99.1943.719.61523',
  UR: 'http://zwiebelturm.example',
  UT: 'Zwiebelturm, third bed',
};
/** Of these VRs only what the table names. */
const NAMED: Readonly<Record<string, string>> = { LO: 'Zwiebelturm', SH: 'Zwiebelturm', UC: 'Zwiebelturm' };
const OF_CODES = /^(CodingSchemeUID|ContextUID|MappingResourceUID|(Referenced)?SOPClassUID)$/;
/** What has to be there for an image, and what the writer sets itself. */
const OWN = /^(URNCodeValue|SOPInstanceUID|StudyInstanceUID|SeriesInstanceUID|DeidentificationMethod)$/;

const planted = Object.keys(dcmjs.data.DicomMetaDictionary.nameMap).flatMap((keyword) => {
  const attribute = attributeOf(keyword);
  if (!attribute || attribute.tag < 0x00080006 || attribute.tag >= 0x7fe00000) return [];
  if (OF_CODES.test(keyword) || OWN.test(keyword) || !['1', '1-n', '1-2', '1-3'].includes(attribute.vm))
    return [];
  if ((attribute.tag >>> 24) % 2 === 1 && attribute.tag >>> 24 >= 0x50 && attribute.tag >>> 24 < 0x70)
    return [];
  const named = attribute.tag.toString(16).padStart(8, '0').toUpperCase() in BASIC_PROFILE;
  const value = TELLING[attribute.vr] ?? (named ? NAMED[attribute.vr] : undefined);
  return value === undefined || attribute.tag >>> 16 === 0x0002 ? [] : [[keyword, value] as const];
});

test('whatever attribute of the dictionary tells of someone, at any depth, does not leave', () => {
  expect(planted.length).toBeGreaterThan(600);
  const all = Object.fromEntries(planted);
  const within = { ...all, SourceImageSequence: [all], FrameAnatomySequence: [all] };
  const copy = copyOf({ ...all, SharedFunctionalGroupsSequence: [within], SourceImageSequence: [within] });
  const written = bytesOf(copy).toString('latin1').toLowerCase();
  for (const value of ['zwiebelturm', 'ottokar', '19430719', '061523', '073y', '1.2.276.0.99.1943'])
    expect(written).not.toContain(value);
  expect(items(datasetOf(copy), 'SharedFunctionalGroupsSequence')).toHaveLength(1);
});

test('a short text that the table keeps does not leave when it repeats a name, an identifier or a date', () => {
  const who = { PatientName: 'Zwiebelturm^Ottokar', PatientID: 'KIS-4711', StudyDate: '19430719' };
  const kept = datasetOf(
    copyOf({
      ...who,
      Manufacturer: 'Maker',
      SequenceName: 'of 1943-07-19',
      FilterType: 'for OTTOKAR',
      ManufacturerModelName: 'no 4711',
    }),
  );
  expect(text(kept, 'Manufacturer')).toBe('Maker');
  for (const keyword of ['SequenceName', 'FilterType', 'ManufacturerModelName'])
    expect(text(kept, keyword)?.toLowerCase()).toBe('removed');
});

test('private attributes do not leave', () => {
  const copy = copyOf({ '0009,"SOMEONE",01': { vr: 'LO', Value: ['Zwiebelturm'] } });
  expect(bytesOf(copy).includes('Zwiebelturm')).toBe(false);
  expect(bytesOf(copy).includes('SOMEONE')).toBe(false);
});

describe('pseudonyms', () => {
  const who = { PatientID: 'KIS-4711', PatientName: 'Zwiebelturm^Ottokar' };
  test('of one secret are the same again, so that what is sent twice is one, and other by another secret', () => {
    expect(bytesOf(copyOf(who)).equals(bytesOf(copyOf(who)))).toBe(true);
    const other = copyOf(who, { secret: `${SECRET} but another` });
    expect(other.StudyInstanceUID).not.toBe(copyOf(who).StudyInstanceUID);
    expect(text(datasetOf(other), 'PatientID')).not.toBe(text(datasetOf(copyOf(who)), 'PatientID'));
  });

  test('tell patients of two issuers apart, and keep studies of one together', () => {
    const of = (attributes: object) => text(datasetOf(copyOf({ ...who, ...attributes })), 'PatientID');
    expect(of({ StudyInstanceUID: '1.2.826.0.1.3680043.9.6' })).toBe(of({}));
    expect(of({ IssuerOfPatientID: 'ELSEWHERE' })).not.toBe(of({}));
    expect(of({ PatientID: 'KIS-4712' })).not.toBe(of({}));
  });

  test('stand wherever the UID stood: who cites an image cites its copy', () => {
    const cites = {
      SourceImageSequence: [
        { ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.1', ReferencedSOPInstanceUID: `${STUDY}.1.1` },
      ],
    };
    const [cited] = items(
      datasetOf(copyOf({ ...cites, SOPInstanceUID: `${STUDY}.1.2` })),
      'SourceImageSequence',
    );
    expect(text(cited ?? {}, 'ReferencedSOPInstanceUID')).toBe(copyOf().SOPInstanceUID);
    expect(text(cited ?? {}, 'ReferencedSOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.1');
  });
});

test('the copy says what it is (PS3.3 C.7.1.1, CID 7050)', () => {
  const copy = datasetOf(copyOf({ PatientID: 'KIS-4711' }));
  expect(copy).toMatchObject({
    PatientIdentityRemoved: 'YES',
    LongitudinalTemporalInformationModified: 'REMOVED',
    SpecificCharacterSet: 'ISO_IR 192',
  });
  expect(items(copy, 'DeidentificationMethodCodeSequence').map((item) => text(item, 'CodeValue'))).toEqual([
    '113100',
  ]);
  expect(copyOf().saysNoText).toBe(false);
  expect(copyOf({ BurnedInAnnotation: 'NO' }).saysNoText).toBe(true);
});

const SC = '1.2.840.10008.5.1.4.1.1.7';
const overlay = Uint16Array.from({ length: 256 * 256 }, (_, i) => (i === 77 ? 0x1000 : 5));
const content = (item: object) => ({ ContentSequence: [{ RelationshipType: 'CONTAINS', ...item }] });

test.each<[string, object, boolean, RegExp]>([
  ['says that text is burned in', { BurnedInAnnotation: 'YES' }, false, /text is written in the pixels/],
  ['says so, and is our own', { BurnedInAnnotation: 'YES' }, true, /text is written in the pixels/],
  [
    'is of a class that usually has text, and does not say no',
    { SOPClassUID: SC },
    false,
    /usually have text/,
  ],
  ['is ultrasound', { SOPClassUID: '1.2.840.10008.5.1.4.1.1.6.1' }, false, /usually have text/],
  ['may have an overlay beside its pixels', { PixelData: overlay }, false, /may be an overlay/],
  ['is no image', { PixelData: undefined }, false, /is no image/],
  ['is a report of others', content({ ValueType: 'CONTAINER' }), false, /structured content/],
  [
    'is a report whose text repeats the name',
    { PatientName: 'Zwiebelturm', ...content({ ValueType: 'TEXT', TextValue: 'of Zwiebelturm' }) },
    true,
    /repeats what identifies/,
  ],
])('what %s is COPY_REFUSED', (_, attributes, own, why) => {
  expect(() => copyOf(attributes, { own })).toThrow(why);
});

test('secondary capture that says that nothing is burned in may leave', () => {
  expect(copyOf({ SOPClassUID: SC, BurnedInAnnotation: 'NO' }).SOPClassUID).toBe(SC);
});

test('of a report of ours people and times go, its measurements stay', () => {
  const report = copyOf(
    {
      Modality: 'SR',
      ContentSequence: [
        { RelationshipType: 'HAS OBS CONTEXT', ValueType: 'PNAME', PersonName: 'Zwiebelturm^Ottokar' },
        { RelationshipType: 'HAS OBS CONTEXT', ValueType: 'DATETIME', DateTime: '19430719061523' },
        {
          RelationshipType: 'CONTAINS',
          ValueType: 'NUM',
          MeasuredValueSequence: [{ NumericValue: '0.75' }],
          ContentSequence: [
            { RelationshipType: 'HAS PROPERTIES', ValueType: 'TEXT', TextValue: 'above its threshold' },
          ],
        },
      ],
    },
    { own: true },
  );
  const [only, ...others] = items(datasetOf(report), 'ContentSequence');
  expect(others).toEqual([]);
  expect(text(items(only ?? {}, 'MeasuredValueSequence')[0] ?? {}, 'NumericValue')).toBe('0.75');
  expect(text(items(only ?? {}, 'ContentSequence')[0] ?? {}, 'TextValue')).toBe('above its threshold');
  expect(bytesOf(report).includes('Zwiebelturm')).toBe(false);
  expect(items(datasetOf(report), 'DeidentificationMethodCodeSequence')).toHaveLength(2);
});

test('what cannot be written cannot leave', () => {
  const image = readPart10(
    writePart10({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.1',
      SOPInstanceUID: `${STUDY}.1.1`,
      PixelData: new Uint8Array(2),
    }),
  );
  expect(() => deidentify(image, { secret: SECRET, own: false })).toThrow('it has no StudyInstanceUID');
});
