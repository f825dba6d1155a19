import type { LabelSpec, Prediction, SegmentFinding, Volume } from '../../server/contracts.ts';
import { LATERALITIES, UNITS } from '../../server/dicom/code.ts';
import { explainByMargin } from '../../server/explain/margin.ts';
import { rangeSentence } from '../../server/explain/segment-words.ts';
import { sidesOf } from '../../server/explain/sides.ts';
import type { Explanation } from '../../server/explanation.ts';
import type { SegmentationSpec } from '../../server/models/schema.ts';

/** Two slices of 2 × 4 pixels, 1 mm; columns run to the left. Segment 1 is the left half of slice 1, and one pixel of slice 2. */
const LABELS = [
  [0, 0, 1, 1, 0, 0, 1, 1],
  [0, 0, 0, 1, 2, 0, 0, 0],
].flat();
/** The image: 10 everywhere but 14 and 16 in the rows of segment 1 on slice 1. */
const VALUES = [
  [10, 10, 14, 14, 10, 10, 16, 16],
  [10, 10, 10, 14, 10, 10, 10, 10],
].flat();
const MARGINS = [
  [1, 1, 0.9, 0.9, 1, 1, 0.1, 0.9],
  [1, 1, 1, 0.1, 0.8, 1, 1, 1],
].flat();

const label = (name: string, more: Partial<LabelSpec> = {}): LabelSpec => ({
  label: name,
  category: { value: 'c', scheme: 'SCT', meaning: 'c' },
  type: { value: name, scheme: 'SCT', meaning: name },
  rgb: [1, 2, 3],
  ...more,
});

interface Told {
  readonly labels?: readonly (LabelSpec & {
    paired?: boolean;
    range?: unknown;
    actions?: unknown;
    partOf?: unknown;
  })[];
  readonly header?: Volume['header'];
  readonly rule?: string;
  readonly checks?: SegmentationSpec['checks'];
  /** Of the first, mm³. */
  readonly interval?: readonly [number, number];
}

