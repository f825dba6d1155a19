import { readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { disagreementsOf, errorsOf, reportHtml } from '../helpers/validators.ts';
import { brainCase, type Case, chestCase } from './fixtures.ts';

const BARE = Object.fromEntries(
  ['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex', 'PatientAge', 'PatientWeight']
    .concat(
      'StudyDate',
      'StudyTime',
      'StudyDescription',
      'StudyID',
      'AccessionNumber',
      'ReferringPhysicianName',
    )
    .map((keyword) => [keyword, undefined]),
);

const CASES: readonly (readonly [string, Case])[] = [
  ['a positive radiograph', chestCase()],
  ['a negative radiograph', chestCase({ positive: false })],
  ['two radiographs in one series, MONOCHROME1', chestCase({ frames: 2, inverted: true })],
  ['a tilted MR', brainCase()],
  ['a tilted CT', brainCase({ modality: 'CT' })],
  ['one slice', brainCase({ shape: [1, 5, 7] })],
  ['an empty mask', brainCase({ empty: true })],
  ['no frame of reference', brainCase({ frameOfReference: false })],
  ['a map on a coarser grid', brainCase({ mapShape: [4, 2, 3] })],
  ['a radiograph that says nothing of patient and study', chestCase({ header: BARE })],
  [
    'an MR that says nothing of them, in another zone',
    brainCase({ header: { ...BARE, TimezoneOffsetFromUTC: '-0330' } }),
  ],
  ['an odd number of bits in one column', brainCase({ shape: [3, 7, 1], segments: 1 })],
  ['20 segments', brainCase({ segments: 20, shape: [6, 9, 11] })],
];

describe.each(CASES)('%s', (_, results) => {
  const objects = encode(results);

  test.each(objects.map((o) => [o.kind, o] as const))('dciodvfy finds no error in the %s', (__, object) => {
    expect(errorsOf(object.bytes)).toEqual([]);
  });

  test('dcentvfy finds no disagreement with the source study', () => {
    expect(disagreementsOf([...results.sources, ...objects.map((o) => o.bytes)])).toEqual([]);
  });

  test('the same input gives the same bytes, and each object is a series of its own', () => {
    const again = encode(results);
    expect(again.map((o) => Buffer.from(o.bytes).toString('base64'))).toEqual(
      objects.map((o) => Buffer.from(o.bytes).toString('base64')),
    );
    expect(new Set(objects.map((o) => o.SeriesInstanceUID)).size).toBe(objects.length);
  });

  test('the report is last and renders', () => {
    expect(objects.at(-1)?.kind).toBe('SR');
    expect(reportHtml(objects.at(-1)?.bytes as Uint8Array)).toContain('Imaging Measurement Report');
  });
});

test.each([
  ['projection', chestCase(), ['SC', 'MAP', 'KOS', 'SR']],
  ['volume', brainCase(), ['SEG', 'PM', 'KOS', 'SR']],
])('a %s gives these kinds', (_, results, kinds) => {
  expect(encode(results).map((o) => o.kind)).toEqual(kinds);
});

test('another analysis has other UIDs, the same study', () => {
  const results = chestCase();
  const other = encode({ ...results, job: { ...results.job, analysisId: 'analysis-2' } });
  const uids = encode(results).map((o) => o.SOPInstanceUID);
  expect(other.some((o) => uids.includes(o.SOPInstanceUID))).toBe(false);
  expect(new Set(other.map((o) => o.StudyInstanceUID))).toEqual(
    new Set([results.job.arrived.StudyInstanceUID]),
  );
});

test('what an object says of itself is what its bytes hold', () => {
  for (const object of encode(brainCase())) {
    const { dataset } = readPart10(object.bytes);
    expect(dataset).toMatchObject({
      SOPInstanceUID: object.SOPInstanceUID,
      SOPClassUID: object.SOPClassUID,
      SeriesInstanceUID: object.SeriesInstanceUID,
      StudyInstanceUID: object.StudyInstanceUID,
    });
  }
});
