import { Figures } from '../../../server/review/contract/figures.ts';
import { figures } from '../../../server/review/figures/figures.ts';
import { openTables, type TestDatabase } from '../../helpers/database.ts';
import { insertCases } from '../../helpers/review-cases.ts';
import oracle from '../../oracle/review-figures.json' with { type: 'json' };

jest.setTimeout(120_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await openTables();
});
afterAll(() => database.close());

const NOW = new Date('2026-11-25T12:00:00.000Z');
const ask = (model: string, more: object = {}) => figures(database.sql, { model, ...more }, NOW);
/** To 1e-9 wherever there is a number. */
const close = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, expect.closeTo(value, 9)]));

describe('sixty readings', () => {
  let made: Figures;
  beforeAll(async () => {
    await insertCases(
      database.sql,
      oracle.cases.map(({ first, second, pixelSpacing, ...c }) => ({
        ...c,
        model: 'sixty',
        inputs: { pixelSpacing },
        verdict: first,
        readings: [{ verdict: first }, { verdict: second }],
      })),
    );
    made = await ask('sixty');
  });

  test('agreement, its parts and what the truth says have the intervals of statsmodels', () => {
    expect(made.agreement).toEqual(close(oracle.agreement));
    expect(Object.fromEntries(made.groups.scanner.map(({ name, agreement }) => [name, agreement]))).toEqual(
      Object.fromEntries(Object.entries(oracle.byScanner).map(([name, want]) => [name, close(want)])),
    );
    expect(made.truth).toEqual({
      n: oracle.cases.filter(({ truth }) => truth !== null).length,
      ...Object.fromEntries(Object.entries(oracle.truth).map(([name, want]) => [name, close(want)])),
    });
  });

  test('κ is that of statsmodels and scikit-learn', () => {
    const { table, ...want } = oracle.kappa;
    expect(made.kappa).toEqual({ ...close(want), n: 60, agreed: 54 });
  });

  test('they fit the contract', () => {
    expect(Figures.parse(made)).toEqual(made);
  });

  test('sixty are too few to say whether anything moved', () => {
    expect(made.drift).toEqual([]);
    expect(made.titles).toEqual({
      agreement: 'Readers agree with 61.9 % of the results (26 of 42)',
      weeks: 'Too few weeks to say what is usual',
      groups: 'No group differs from the mean by more than chance',
      drift: 'No inputs to compare yet',
      scores: 'No scores to compare yet',
    });
  });
});

test('a model without a result, or without that finding, is not found', async () => {
  await expect(ask('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(ask('sixty', { finding: 'Fracture' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    detail: 'sixty has no result with the finding "Fracture"',
  });
});

test('reasons, overrides, ratings, turnaround and verdict times by hand', async () => {
  const base = { model: 'hand', score: 0.9, positive: true };
  await insertCases(
    database.sql,
    [
      { ...base, verdict: 'agree', explanation: 5, visibleMs: 10_000, judgedAt: '2026-11-02T10:00:10.000Z' },
      {
        ...base,
        verdict: 'disagree',
        reasons: ['falsePositive', 'misleading'],
        explanation: 2,
        visibleMs: 20_000,
      },
      { ...base, verdict: 'disagree', reasons: ['misleading'], visibleMs: 30_000 },
      { ...base, verdict: 'cannot-tell', visibleMs: 40_000, flagged: true },
      { ...base, visibleMs: 50_000, ageYears: 1, sex: 'F' },
      // Not current: left out without a verdict, counted with one.
      { ...base, current: false },
      { ...base, current: false, verdict: 'agree', visibleMs: 60_000 },
    ],
    1_000,
  );
  const made = await ask('hand');
  expect(made).toMatchObject({
    reviewed: { k: 5, n: 6 },
    agreement: { k: 2, n: 4 },
    cannotTell: { k: 1, n: 5 },
    override: { k: 1, n: 5 },
    flagged: { k: 1, n: 6 },
    explanation: { n: 2, mean: 3.5 },
    turnaround: { n: 6, medianS: 35, p95S: 57.5 },
    toVerdict: { n: 5, medianS: 0, p95S: expect.closeTo(8, 9) },
    truth: { n: 0, sensitivity: { k: 0, n: 0 } },
  });
  expect(made.reasons).toMatchObject([
    { reason: 'misleading', share: { k: 2, n: 5 } },
    { reason: 'falsePositive', share: { k: 1, n: 5 } },
  ]);
  expect(made.groups.age.map(({ name, agreement }) => [name, agreement.n])).toEqual([['not said', 4]]);
  expect(made.kappa).toBeUndefined();
});

