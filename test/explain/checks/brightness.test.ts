import type { SegmentFinding } from '../../../server/contracts.ts';
import { checkBrightness } from '../../../server/explain/checks/brightness.ts';
import { mustNotBeReliedOn } from '../../../server/explain/checks/reliance.ts';

const found = (label: string, mean: number, voxels = 8) => ({
  segment: { kind: 'segment', label: { label }, voxels } as SegmentFinding,
  summary: { mean },
});
const ORDER = ['White matter', 'Cortex', 'Ventricles'];
/** In the order of the channels, not of the brightness. */
const head = (cortex: number, white: number, ventricles: number) => [
  found('Cortex', cortex),
  found('White matter', white),
  found('Ventricles', ventricles),
];

test('structures as bright, one after the other, as the package says', () => {
  expect(checkBrightness(head(60, 90, 20), ORDER)).toEqual([
    {
      name: 'brightness',
      state: 'passed',
      sentence:
        'The contrast is one that the model is for: white matter is brighter than cortex is brighter than ventricles.',
    },
  ]);
});

test.each([
  ['inverted', head(40, 10, 80), 'white matter than cortex, cortex than ventricles'],
  ['T2', head(60, 40, 90), 'white matter than cortex, cortex than ventricles'],
  ['of one grey', head(50, 50, 20), 'white matter than cortex'],
])(
  '%s: what is not as it must be is named, and the result is not to be relied on',
  (_, structures, words) => {
    const [check] = checkBrightness(structures, ORDER);
    expect(check).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining(`Not brighter, as it must be: ${words}. `),
    });
    expect(check && mustNotBeReliedOn(check)).toBe(true);
  },
);

test('what was not found is left out; of one alone there is no order', () => {
  const [white, cortex, ventricles] = [
    found('White matter', 90),
    found('Cortex', 0, 0),
    found('Ventricles', 20),
  ];
  expect(checkBrightness([white, cortex, ventricles], ORDER)).toMatchObject([
    { state: 'passed', sentence: expect.stringContaining('white matter is brighter than ventricles') },
  ]);
  expect(checkBrightness([white, cortex], ORDER)).toMatchObject([{ state: 'absent' }]);
});

test('a package that names no order is not checked', () => {
  expect(checkBrightness(head(40, 10, 80), undefined)).toEqual([]);
});
