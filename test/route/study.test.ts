import { parseRules, rule } from '../../server/route/rules.ts';
import { judgeStudy, mayBeSettled, StudyPolicy } from '../../server/route/study.ts';

const policy = (over: object = {}) => StudyPolicy.parse({ quiet: '10 s', deadline: '60 s', ...over });
const CT = { Modality: ['CT'], NumberOfSeriesRelatedInstances: ['100'], SliceThickness: ['2.5'] };
const THIN = { ...CT, NumberOfSeriesRelatedInstances: ['80'], SliceThickness: ['1.0'] };
const SCOUT = {
  Modality: ['CT'],
  NumberOfSeriesRelatedInstances: ['2'],
  ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
};

/** The study's first series came at 0 s; what `judgeStudy` says at a time, s. */
const at = (now: number, latest: number, of: StudyPolicy, all: readonly object[] = [CT]) =>
  judgeStudy(of, {
    matched: new Map([['1.1', CT]]),
    all: all as never,
    first: 0,
    latest: 1000 * latest,
    now: 1000 * now,
  });
const told = (verdict: ReturnType<typeof judgeStudy>) =>
  verdict.settled ? [...verdict.series.values()].map(({ run }) => (run ? 'run' : 'skip'))[0] : 'wait';

const EXPECTS_SCOUT = { expect: [{ ImageType: { equals: 'LOCALIZER' } }] };

/** Every combination: quiet or not, all expected there or not, before or after the deadline, what then. */
test.each<[string, number, number, object, readonly object[], string]>([
  ['not quiet, nothing expected', 9, 0, {}, [CT], 'wait'],
  ['quiet, nothing expected', 10, 0, {}, [CT], 'run'],
  ['something came again', 15, 8, {}, [CT], 'wait'],
  ['it never gets quiet, until the deadline', 60, 59, {}, [CT], 'run'],
  ['quiet, the expected is missing', 30, 0, EXPECTS_SCOUT, [CT], 'wait'],
  ['quiet, the expected is there', 30, 0, EXPECTS_SCOUT, [CT, SCOUT], 'run'],
  ['not quiet, the expected is there', 9, 0, EXPECTS_SCOUT, [CT, SCOUT], 'wait'],
  ['deadline, the expected is missing: run', 60, 0, EXPECTS_SCOUT, [CT], 'run'],
  ['deadline, the expected is missing: skip', 60, 0, { ...EXPECTS_SCOUT, atDeadline: 'skip' }, [CT], 'skip'],
  [
    'deadline, the expected is there: skip counts not',
    60,
    59,
    { ...EXPECTS_SCOUT, atDeadline: 'skip' },
    [CT, SCOUT],
    'run',
  ],
  ['just before the deadline', 59.9, 0, { ...EXPECTS_SCOUT, atDeadline: 'skip' }, [CT], 'wait'],
  [
    'two are expected, one is there',
    30,
    0,
    { expect: [...EXPECTS_SCOUT.expect, { Modality: { equals: 'MR' } }] },
    [CT, SCOUT],
    'wait',
  ],
])('%s', (_, now, latest, over, all, expected) => {
  expect(told(at(now, latest, policy(over), all))).toBe(expected);
});

/** The same as one table without a gap: quiet × deadline × what is expected × what then, in that order. */
test.each([
  // [quiet, over, expected, run at the deadline, skip at the deadline]
  [false, false, 'nothing', 'wait', 'wait'],
  [false, false, 'missing', 'wait', 'wait'],
  [false, false, 'there', 'wait', 'wait'],
  [true, false, 'nothing', 'run', 'run'],
  [true, false, 'missing', 'wait', 'wait'],
  [true, false, 'there', 'run', 'run'],
  [false, true, 'nothing', 'run', 'run'],
  [false, true, 'missing', 'run', 'skip'],
  [false, true, 'there', 'run', 'run'],
  [true, true, 'nothing', 'run', 'run'],
  [true, true, 'missing', 'run', 'skip'],
  [true, true, 'there', 'run', 'run'],
] as const)(
  'quiet %s, deadline over %s, expected %s: %s, or with skip %s',
  (isQuiet, isOver, expected, run, skip) => {
    const now = isOver ? 60 : 40;
    const latest = isQuiet ? now - 10 : now - 9;
    const all = expected === 'there' ? [CT, SCOUT] : [CT];
    for (const [atDeadline, outcome] of [
      ['run', run],
      ['skip', skip],
    ] as const)
      expect(
        told(at(now, latest, policy({ ...(expected === 'nothing' ? {} : EXPECTS_SCOUT), atDeadline }), all)),
      ).toBe(outcome);
  },
);

