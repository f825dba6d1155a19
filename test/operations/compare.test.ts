import { compareVersions } from '../../server/operations/compare.ts';

const made = (findings: readonly object[], ms?: number) => ({
  findings: findings.map((f) => ({ label: 'Nodule', sentence: '', ...f })),
  ...(ms === undefined ? {} : { ms }),
});
const pair = (n: number, a: object, b: object, ms: readonly [number, number] = [100, 200]) => ({
  StudyInstanceUID: `1.2.${n}`,
  SeriesInstanceUID: `1.2.${n}.1`,
  a: made([a], ms[0]),
  b: made([b], ms[1]),
});

test('decisions are counted in four fields; kappa is that of the textbook', () => {
  // Cohen's kappa of [[20, 5], [10, 15]] is 0.4 (po 0.7, pe 0.5).
  const table = [
    [20, true, true],
    [5, true, false],
    [10, false, true],
    [15, false, false],
  ] as const;
  const pairs = table.flatMap(([count, a, b]) =>
    Array.from({ length: count }, (_, i) => pair(i, { positive: a }, { positive: b })),
  );
  const { images, findings, differing } = compareVersions(pairs);
  expect(images).toBe(50);
  const [finding] = findings;
  expect(finding?.decisions).toEqual({ both: 20, onlyA: 5, onlyB: 10, neither: 15 });
  expect(finding?.agreement).toBeCloseTo(0.7);
  expect(finding?.kappa).toBeCloseTo(0.4);
  expect(differing).toHaveLength(15);
  expect(differing[0]).toEqual({ StudyInstanceUID: '1.2.0', label: 'Nodule', a: true, b: false });
});

test('kappa is undefined where both always say the same', () => {
  const [finding] = compareVersions([pair(1, { positive: false }, { positive: false })]).findings;
  expect(finding).toMatchObject({ agreement: 1, kappa: null });
});

test.each([
  [
    'score',
    [0.2, 0.4, 0.6],
    [0.3, 0.4, 0.4],
    -1 / 30,
    Math.sqrt(((0.1 + 1 / 30) ** 2 + (1 / 30) ** 2 + (-0.2 + 1 / 30) ** 2) / 2),
    -0.2,
  ],
  ['volumeMl', [1, 2], [2, 4], 1.5, Math.sqrt(0.5), 2],
  ['value', [10], [7], -3, null, -3],
] as const)('differences of %s: second less first', (of, first, second, mean, sd, largest) => {
  const pairs = first.map((x, i) => pair(i, { [of]: x }, { [of]: second[i] }));
  const difference = compareVersions(pairs).findings[0]?.difference;
  expect(difference?.of).toBe(of);
  expect(difference?.mean).toBeCloseTo(mean);
  if (sd === null) expect(difference?.sd).toBeNull();
  else expect(difference?.sd).toBeCloseTo(sd);
  expect(difference?.largest).toBeCloseTo(largest);
});

test('a finding that one version does not know is said to be on no image', () => {
  const both = { ...pair(1, {}, {}), b: made([{ label: 'Effusion', positive: true }]) };
  expect(compareVersions([both]).findings.map(({ label, images }) => [label, images])).toEqual([
    ['Nodule', 0],
    ['Effusion', 0],
  ]);
});

test('times are medians, and the marks of each are counted', () => {
  const { ms, findings } = compareVersions([
    pair(1, { checkBeforeUse: ['x'] }, {}, [100, 10]),
    pair(2, { checkBeforeUse: ['x'] }, { checkBeforeUse: ['y'] }, [300, 30]),
  ]);
  expect(ms).toEqual([200, 20]);
  expect(findings[0]?.checkBeforeUse).toEqual([2, 1]);
  expect(compareVersions([]).ms).toEqual([null, null]);
});
