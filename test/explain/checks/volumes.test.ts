import type { SegmentFinding } from '../../../server/contracts.ts';
import { mustNotBeReliedOn } from '../../../server/explain/checks/reliance.ts';
import { checkVolumes } from '../../../server/explain/checks/volumes.ts';

const found = (label: string, ml: number) =>
  ({ kind: 'segment', label: { label }, voxels: 8 * ml, volumeMm3: 1000 * ml }) as SegmentFinding;
const within = (low: number, high: number) => ({
  plausible: { low, high, unit: 'ml', of: 'adults', source: 'a test' } as const,
});
const LABELS = [within(70, 400), within(10, 60), {}];

test('volumes at their limits are believed; of a structure without limits nothing is said', () => {
  const segments = [found('Cerebellum', 70), found('Brain stem', 60), found('Lesion', 900)];
  expect(checkVolumes(segments, LABELS)).toEqual([
    {
      name: 'plausible',
      state: 'passed',
      sentence: 'Each of 2 volumes is one that its structure may have (adults; a test).',
    },
  ]);
});

test('one beyond is named with its limits, and the result is not to be relied on', () => {
  const [check] = checkVolumes([found('Cerebellum', 69.9), found('Brain stem', 60.1)], LABELS);
  expect(check).toMatchObject({
    state: 'failed',
    sentence: expect.stringMatching(
      /^Not a volume that it may have: cerebellum 69\.9 ml, not 70 to 400, brain stem 60\.1 ml, not 10 to 60 \(adults; a test\)\. /,
    ),
  });
  expect(check && mustNotBeReliedOn(check)).toBe(true);
});

test.each([
  ['a package that names no volumes', [found('Cerebellum', 1)], [{}]],
  ['what was not found', [found('Cerebellum', 0)], [within(70, 400)]],
])('%s is not checked', (_, segments, labels) => {
  expect(checkVolumes(segments, labels)).toEqual([]);
});