describe('a rule that waits at the deadline', () => {
  const wait = (...wishes: readonly object[]) =>
    policy({ expect: [...EXPECTS_SCOUT.expect, ...wishes], atDeadline: 'wait' });
  test.each<[string, number, number, readonly object[], string]>([
    ['goes on while the expected is missing', 3600, 0, [CT], 'wait'],
    ['runs when it has come', 3600, 0, [CT, SCOUT], 'run'],
    ['is not kept by what still comes then', 3600, 3599, [CT, SCOUT], 'run'],
    ['but before it is', 50, 49, [CT, SCOUT], 'wait'],
  ])('%s', (_, now, latest, all, expected) => expect(told(at(now, latest, wait(), all))).toBe(expected));

  test('says what is missing', () => {
    expect(
      at(3600, 0, wait({ any: [{ Modality: { equals: 'MR' } }, { none: [{ KVP: { exists: true } }] }] })),
    ).toEqual({ settled: false, missing: ['ImageType LOCALIZER'] });
    expect(
      at(3600, 0, wait({ any: [{ Modality: { in: ['MR', 'PT'] } }, { KVP: { range: { max: 80 } } }] })),
    ).toEqual({
      settled: false,
      missing: ['ImageType LOCALIZER', '(Modality MR or PT or KVP at most 80)'],
    });
  });
});

test.each([
  ['best without a preference', { series: 'best' }, 'it says which series is best'],
  ['a preference for another choice', { series: 'newest', prefer: [{ KVP: { equals: 1 } }] }, 'alone'],
  ['to wait for nothing', { atDeadline: 'wait' }, 'there is nothing to wait for'],
])('%s is refused', (_, over, says) => {
  expect(() => policy(over)).toThrow(says);
});

describe('the best of several series', () => {
  const soft = { ConvolutionKernel: { matches: 'B3*' } };
  const thin = { SliceThickness: { range: { max: 1.5 } } };
  const of = (kernel: string, mm: string, count = '10') => ({
    ConvolutionKernel: [kernel],
    SliceThickness: [mm],
    NumberOfSeriesRelatedInstances: [count],
  });
  test.each<[string, readonly object[], Readonly<Record<string, object>>, string]>([
    ['the first preference counts most', [soft, thin], { a: of('B70f', '1'), b: of('B31f', '5') }, 'b'],
    ['then the second', [soft, thin], { a: of('B31f', '5'), b: of('B30f', '1') }, 'b'],
    ['in their order', [thin, soft], { a: of('B70f', '1'), b: of('B31f', '5') }, 'a'],
    ['else the most images', [soft, thin], { a: of('B31f', '1', '10'), b: of('B31f', '1', '20') }, 'b'],
    ['also where none meets any', [soft], { a: of('B70f', '1', '20'), b: of('B70f', '1', '10') }, 'a'],
  ])('%s', (_, prefer, all, expected) => {
    const verdict = judgeStudy(policy({ series: 'best', prefer }), {
      matched: new Map(Object.entries(all)) as never,
      all: [],
      first: 0,
      latest: 0,
      now: 10_000,
    });
    expect(verdict.settled && [...verdict.series].filter(([, { run }]) => run)).toEqual([
      [expected, { run: true, why: 'the study is complete; the best of 2 series' }],
    ]);
  });
});

test('what is missing is said', () => {
  const verdict = at(60, 0, policy({ ...EXPECTS_SCOUT, atDeadline: 'skip' }));
  expect(verdict.settled && verdict.series.get('1.1')?.why).toBe(
    'at the deadline 1 of 1 expected series had not come: a series with ImageType LOCALIZER',
  );
});

