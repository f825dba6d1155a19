import { controlChart } from '../../../server/review/figures/control-chart.ts';
import { kolmogorovSmirnov, scoreShares, stabilityIndex } from '../../../server/review/figures/drift.ts';
import { kappa } from '../../../server/review/figures/kappa.ts';
import { excludes, proportion } from '../../../server/review/figures/proportion.ts';
import oracle from '../../oracle/review-figures.json' with { type: 'json' };

type Values = Readonly<Record<string, number>>;

function expectClose(got: object | undefined, want: Values): void {
  for (const [name, value] of Object.entries(want))
    expect({ [name]: (got as Values | undefined)?.[name] }).toEqual({ [name]: expect.closeTo(value, 9) });
}

test.each([
  ['agreement', oracle.agreement],
  ...Object.entries(oracle.byScanner),
  ...Object.entries(oracle.truth),
  ...Object.entries(oracle.edges),
])('the interval of %s is that of statsmodels', (_, want) => {
  expectClose(proportion(want.k, want.n), want);
});

test('no cases have no share and no interval', () => {
  expect(proportion(0, 0)).toEqual({ k: 0, n: 0 });
  expect(excludes(proportion(0, 0), 0.5)).toBe(false);
});

test('κ and its interval are those of statsmodels', () => {
  const { table, ...want } = oracle.kappa;
  expectClose(kappa(table), want);
});

test.each([
  [
    'one pair',
    [
      [1, 0],
      [0, 0],
    ],
  ],
  [
    'both always say the same one thing',
    [
      [9, 0],
      [0, 0],
    ],
  ],
])('κ is absent: %s', (_, table) => {
  expect(kappa(table)).toBeUndefined();
});

test('perfect agreement is κ 1, and the opposite is −1', () => {
  expect(
    kappa([
      [5, 0],
      [0, 5],
    ])?.value,
  ).toBe(1);
  expect(
    kappa([
      [0, 5],
      [5, 0],
    ])?.value,
  ).toBe(-1);
});

test.each(['score', 'pixelSpacing'] as const)('PSI and KS of %s are those of NumPy and SciPy', (name) => {
  const values = oracle.cases.map((c) => c[name]);
  const [then, now] = [values.slice(0, 40), values.slice(40)];
  expect(stabilityIndex(then, now)).toBeCloseTo(oracle.drift[name].psi, 9);
  expect(kolmogorovSmirnov(then, now)).toBeCloseTo(oracle.drift[name].ks, 12);
});

test('what has not moved has an index of 0, and nothing compares with nothing', () => {
  const values = [1, 2, 2, 2, 3, 4, 5];
  expect(stabilityIndex(values, values)).toBe(0);
  expect(kolmogorovSmirnov(values, values)).toBe(0);
  expect(stabilityIndex([], values)).toBeUndefined();
  expect(kolmogorovSmirnov(values, [])).toBeUndefined();
});

test('a constant reference has two bins at most: what is above it stands out', () => {
  expect(stabilityIndex([1, 1, 1, 1], [2, 2])).toBeGreaterThan(9);
  expect(kolmogorovSmirnov([1, 1, 1, 1], [2, 2])).toBe(1);
});

test('scores fall into ten bins, 1 into the last', () => {
  expect(scoreShares([0, 0.05, 0.1, 1])).toEqual([0.5, 0.25, 0, 0, 0, 0, 0, 0, 0, 0.25]);
  expect(scoreShares([])).toEqual(new Array(10).fill(0));
});

describe('p chart', () => {
  const usual = Array.from({ length: 8 }, () => ({ k: 2, n: 20 }));

  test('limits are p ± 3 √(p (1 − p) / n), by hand: 0.1 ± 3 · 0.06708 is 0 to 0.30125 for twenty', () => {
    const { baseline, limits } = controlChart([...usual, { k: 7, n: 20 }, { k: 6, n: 20 }, { k: 0, n: 0 }]);
    expect(baseline).toEqual({ weeks: 8, mean: 0.1 });
    expect(limits[8]).toEqual({ lower: 0, upper: expect.closeTo(0.3012461, 6), outside: true });
    expect(limits[9]?.outside).toBe(false);
    expect(limits[10]).toEqual({ outside: false });
  });

  test.each([
    ['seven weeks', usual.slice(1)],
    ['eight weeks of six', usual.map(() => ({ k: 1, n: 6 }))],
  ])('%s say nothing of what is usual', (_, weeks) => {
    expect(controlChart(weeks)).toEqual({ limits: weeks.map(() => ({ outside: false })) });
  });
});