function explained({
  labels = [label('A'), label('B'), label('C')],
  header = {},
  rule,
  checks,
  interval,
}: Told = {}): Explanation {
  const findings = labels.map((l, i): SegmentFinding => {
    const voxels = LABELS.filter((v) => v === i + 1).length;
    const volumeInterval = i === 0 && interval ? { volumeInterval: interval } : {};
    return { kind: 'segment', label: l, number: i + 1, voxels, volumeMm3: 1000 * voxels, ...volumeInterval };
  });
  const volume = {
    shape: [2, 2, 4],
    data: Float32Array.from(VALUES),
    frames: [{ InstanceNumber: 41 }, { InstanceNumber: 40 }],
    unit: UNITS.hu,
    geometry: { affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
    header,
  } as unknown as Volume;
  const prediction = {
    findings,
    labelMap: { shape: [2, 2, 4], data: Uint8Array.from(LABELS) },
    taps: { margin: { dims: [2, 2, 4], data: Float32Array.from(MARGINS) } },
  } as unknown as Prediction;
  const spec = {
    input: { grid: 'conform', steps: [] },
    output: { labels },
    ...(rule ? { rule } : {}),
    ...(checks ? { checks } : {}),
  };
  return explainByMargin(spec as unknown as SegmentationSpec, { volume, prediction });
}

test('where, how it shows, how much, how sure and what first, by hand', () => {
  const { findings, maps, checks } = explained();
  // Numbered from the other end. Across the border of A on slice 1: 4 and 6; on slice 2: 4 to the left, and 4 down. Inside: two of 0 across, two of 2 down.
  expect(findings[0]).toMatchObject({
    sentence: 'A: 5.00 ml.',
    regions: [{ frame: 0, left: 2, right: 4, top: 0, bottom: 2 }],
    elements: {
      localization: {
        sentence: 'The mask lies on 2 of 2 slices: images 40 to 41; most of it on image 41.',
      },
      visualRecognizability: {
        sentence: 'Its border stands out: the image changes there 4.5 times as much as inside.',
      },
      physicalAttribution: {
        // 14, 14, 16, 16, 14: mean 14.8, deviation √0.96
        sentence: '5.00 ml, the sum of 5 source voxels. Its mean is 15 HU, deviation 1.',
      },
      modelTransparency: {
        sentence:
          '40 % of the mask was a close call between two labels. The model sees voxels of 1 × 1 × 1 mm.',
      },
      actionability: { sentence: 'Look at image 41 first: it has the most close calls.' },
    },
  });
  expect(findings[0]?.measures.map(({ name, value }) => [name, Number(value.toFixed(4))])).toEqual([
    ['Slices with the mask', 2],
    ['Mean margin to the second label', 0.58],
    ['Share of close calls', 0.4],
    ['Contrast of the border', 4.5],
  ]);
  expect(maps.map(({ name }) => name)).toEqual(['Margin to the second label']);
  expect(checks.map(({ name, state, finding }) => [name, state, finding])).toEqual([
    ['features', 'absent', undefined],
    ['stability', 'absent', undefined],
    ['outline', 'failed', 0],
    ['outline', 'passed', 1],
  ]);
});

test('a structure of one voxel has no inside to compare its border with; what is not there has nothing', () => {
  const { findings } = explained();
  expect(findings[1]?.elements).toMatchObject({
    localization: { sentence: 'The mask lies on 1 of 2 slices: all of it on image 40.' },
    visualRecognizability: { state: 'absent', reason: expect.stringContaining('no inside') },
  });
  expect(Object.values(findings[2]?.elements ?? {})).toEqual(
    Array(5).fill({ state: 'absent', reason: 'the model marked no voxel' }),
  );
});

test('the two sides of labels of one type are compared', () => {
  const type = { value: 't', scheme: 'SCT', meaning: 't' };
  const { findings } = explained({
    labels: [
      label('Left A', { type, laterality: LATERALITIES.left }),
      label('Right A', { type, laterality: LATERALITIES.right }),
    ],
  });
  // 5 ml against 1: 4 of a mean of 3.
  const said = 'Left 5.00 ml, right 1.00 ml: 133 % more on the left.';
  for (const finding of findings) {
    expect(finding.elements.physicalAttribution).toMatchObject({ sentence: expect.stringContaining(said) });
    expect(finding.measures.at(-1)).toMatchObject({ name: 'Asymmetry', unit: UNITS.percent });
    expect(finding.measures.at(-1)?.value).toBeCloseTo(400 / 3, 6);
  }
});

test('one label for both sides is divided at the plane in the middle of all structures', () => {
  const { findings } = explained({ labels: [{ ...label('Lungs'), paired: true }, label('B')] });
  // Least squares over the six voxels, by hand: x = 3 − row − slice. Of the lungs two lie beyond it, two on it, one before it.
  expect(findings[0]?.elements.physicalAttribution).toMatchObject({
    sentence: expect.stringContaining('Left 3.00 ml, right 2.00 ml: 40 % more on the left.'),
    method: expect.stringContaining('sides by the plane in the middle of all structures'),
  });
  expect(findings[1]?.measures.map(({ name }) => name)).not.toContain('Asymmetry');
});

test('the plane turns with the head: structures that lie evenly about it are even', () => {
  // Row r has a voxel at columns r and r + 2; rows 0 and 1 are one structure, 2 and 3 another. The middle is column r + 1.
  const at = (row: number, column: number): number =>
    column === row || column === row + 2 ? (row < 2 ? 1 : 2) : 0;
  const data = Uint8Array.from({ length: 4 * 6 }, (_, i) => at(Math.floor(i / 6), i % 6));
  const finding = (number: number): SegmentFinding => ({
    kind: 'segment',
    label: label(`Structure ${number}`),
    number,
    voxels: 4,
    volumeMm3: 4,
  });
  const geometry = { affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
  const sides = sidesOf(
    [1, 2].map((number) => ({ finding: finding(number), paired: true })),
    { shape: [1, 4, 6], data },
    { geometry } as unknown as Volume,
  );
  // One slice has no spread across slices: the middle is that of all, columns 2.5, and no more is claimed.
  expect(sides).toEqual([
    { left: 1, right: 3, by: 'middle' },
    { left: 3, right: 1, by: 'middle' },
  ]);
  const twice = Uint8Array.of(...data, ...data);
  expect(
    sidesOf(
      [1, 2].map((number) => ({ finding: { ...finding(number), volumeMm3: 8 }, paired: true })),
      { shape: [2, 4, 6], data: twice },
      { geometry } as unknown as Volume,
    ),
  ).toEqual([
    { left: 4, right: 4, by: 'middle' },
    { left: 4, right: 4, by: 'middle' },
  ]);
});

test.each<[string, number, SegmentFinding['volumeInterval'], string]>([
  ['under it', 2, [1.9, 2.1], 'lies below the range of 2.5 to 4.5 ml (adults).'],
  ['in it', 3, [2.6, 4.4], 'lies within the range of 2.5 to 4.5 ml (adults).'],
  ['over it', 5, [4.6, 9], 'lies above the range of 2.5 to 4.5 ml (adults).'],
  [
    'in it, its interval not',
    3,
    [2.4, 3.1],
    'lies within the range of 2.5 to 4.5 ml (adults), but its interval crosses a limit: undecided.',
  ],
  ['at its end, without an interval', 4.5, undefined, 'lies within the range of 2.5 to 4.5 ml (adults).'],
])('a volume against a range: %s', (_, ml, interval, words) => {
  const segment = {
    volumeMm3: 1000 * ml,
    ...(interval ? { volumeInterval: [1000 * interval[0], 1000 * interval[1]] } : {}),
  } as unknown as SegmentFinding;
  const range = { low: 2.5, high: 4.5, unit: 'ml', of: 'adults', source: 'Someone 2020' } as const;
  expect(rangeSentence(segment, range)).toBe(`Its volume ${words}`);
});

test('a volume as a part of others together, by hand; not where one of them was not found', () => {
  const partOf = (...labels: readonly string[]) => ({ partOf: { name: 'whole', labels } });
  const { findings } = explained({
    labels: [{ ...label('A'), ...partOf('B', 'C') }, { ...label('B'), ...partOf('A', 'B') }, label('C')],
  });
  // 1 ml of 5 and 1 ml; of C there is nothing.
  expect(findings[1]?.elements.physicalAttribution).toMatchObject({
    sentence: expect.stringContaining('It is 16.7 % of the whole.'),
    method: expect.stringContaining('; the whole is a, b together'),
  });
  const part = findings[1]?.measures.find(({ name }) => name === 'Part of the whole');
  expect(part).toMatchObject({
    unit: UNITS.percent,
    sentence: 'Its volume in that of the whole, which is a, b together.',
  });
  expect(part?.value).toBeCloseTo(100 / 6, 9);
  expect(JSON.stringify(findings[0])).not.toContain('whole');
});

test('the next step at a volume, also of what was not found; an interval that reaches another leaves it open', () => {
  const actions = [
    { from: 0, text: 'Look for it.', source: 'Rule 1' },
    { from: 1, text: 'Nothing to do.', source: 'Rule 2' },
    { from: 5, text: 'Measure it by hand.', source: 'Rule 3' },
  ];
  const { findings } = explained({
    labels: ['A', 'B', 'C'].map((name) => ({ ...label(name), actions })),
    interval: [4900, 5100],
  });
  expect(findings.map(({ nextStep }) => nextStep?.text)).toEqual([
    'Measure it by hand.',
    'Nothing to do.',
    'Look for it.',
  ]);
  expect(findings[0]?.elements.actionability).toMatchObject({
    sentence:
      'Look at image 41 first: it has the most close calls. Next step: Measure it by hand. Its interval leaves the next step open; at an end of it: Nothing to do.',
    method: expect.stringMatching(/; next step by Rule 3$/),
  });
  expect(findings[2]?.elements.actionability).toEqual({
    state: 'given',
    sentence: 'Next step: Look for it.',
    method: 'next step by Rule 1',
  });
});

test('a patient whom the model is not for: the advice against the result comes first', () => {
  const { findings, checks } = explained({
    header: { PatientAge: '004Y' },
    checks: { PatientAge: { from: 18, to: 90 } },
  });
  expect(checks).toContainEqual({
    name: 'age',
    state: 'failed',
    sentence: 'The patient is not of an age that the model is for: 18 to 90 years.',
  });
  expect(findings[0]?.elements.actionability).toMatchObject({
    sentence: expect.stringMatching(
      /^Do not rely on this result; read without it\. The patient is not of an age/,
    ),
  });
});

test('a model that is a rule: the rule in words, no map and nothing of certainty', () => {
  const { findings, maps, checks } = explained({ rule: 'All above 12.' });
  expect(maps).toEqual([]);
  expect(findings[0]).toMatchObject({
    elements: {
      modelTransparency: { sentence: 'All above 12.' },
      actionability: { sentence: 'Look at image 41 first: it has most of the mask.' },
    },
  });
  expect(findings[0]?.measures.map(({ name }) => name)).toEqual([
    'Slices with the mask',
    'Contrast of the border',
  ]);
  expect(checks.map(({ name }) => name)).toEqual(['features', 'stability']);
});
