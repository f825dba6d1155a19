import type { DicomObject, SegmentFinding } from '../server/contracts.ts';
import { readPart10 } from '../server/dicom/read.ts';
import { encode } from '../server/encode/index.ts';
import { assembleVolume } from '../server/retrieve/volume.ts';
import { brainCase, type Case, chestCase, withSides } from '../test/encode/fixtures.ts';
import { resultsOver, SOURCES, sourceCase } from '../test/encode/sources.ts';

/** One row of the matrix: results over a kind of source, or in an unusual shape. */
export interface Row {
  readonly name: string;
  /** Also in the quick run, which is part of the tests. */
  readonly quick?: boolean;
  make(): Case | Promise<Case>;
}

const NOTHING_SAID = Object.fromEntries(
  [
    'PatientName',
    'PatientID',
    'PatientBirthDate',
    'PatientSex',
    'PatientAge',
    'PatientWeight',
    'StudyDate',
    'StudyTime',
    'StudyDescription',
    'StudyID',
    'AccessionNumber',
    'ReferringPhysicianName',
  ].map((keyword) => [keyword, undefined]),
);
const NAMES = {
  PatientName: 'Yamada^Tarou=山田^太郎=やまだ^たろう',
  StudyDescription: 'Грудная клетка',
  ReferringPhysicianName: 'Διονυσίου^Άννα',
};

export const ROWS: readonly Row[] = [
  ...SOURCES.map((kind) => ({
    name: kind,
    quick: kind === 'enhanced CT' || kind === 'US cine',
    make: () => sourceCase(kind),
  })),
  { name: 'radiograph, positive', quick: true, make: () => chestCase() },
  { name: 'radiograph, negative', make: () => chestCase({ positive: false }) },
  { name: 'radiographs, MONOCHROME1', make: () => chestCase({ frames: 2, inverted: true }) },
  { name: 'oblique MR', quick: true, make: () => brainCase() },
  { name: 'one slice', make: () => brainCase({ shape: [1, 5, 7] }) },
  { name: 'one column, odd bits', make: () => brainCase({ shape: [3, 7, 1], segments: 1 }) },
  { name: 'one row', make: () => brainCase({ shape: [3, 1, 9], segments: 1 }) },
  { name: 'one pixel', make: () => brainCase({ shape: [1, 1, 1], segments: 1 }) },
  { name: 'sent in reverse', make: reversed },
  { name: 'map on a coarser grid', make: () => brainCase({ mapShape: [4, 2, 3] }) },
  { name: 'no frame of reference', make: () => brainCase({ frameOfReference: false }) },
  { name: '300 segments', make: manySegments },
  { name: 'left and right', quick: true, make: () => withSides(brainCase({ segments: 3 })) },
  { name: 'empty result', quick: true, make: () => brainCase({ empty: true }) },
  { name: 'nothing said of patient, study', make: () => brainCase({ header: NOTHING_SAID }) },
  { name: 'nothing said, radiograph', make: () => chestCase({ header: NOTHING_SAID }) },
  { name: 'names beyond ASCII', quick: true, make: () => brainCase({ header: NAMES }) },
  { name: 'another time zone', make: () => chestCase({ header: { TimezoneOffsetFromUTC: '-0330' } }) },
];

/** Every kind that the results can be written as. */
export const objectsOf = (results: Case): readonly DicomObject[] =>
  encode(results, ['LABELMAP', 'KOS', 'PDF']);

async function reversed(): Promise<Case> {
  const { sources } = brainCase({ shape: [5, 6, 7] });
  const files = [...sources].reverse();
  const volume = await assembleVolume(files.map(readPart10), files.length);
  return resultsOver(volume, sources, { name: 'sent in reverse' });
}

/** More than 255: labels of 16 bits. */
function manySegments(): Case {
  const [frames, rows, columns] = [4, 15, 21];
  const results = brainCase({ shape: [frames, rows, columns], segments: 300 });
  const data = Uint16Array.from({ length: frames * rows * columns }, (_, i) => (i * 7) % 301);
  const findings = results.prediction.findings.map((f, i): SegmentFinding => {
    const voxels = data.filter((v) => v === i + 1).length;
    return { ...(f as SegmentFinding), voxels, volumeMm3: voxels * 0.5 * 0.75 * 2.5 };
  });
  const labelMap = { shape: [frames, rows, columns] as const, data };
  return { ...results, prediction: { ...results.prediction, findings, labelMap } };
}