test.each([
  [{ version: '2.0.0' }, 1],
  [{ site: 'North' }, 2],
  [{ from: '2026-11-10T00:00:00.000Z' }, 1],
  [{ to: '2026-11-10T00:00:00.000Z' }, 2],
  [{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' }, 0],
])('%j selects', async (more, n) => {
  const model = `selected-${JSON.stringify(more)}`;
  const base = { model, score: 0.2, positive: false };
  await insertCases(
    database.sql,
    [
      { ...base, site: 'North', version: '2.0.0' },
      { ...base, site: 'North' },
      { ...base, site: 'South', madeAt: '2026-11-20T00:00:00.000Z' },
    ],
    2_000 + 10 * Object.keys(more).length + JSON.stringify(more).length * 100,
  );
  expect((await ask(model, more)).reviewed.n).toBe(n);
});

describe('many weeks', () => {
  /** Eight quiet weeks of forty, then one where a scanner's readers disagree and its pixels are coarser. */
  const week = (i: number, bad: boolean) =>
    Array.from({ length: 40 }, (_, k) => ({
      model: 'weeks',
      madeAt: new Date(Date.UTC(2026, 8, 14 + 7 * i, 8, k)).toISOString(),
      score: (k + 0.5) / 40,
      positive: k >= 20,
      scanner: bad || k % 2 ? 'DR-A' : 'DR-B',
      inputs: { pixelSpacing: bad ? 0.3 : 0.1 + k / 1_000 },
      verdict: bad ? (k < 20 ? 'disagree' : 'agree') : k === 1 ? 'disagree' : 'agree',
      reasons: ['other'],
    }));
  let made: Figures;
  beforeAll(async () => {
    await insertCases(
      database.sql,
      Array.from({ length: 8 }, (_, i) => week(i, false))
        .flat()
        .concat(week(9, true)),
      20_000,
    );
    made = await ask('weeks');
  });

  test('the week that left its limits is named: 0.025 ± 3 √(0.025 · 0.975 / 40) ends at 0.0991', () => {
    expect(made.baseline).toEqual({ weeks: 8, mean: 0.025 });
    expect(made.weeks.map(({ outside }) => outside)).toEqual([...new Array(8).fill(false), true]);
    expect(made.weeks[8]).toMatchObject({ week: '2026-11-16', upper: expect.closeTo(0.0990566, 6) });
    expect(made.titles.weeks).toBe('Discordance left its limits in 1 week: 2026-11-16');
  });

  test('a group whose interval leaves the mean out is named', () => {
    expect(made.groups.scanner.map(({ name, differs }) => [name, differs])).toEqual([
      ['DR-A', true],
      ['DR-B', true],
    ]);
    expect(made.titles.groups).toBe('Agreement is lower for scanner DR-A; higher for scanner DR-B');
  });
});

describe('drift', () => {
  const cases = (n: number, spacing: number, madeAt: string, k0 = 0) =>
    Array.from({ length: n }, (_, k) => ({
      model: 'drift',
      madeAt,
      score: (k + k0) / (n + 1),
      positive: false,
      inputs: { pixelSpacing: spacing + (k % 10) / 1_000 },
    }));

  test('the first thousand are the reference, whatever the period; the last weeks are held against it', async () => {
    await insertCases(database.sql, cases(1_000, 0.1, '2026-03-02T00:00:00.000Z'), 40_000);
    await insertCases(database.sql, cases(250, 0.2, '2026-11-16T00:00:00.000Z', 0.4), 50_000);
    const made = await ask('drift');
    expect(made.drift).toMatchObject([
      { name: 'score', n: 250, reference: { n: 1_000, from: 'first weeks' }, state: 'stable' },
      { name: 'pixelSpacing', ks: 1, state: 'act' },
    ]);
    expect(made.titles).toMatchObject({
      drift: 'Pixel spacing has drifted',
      scores: 'The scores have not moved',
    });
    expect(made.scores).toMatchObject({ n: 250, threshold: 0.5 });
  });

  test('what was said in shadow is the acceptance', async () => {
    await database.sql.query(
      `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, mode, state, created_at, context)
        select 'shadow-' || i, '1.2', '1.3', 'f' || i, 1, '', 'drift', '1.0.0', 'shadow', 'done', '2026-02-01', '{"inputs": {"pixelSpacing": 0.2}}'
        from generate_series(1, 200) i`,
    );
    await database.sql.query(
      `insert into pellucid.review_finding (analysis, n, label, sentence, score, flagged)
        select 'shadow-' || i, 0, 'Nodule', '', i / 201.0, false from generate_series(1, 200) i`,
    );
    const made = await ask('drift');
    expect(made.drift).toMatchObject([
      { name: 'score', reference: { n: 200, from: 'acceptance' }, state: 'stable' },
      { name: 'pixelSpacing', state: 'act' },
    ]);
  });
});
