import type { DisplaySet } from '../../ohif-extension/src/host.ts';
import { hasSegment, isDrawable, maskSetOf } from '../../ohif-extension/src/lib/mask-set.ts';

const set = (header?: Readonly<Record<string, unknown>>): DisplaySet => ({
  displaySetInstanceUID: 'a',
  StudyInstanceUID: '1',
  SeriesInstanceUID: '1.1',
  SOPInstanceUID: '1.1.2',
  ...(header ? { instances: [header] } : {}),
});
const IN_A_PLANE = { PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }] };

test('masks are those of the object, and not another of its series', () => {
  const segment = (SOPInstanceUID: string) => ({ SOPClassUID: '', SOPInstanceUID, number: 1 });
  expect(maskSetOf([set()], segment('1.1.2'))).toBeDefined();
  expect(maskSetOf([set()], { ...segment('1.1.1'), SeriesInstanceUID: '1.1' })).toBeUndefined();
  expect(maskSetOf([set()], undefined)).toBeUndefined();
});

// OHIF 3.13.2 throws a TypeError without an orientation.
test.each<[string, Readonly<Record<string, unknown>> | undefined, boolean]>([
  ['in a plane', { SharedFunctionalGroupsSequence: [IN_A_PLANE] }, true],
  ['in a plane, one item for the list', { SharedFunctionalGroupsSequence: IN_A_PLANE }, true],
  [
    'each frame in its plane',
    { SharedFunctionalGroupsSequence: [{}], PerFrameFunctionalGroupsSequence: [IN_A_PLANE] },
    true,
  ],
  ['of a picture', { SharedFunctionalGroupsSequence: [{}], PerFrameFunctionalGroupsSequence: [{}] }, false],
  ['of which the host says nothing', undefined, true],
])('masks %s are drawn or not', (_, header, isDrawn) => {
  expect(isDrawable(set(header))).toBe(isDrawn);
});

test.each<[string, unknown, boolean]>([
  ['a list that has it', [{ SegmentNumber: 1 }, { SegmentNumber: 3 }], true],
  ['one item for the list', { SegmentNumber: 3 }, true],
  ['a list without it', [{ SegmentNumber: 1 }, { SegmentNumber: 2 }], false],
  ['nothing', undefined, true],
])('a number in %s', (_, SegmentSequence, has) => {
  expect(hasSegment(set({ SegmentSequence }), 3)).toBe(has);
});
