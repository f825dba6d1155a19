import type { SegmentFinding } from '../../../server/contracts.ts';
import { checkComplete } from '../../../server/explain/checks/complete.ts';
import { mustNotBeReliedOn } from '../../../server/explain/checks/reliance.ts';

const found = (label: string, voxels: number) =>
  ({ kind: 'segment', label: { label }, voxels }) as SegmentFinding;
const EXPECTED = [{ expected: true }, { expected: true }, {}];

test('all that everyone has is there: passed, whatever else is missing', () => {
  const segments = [found('Cerebellum', 9), found('Brain stem', 1), found('Lesion', 0)];
  expect(checkComplete(segments, EXPECTED)).toEqual([
    { name: 'complete', state: 'passed', sentence: 'All 2 structures that everyone has were found.' },
  ]);
});

test('what is missing is named, and the result is not to be relied on', () => {
  const [check] = checkComplete(
    [found('Cerebellum', 0), found('Brain stem', 0), found('Lesion', 4)],
    EXPECTED,
  );
  expect(check).toMatchObject({
    state: 'failed',
    sentence: expect.stringMatching(/^Not found, though everyone has it: cerebellum, brain stem\. /),
  });
  expect(check && mustNotBeReliedOn(check)).toBe(true);
});

test('a package that expects nothing is not checked', () => {
  expect(checkComplete([found('Aerated lung', 0)], [{}])).toEqual([]);
});
