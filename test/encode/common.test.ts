import type { Dataset } from '../../server/contracts.ts';
import { codeOf, items, readPart10, text, texts } from '../../server/dicom/read.ts';
import { clockOf } from '../../server/encode/clock.ts';
import { wrap } from '../../server/encode/font.ts';
import { encode } from '../../server/encode/index.ts';
import { patientAndStudy } from '../../server/encode/patient.ts';
import { clip } from '../../server/encode/text.ts';
import { brainCase, chestCase } from './fixtures.ts';

test.each([
  ['UTC where the source has no offset', undefined, '20261125', '233000', '+0000'],
  ['an hour and a half east, into the next day', '+0130', '20261126', '010000', '+0130'],
  ['west', '-0500', '20261125', '183000', '-0500'],
  ['an offset that is none', 'Berlin', '20261125', '233000', '+0000'],
])('clock: %s', (_, sourceOffset, date, time, offset) => {
  expect(clockOf('2026-11-25T23:30:00.000Z', sourceOffset)).toEqual({
    date,
    time,
    offset,
    dateTime: `${date}${time}${offset}`,
  });
});

test('a job time that is no instant is ENCODE_INVALID', () => {
  expect(() => clockOf('yesterday', undefined)).toThrow('ENCODE_INVALID');
});

describe('patient and study', () => {
  const StudyInstanceUID = '1.2.3';

  test('Type 2 attributes are present when the source has none', () => {
    const copied = patientAndStudy({ StudyInstanceUID }, StudyInstanceUID);
    expect(copied).toMatchObject({
      PatientName: null,
      PatientID: null,
      StudyID: null,
      ReferringPhysicianName: null,
    });
    expect(copied.PatientComments).toBeUndefined();
  });

  test('values that break their VR are emptied (Type 2) or dropped (Type 3)', () => {
    const header = {
      StudyInstanceUID,
      PatientBirthDate: '1970-01-02',
      PatientAge: '56',
      StudyDescription: 'kept',
    };
    const copied = patientAndStudy(header, StudyInstanceUID);
    expect(copied.PatientBirthDate).toBeNull();
    expect(copied.PatientAge).toBeUndefined();
    expect(copied.StudyDescription).toBe('kept');
  });

  test('what need not be there and is empty is left out: some of Type 1C may not be empty', () => {
    const copied = patientAndStudy(
      { StudyInstanceUID, DeidentificationMethod: '', PatientComments: [], PatientIdentityRemoved: 'YES' },
      StudyInstanceUID,
    );
    expect(Object.keys(copied)).not.toContain('DeidentificationMethod');
    expect(Object.keys(copied)).not.toContain('PatientComments');
    expect(copied.PatientIdentityRemoved).toBe('YES');
  });

  test('a Patient ID that cannot be kept is refused, never altered', () => {
    expect(() => patientAndStudy({ StudyInstanceUID, PatientID: 'x'.repeat(65) }, StudyInstanceUID)).toThrow(
      'ENCODE_INVALID: PatientID: longer than 64 characters',
    );
  });

  test('a header of another study is refused', () => {
    expect(() => patientAndStudy({ StudyInstanceUID: '1.2.4' }, StudyInstanceUID)).toThrow('ENCODE_INVALID');
  });

  test('private attributes inside copied sequences stay behind', () => {
    const item = {
      CodeValue: 'X',
      CodingSchemeDesignator: 'L',
      CodeMeaning: 'x',
      '00091001': 'private',
      _vrMap: {},
    };
    const copied = patientAndStudy({ StudyInstanceUID, ProcedureCodeSequence: [item] }, StudyInstanceUID);
    expect(copied.ProcedureCodeSequence).toEqual([
      { CodeValue: 'X', CodingSchemeDesignator: 'L', CodeMeaning: 'x' },
    ]);
  });

  test('private attributes of the source never reach a result', () => {
    const results = chestCase();
    const header: Dataset = {
      ...results.volume.header,
      '00091001': 'private',
      ImageComments: 'source comment',
    };
    for (const object of encode({ ...results, volume: { ...results.volume, header } })) {
      const bytes = Buffer.from(object.bytes).toString('latin1');
      expect(bytes).not.toContain('private');
      expect(bytes).not.toContain('source comment');
    }
  });
});

describe('every object', () => {
  const objects = [...encode(chestCase()), ...encode(brainCase())].map((o) => readPart10(o.bytes).dataset);

  test('names its packager and, in Contributing Equipment, the model with its Device UID', () => {
    for (const dataset of objects) {
      expect(text(dataset, 'Manufacturer')).toBe('Pellucid');
      const [model] = items(dataset, 'ContributingEquipmentSequence') as [Dataset];
      expect(codeOf(model, 'PurposeOfReferenceCodeSequence')?.value).toBe('109102');
      expect(text(model, 'ManufacturerModelName')).toBe('Test model for encoders');
      expect(texts(model, 'SoftwareVersions')).toEqual(['1.2.3', 'ab'.repeat(32)]);
      expect(text(model, 'DeviceUID')).toBe('2.25.4711');
    }
  });

  test('has its kind’s series number, a description of at most 64 bytes, and says RESEARCH', () => {
    expect(objects.map((d) => Number(text(d, 'SeriesNumber')))).toEqual([
      906, 907, 905, 904, 901, 903, 905, 904,
    ]);
    for (const dataset of objects) {
      const description = text(dataset, 'SeriesDescription') ?? '';
      expect(description).toMatch(/^AI .* 1\.2\.3 \(/);
      expect(Buffer.byteLength(description)).toBeLessThanOrEqual(64);
      expect(text(dataset, 'ContentQualification')).toBe('RESEARCH');
    }
  });
});

test('a lossy source makes lossy results (PS3.3 C.7.6.1.1.5)', () => {
  const header = {
    LossyImageCompression: '01',
    LossyImageCompressionRatio: [10.5],
    LossyImageCompressionMethod: 'ISO_10918_1',
  };
  const [seg] = encode(brainCase({ header }));
  const { dataset } = readPart10(seg?.bytes as Uint8Array);
  expect(text(dataset, 'LossyImageCompression')).toBe('01');
  expect(texts(dataset, 'LossyImageCompressionRatio')).toEqual(['10.5']);
});

test.each([
  ['short', 64, 'short'],
  ['a\\b\nc', 64, 'a b c'],
  ['é'.repeat(40), 64, `${'é'.repeat(30)}...`],
])('clip %j to %i bytes', (value, limit, expected) => {
  expect(clip(value, limit)).toBe(expected);
});

test('captions break at words, and words that are too long', () => {
  expect(wrap('not for measurement abcdefghijk', 8)).toEqual([
    'not for',
    'measurem',
    'ent',
    'abcdefgh',
    'ijk',
  ]);
});
