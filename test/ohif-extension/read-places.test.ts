import { type DicomJson, number, numbers } from '../../ohif-extension/src/lib/dicom-json.ts';
import { readPlaces } from '../../ohif-extension/src/lib/read-places.ts';
import { readReport } from '../../ohif-extension/src/lib/read-report.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';
import { dicomJson } from './documents.ts';

const of = (...Value: readonly unknown[]) => ({ Value });

/** A SCOORD of an image (PS3.3 C.18.6). */
const scoord = (type: string, data: readonly unknown[], ...frames: readonly number[]): DicomJson => ({
  '0040A040': of('SCOORD'),
  '00700023': of(type),
  '00700022': of(...data),
  '0040A730': of({
    '0040A040': of('IMAGE'),
    '00081199': of({ '00081155': of('1.2'), ...(frames.length > 0 ? { '00081160': of(...frames) } : {}) }),
  }),
});
const group = (...items: readonly DicomJson[]): DicomJson => ({ '0040A730': of(...items) });
const numberWith = (...items: readonly DicomJson[]): DicomJson => ({
  '0040A040': of('NUM'),
  '0040A730': of(...items),
});

// PS3.3 C.18.6.1.2: a POLYLINE is closed where its first and last vertices are the same, and else open.
test.each<[string, DicomJson, number, boolean]>([
  ['a closed POLYLINE', scoord('POLYLINE', [1, 1, 5, 1, 5, 5, 1, 1]), 4, false],
  ['an open POLYLINE', scoord('POLYLINE', [1, 1, 5, 1, 5, 5]), 3, true],
  ['a line', scoord('POLYLINE', [1, 1, 5, 5]), 2, true],
  ['a CIRCLE', scoord('CIRCLE', [5, 5, 9, 5]), 48, false],
  ['an ELLIPSE', scoord('ELLIPSE', [1, 5, 9, 5, 5, 3, 5, 7]), 48, false],
  ['a POINT', scoord('POINT', [5, 5]), 48, false],
])('%s is drawn as it is meant', (_, item, corners, isOpen) => {
  const { regions, hasUndrawn } = readPlaces(group(item));
  expect(regions.map((region) => [region.points.length, region.isOpen === true])).toEqual([
    [corners, isOpen],
  ]);
  expect(hasUndrawn).toBeUndefined();
});

test('each point of a MULTIPOINT has a mark of its own, each frame of a reference its outline', () => {
  const centre = (points: readonly (readonly [number, number])[]) =>
    [0, 1].map((axis) => points.reduce((sum, point) => sum + (point[axis] as number), 0) / points.length);
  const marks = readPlaces(group(scoord('MULTIPOINT', [10, 20, 30, 40]))).regions.map(({ points }) =>
    centre(points),
  );
  expect(marks.flat().map(Math.round)).toEqual([10, 20, 30, 40]);
  const frames = readPlaces(group(scoord('POLYLINE', [1, 1, 5, 5], 3, 7))).regions.map(({ frame }) => frame);
  expect(frames).toEqual([3, 7]);
});

test.each<[string, DicomJson]>([
  ['a number that is none', scoord('POLYLINE', [1, 'NaN', 5, 1, 5, 5])],
  ['a number that is missing', scoord('POLYLINE', [1, null, 5, 1, 5, 5])],
  ['an odd count of numbers', scoord('POLYLINE', [1, 1, 5, 1, 5])],
  ['no numbers', scoord('POLYLINE', [])],
  ['a POLYLINE of one point', scoord('POLYLINE', [1, 1])],
  ['half an ELLIPSE', scoord('ELLIPSE', [1, 5, 9, 5])],
  ['a type of its own', scoord('SPIRAL', [1, 1, 5, 1, 5, 5])],
  ['no image', { ...scoord('POLYLINE', [1, 1, 5, 1]), '0040A730': of() }],
])('%s: nothing is drawn anywhere, and that there was a place is known', (_, item) => {
  expect(readPlaces(group(item))).toEqual({ regions: [], hasUndrawn: true });
});

test('the line of a number is a place, and one that several numbers share is one; what a number was taken from is none', () => {
  const line = scoord('POLYLINE', [1, 1, 5, 5]);
  const source = { ...line, '0040A043': of({ '00080100': of('121112'), '00080102': of('DCM') }) };
  expect(readPlaces(group(numberWith(line), numberWith(line))).regions).toHaveLength(1);
  expect(readPlaces(group(numberWith(source)))).toEqual({ regions: [] });
});

test('numbers stay in their places: one that is none leaves none of them', () => {
  expect(numbers({ '00200032': of(1, '', 3) }, 'ImagePositionPatient')).toEqual([]);
  expect(numbers({ '00200032': of('1', 2, ' 3 ') }, 'ImagePositionPatient')).toEqual([1, 2, 3]);
  expect(number({ '0040A30A': of(null, 5) }, 'NumericValue')).toBeUndefined();
});

describeWithKit('lines that OHIF wrote with dcmjs', () => {
  test('both axes of a bidirectional measurement, by what pydicom reads, and their unit', () => {
    const read = readReport(dicomJson(kitBytes('F_reference_objects', 'dcmjs', 'sample-sr.dcm')));
    const [finding] = read?.findings ?? [];
    const near = (...points: readonly number[]) => points.map((value) => expect.closeTo(value, 3));
    expect(finding?.regions.map(({ points, isOpen }) => [points.flat(), isOpen])).toEqual([
      [near(580.7192, 1090.8358, 543.354, 988.3922), true],
      [near(599.4018, 1028.2313, 524.6713, 1050.9966), true],
    ]);
    expect(finding?.measurements.map(({ unit }) => unit)).toEqual(['px', 'px']);
  });
});
