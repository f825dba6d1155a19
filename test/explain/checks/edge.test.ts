import type { SegmentFinding, Volume } from '../../../server/contracts.ts';
import { checkEdge } from '../../../server/explain/checks/edge.ts';
import { mustNotBeReliedOn } from '../../../server/explain/checks/reliance.ts';
import { summarise } from '../../../server/explain/segment-summary.ts';

/** 20 frames of 21 × 22, 1.5 mm apart, of 0.5 × 1 mm (row by row, column by column), tilted. */
const SHAPE = [20, 21, 22] as const;
const AFFINE = [0.8, 0, -0.9, 0, 0, 0.5, 0, 0, 0.6, 0, 1.2, 0, 0, 0, 0, 1];
const floats = new Float32Array(20 * 21 * 22).fill(1);
const volume = { shape: SHAPE, data: floats, geometry: { affine: AFFINE } } as unknown as Volume;
type Place = readonly [frame: number, row: number, column: number];

/** A cerebellum, and a brain stem, of a voxel each. */
function structures(places: readonly Place[], expected = true) {
  const data = new Uint8Array(floats.length);
  for (const [i, [f, r, c]] of places.entries()) data[(f * 21 + r) * 22 + c] = i + 1;
  const margin = { dims: SHAPE, data: floats };
  const summaries = summarise({ shape: SHAPE, data }, { volume, margin, count: places.length });
  return summaries.map((summary, i) => ({
    segment: {
      kind: 'segment',
      label: { label: ['Cerebellum', 'Brain stem'][i] },
      voxels: 1,
    } as SegmentFinding,
    summary,
    expected,
  }));
}
const MIDDLE: Place = [10, 10, 10];

test.each<[string, Place, Place]>([
  ['all are 3 mm from each edge', [2, 6, 3], [17, 14, 18]],
  ['one alone goes on, as the brain stem does', MIDDLE, [0, 10, 10]],
])('%s: the images are not cut', (_, one, other) => {
  expect(checkEdge(structures([one, other]), volume)).toEqual([
    {
      name: 'edge',
      state: 'passed',
      sentence: 'The images reach beyond the 2 structures that everyone has.',
    },
  ]);
});

test.each<[string, Place]>([
  ['first slice', [1, 10, 10]],
  ['last slice', [18, 10, 10]],
  ['first row', [10, 5, 10]],
  ['last row', [10, 15, 10]],
  ['first column', [10, 10, 2]],
  ['last column', [10, 10, 19]],
])(
  'two under 3 mm from an edge, one by the %s: volumes are short, what there is may be relied on',
  (_, place) => {
    const [check] = checkEdge(structures([place, [19, 10, 10]]), volume);
    expect(check).toEqual({
      name: 'edge',
      state: 'failed',
      sentence:
        'Within 3 mm of where the images end: cerebellum, brain stem. The series may be cut, and their volumes short.',
    });
    expect(check && mustNotBeReliedOn(check)).toBe(false);
  },
);

test('what not everyone has may end anywhere', () => {
  const edges: readonly Place[] = [
    [0, 0, 0],
    [19, 20, 21],
  ];
  expect(checkEdge(structures(edges, false), volume)).toEqual([]);
  expect(checkEdge(structures(edges).slice(0, 1), volume)).toEqual([]);
});