const A = { ...CT, SeriesDate: ['20260101'], SeriesTime: ['101500.5'] };
const B = { ...THIN, SeriesDate: ['20260101'], SeriesTime: ['0930'] };
const C = { NumberOfSeriesRelatedInstances: ['100'], SeriesDate: ['20260102'] };
test.each([
  ['all', ['1', '2', '3']],
  ['largest', ['1']],
  ['thinnest', ['2']],
  ['newest', ['3']],
])('of several series: %s', (series, expected) => {
  const verdict = judgeStudy(policy({ series }), {
    matched: new Map<string, never>([
      ['3', C as never],
      ['2', B as never],
      ['1', A as never],
    ]),
    all: [],
    first: 0,
    latest: 0,
    now: 10_000,
  });
  if (!verdict.settled) throw new Error('it is quiet');
  expect(
    [...verdict.series]
      .filter(([, { run }]) => run)
      .map(([uid]) => uid)
      .sort(),
  ).toEqual(expected);
  const others = [...verdict.series.values()].filter(({ run }) => !run).map(({ why }) => why);
  expect(new Set(others).size).toBeLessThanOrEqual(1);
  if (others[0])
    expect(others[0]).toBe(`of 3 series of the study the rule takes the ${series}, ${expected[0]}`);
});

describe('a series that comes after the rule took one', () => {
  const earlier = { ...CT, SeriesDate: ['20260101'], SeriesTime: ['110000'] };
  const late = (SeriesTime: string, { series = 'newest', taken = ['1.1'], uid = '1.2' } = {}) => {
    const verdict = judgeStudy(policy({ series }), {
      matched: new Map([[uid, { ...earlier, SeriesTime: [SeriesTime] }]]),
      taken: new Map(taken.map((each) => [each, earlier])),
      all: [],
      first: 0,
      latest: 0,
      now: 10_000,
    });
    if (!verdict.settled) throw new Error('it is quiet');
    return Object.fromEntries(verdict.series);
  };

  test.each<[string, ReturnType<typeof late>, object]>([
    [
      'does not run when that one still goes before it',
      late('080000'),
      {
        '1.2': {
          run: false,
          why: 'before it came the rule took 1.1, which is still the newest: a reader can have this one run on demand',
        },
      },
    ],
    [
      'runs when it goes before that one, and says so',
      late('120000'),
      {
        '1.2': {
          run: true,
          why: 'the study is complete; the newest of 2 series; before it came the rule took 1.1',
        },
      },
    ],
    [
      'runs as ever for a rule that takes all',
      late('080000', { series: 'all' }),
      { '1.2': { run: true, why: 'the study is complete' } },
    ],
    [
      'and is that one, for it grew, runs and counts once',
      late('110000', { uid: '1.1' }),
      { '1.1': { run: true, why: 'the study is complete' } },
    ],
  ])('%s', (_, told, expected) => expect(told).toEqual(expected));
});

test.each([
  [9, 0, false],
  [10, 0, true],
  [60, 59, true],
])('at %d s, the latest at %d s, a study is looked at: %s', (now, latest, expected) => {
  expect(mayBeSettled(policy(), { first: 0, latest: 1000 * latest, now: 1000 * now })).toBe(expected);
});

test.each([
  ['30 s', 30_000],
  ['10min', 600_000],
  ['2 h', 7_200_000],
])('%s', (quiet, ms) => {
  expect(policy({ quiet }).quiet).toBe(ms);
});
test.each(['30', '1 day', '-1 s', '1.5 min', ''])('%j is no time', (quiet) => {
  expect(StudyPolicy.safeParse({ quiet, deadline: '1 h' }).success).toBe(false);
});

test('of two rules for a model the one that waits for no study counts, and the more urgent priority', () => {
  const rules = parseRules(`
schema: 1
rules:
  - { name: waits, when: { Modality: { equals: CT } }, run: [m, n], priority: urgent, study: { quiet: 10 s, deadline: 1 h } }
  - { name: at-once, when: { Modality: { equals: CT } }, run: [m] }
`);
  expect(
    rule(rules, CT).chosen.map(({ modelId, rule: by, priority, study }) => [
      modelId,
      by,
      priority,
      study?.quiet,
    ]),
  ).toEqual([
    ['m', 'at-once', 'urgent', undefined],
    ['n', 'waits', 'urgent', 10_000],
  ]);
});
