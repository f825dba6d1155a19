import type { Figures, Proportion } from '../../server/review/contract/figures.ts';

/** Wilson's interval at 95 %, as the server tells it. */
function of(k: number, n: number): Proportion {
  if (n === 0) return { k, n };
  const [p, z2] = [k / n, 1.959964 ** 2];
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (1.959964 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return { k, n, share: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

const group = (name: string, k: number, n: number, differs = false) => ({
  name,
  agreement: of(k, n),
  differs,
});
const COUNTS = [4, 5, 3, 4, 4, 5, 4, 3, 4, 5, 4, 3, 4, 5, 4, 4, 3, 4, 5, 4, 4, 12, 11, 5, 4, 4];
const monday = (i: number): string =>
  new Date(Date.UTC(2026, 5, 1) + i * 604_800_000).toISOString().slice(0, 10);

/** Of half a year, with two weeks outside their limits. */
export const FIGURES: Figures = {
  model: 'chest-pneumonia',
  versions: ['1.1.0', '1.2.0'],
  finding: 'Pneumonia',
  from: '2026-05-26T00:00:00.000Z',
  to: '2026-11-24T00:00:00.000Z',
  reviewed: of(1284, 9610),
  agreement: of(1163, 1284),
  cannotTell: of(20, 1284),
  reasons: [
    { reason: 'falsePositive', share: of(68, 1284) },
    { reason: 'misleading', share: of(37, 1284) },
    { reason: 'falseNegative', share: of(19, 1284) },
    { reason: 'wrongSite', share: of(14, 1284) },
  ],
  truth: {
    n: 412,
    sensitivity: of(148, 157),
    specificity: of(234, 255),
    ppv: of(148, 169),
    npv: of(234, 243),
  },
  kappa: { value: 0.78, low: 0.71, high: 0.85, n: 310, agreed: 283 },
  flagged: of(375, 9610),
  override: of(101, 1284),
  turnaround: { n: 9610, medianS: 14, p95S: 31 },
  toVerdict: { n: 1284, medianS: 7200, p95S: 86_400 },
  explanation: { n: 1100, mean: 3.9 },
  groups: {
    scanner: [group('DR-A', 537, 578), group('DR-B', 327, 385, true), group('DR-C', 299, 321)],
    site: [group('North', 689, 771), group('South', 474, 513)],
    age: [group('0–9', 143, 167, true), group('10–19', 445, 488), group('20–29', 575, 629)],
    sex: [group('F', 557, 613), group('M', 606, 671)],
    version: [group('1.1.0', 550, 602), group('1.2.0', 613, 682)],
  },
  weeks: COUNTS.map((k, i) => ({
    week: monday(i),
    discordant: of(k, 49),
    upper: 0.2,
    lower: 0,
    outside: k > 10,
    explanation: { mean: 3.8 + 0.3 * Math.sin(i / 3), n: 42 },
    flagged: of(12 + (i % 5), 370),
  })),
  baseline: { weeks: 20, mean: 0.082 },
  drift: [
    ['pixelSpacing', 0.31, 'act'],
    ['exposureIndex', 0.18, 'watch'],
    ['contrast', 0.09, 'stable'],
    ['score', 0.07, 'stable'],
    ['brightness', 0.05, 'stable'],
  ].map(([name, psi, state]) => ({
    name: name as string,
    psi: psi as number,
    ks: 0.05,
    n: 2988,
    reference: { n: 624, from: 'acceptance' as const },
    state: state as 'act',
  })),
  scores: {
    n: 2988,
    shares: [0.28, 0.13, 0.08, 0.06, 0.06, 0.05, 0.06, 0.07, 0.09, 0.12],
    reference: [0.31, 0.14, 0.08, 0.06, 0.05, 0.04, 0.05, 0.06, 0.08, 0.13],
    threshold: 0.5,
  },
  titles: {
    agreement: 'Readers agree with 90.6 % of the results (1163 of 1284)',
    weeks: 'Discordance left its limits in 2 weeks: 2026-10-26 and 2026-11-02',
    groups: 'Agreement is lower for scanner DR-B and age 0–9',
    drift: 'Pixel spacing has drifted',
    scores: 'The scores have not moved',
  },
};
