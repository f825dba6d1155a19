import { createHash } from 'node:crypto';
import { CaseFilter, CaseQuery } from '../../server/review/contract/worklist.ts';
import { openPlans } from '../../server/review/plans.ts';
import { openViews } from '../../server/review/views.ts';
import { openWorklist, type Worklist } from '../../server/review/worklist.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';
import { makeCase, PNEUMONIA } from './made-cases.ts';

jest.setTimeout(120_000);

const ANN = 'ann';
const FLAG = { checkBeforeUse: ['The picture is unlike those it knows.'] };
const scored = (score: number, more: object = {}) => [
  { ...PNEUMONIA, score, positive: score >= 0.5, ...more },
];

let database: TestDatabase;
let list: Worklist;
/** By the name that the rows below use. */
const ids: Record<string, string> = {};
const nameOf = (analysis: string) => Object.keys(ids).find((name) => ids[name] === analysis) ?? '?';
const plans = () => openPlans(database.sql, async () => undefined);

beforeAll(async () => {
  database = await openTables();
  list = openWorklist(database.sql);
  const at = (day: number) => `2026-11-${day}T08:00:00.123456Z`;
  const { sql } = database;
  const north = { site: 'North', scanner: 'DR-A', ageYears: 61, sex: 'F', inputs: {} };
  ids.sure = await makeCase(sql, { findings: scored(0.95), at: at(20), context: north });
  ids.near = await makeCase(sql, {
    findings: scored(0.52),
    at: at(21),
    context: { site: 'South', inputs: {} },
  });
  ids.nearer = await makeCase(sql, { findings: scored(0.49), at: at(21) });
  ids.odd = await makeCase(sql, { findings: scored(0.9, FLAG), at: at(22), version: '1.1.0' });
  ids.head = await makeCase(sql, {
    model: 'head',
    findings: [{ label: 'Hippocampus', sentence: 'h', volumeMl: 2.6 }],
    at: at(23),
  });
  ids.two = await makeCase(sql, {
    study: '1.2.840.77',
    findings: [...scored(0.97), { ...PNEUMONIA, label: 'Nodule', score: 0.31, threshold: 0.3 }],
    at: at(24),
  });
  ids.gone = await makeCase(sql, { at: at(24) });
  await sql.query(`update pellucid.analysis set state = 'superseded' where id = $1`, [ids.gone]);
});
afterAll(() => database.close());

const page = (query: object, caller = ANN) => list.page(CaseQuery.parse(query), caller);
const names = async (filter: object, order = 'oldest') =>
  (await page({ filter, order })).cases.map(({ analysis }) => nameOf(analysis)).join(' ');

test.each([
  ['urgent', 'odd nearer near sure two head'],
  ['newest', 'two head odd sure'],
  ['oldest', 'sure odd head two'],
  ['near-threshold', 'nearer near odd sure two head'],
])('%s', async (order, wanted) => {
  const got = await names({}, order);
  // Two were made at the same microsecond: the id decides between them.
  expect(order.endsWith('est') ? got.replace(/near(er)? near(er)? /, '') : got).toBe(wanted);
});

test.each<[object, string]>([
  [{ model: ['head'] }, 'head'],
  [{ version: ['1.1.0'] }, 'odd'],
  [{ finding: ['Nodule'] }, 'two'],
  [{ positive: false }, 'nearer'],
  [{ scoreFrom: 0.95 }, 'sure two'],
  [{ finding: ['Nodule'], scoreFrom: 0.95 }, ''],
  [{ finding: ['Nodule'], nearThreshold: 0.02 }, 'two'],
  [{ scoreTo: 0.5 }, 'nearer'],
  [{ nearThreshold: 0.021, positive: true }, 'near'],
  [{ scanner: ['DR-A', 'DR-B'] }, 'sure'],
  [{ site: ['South'] }, 'near'],
  [{ ageFrom: 60, ageTo: 61 }, 'sure'],
  [{ sex: ['F'] }, 'sure'],
  [{ sex: ['unknown'], model: ['head'] }, 'head'],
  [{ from: '2026-11-23T00:00:00Z' }, 'head two'],
  [{ to: '2026-11-20T23:59:59Z' }, 'sure'],
  [{ flagged: true }, 'odd'],
  [{ state: ['judged'] }, ''],
  [{ search: '840.77' }, 'two'],
  [{ search: 'hippo' }, 'head'],
  [{ search: '%' }, ''],
  [{ search: `' or 1=1 --` }, ''],
])('of %j', async (filter, wanted) => {
  expect(await names(filter)).toBe(wanted);
  expect(await list.count(CaseFilter.parse(filter), ANN)).toBe(wanted === '' ? 0 : wanted.split(' ').length);
});

test.each(
  ['urgent', 'newest', 'oldest', 'near-threshold'].flatMap(
    (order) =>
      [
        [order, 10_000, 6],
        [order, 6, 6],
        [order, 5, 5],
      ] as const,
  ),
)(
  'pages of %s follow each other without a gap, also where no more than %i are counted',
  async (order, counted, told) => {
    const few = openWorklist(database.sql, counted);
    const whole = (await page({ order })).cases.map(({ analysis }) => analysis);
    const walked: string[] = [];
    for (let after: string | undefined; ; ) {
      const query = CaseQuery.parse({ order, limit: 1, ...(after ? { after } : {}) });
      const { cases, next, total } = await few.page(query, ANN);
      expect(total).toBe(told);
      walked.push(...cases.map(({ analysis }) => analysis));
      after = next;
      if (!after) break;
    }
    expect(walked).toEqual(whole);
  },
);

test.each([
  'x',
  Buffer.from('[1]').toString('base64url'),
  Buffer.from('["a",1,"2026","b"]').toString('base64url'),
  Buffer.from('{}').toString('base64url'),
])('the end of no page is refused: %s', async (after) => {
  await expect(page({ after })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('a line says all that the worklist shows', async () => {
  expect(await list.line(ids.odd as string, ANN)).toMatchObject({
    name: expect.stringMatching(/^S-\d{5}$/),
    state: 'unread',
    model: { id: 'chest', version: '1.1.0' },
    headline: {
      label: 'Pneumonia',
      sentence: 'Pneumonia is likely.',
      score: 0.9,
      threshold: 0.5,
      positive: true,
    },
    flags: FLAG.checkBeforeUse,
    readers: { wanted: 1, signed: 0, mine: false, assigned: [], blind: true },
    at: '2026-11-22T08:00:00.123Z',
  });
  await expect(list.line('f'.repeat(32), ANN)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('what the filters can be set to', async () => {
  expect(await list.values()).toEqual({
    models: [
      { id: 'chest', versions: ['1.0.0', '1.1.0'] },
      { id: 'head', versions: ['1.0.0'] },
    ],
    findings: ['Hippocampus', 'Nodule', 'Pneumonia'],
    scanners: ['DR-A'],
    sites: ['North', 'South'],
    readers: [],
  });
});

describe('sampling', () => {
  /** The first 32 bits of a digest that a script can make as well. */
  const numberOf = (analysis: string, plan: string) =>
    Number.parseInt(createHash('md5').update(`${analysis} ${plan}`).digest('hex').slice(0, 8), 16) / 2 ** 32;

  test('new results are asked about once; all flagged and all near the threshold are taken, and why is said', async () => {
    expect(await plans().sampleNew()).toHaveLength(7);
    expect(await plans().sampleNew()).toEqual([]);
    const { sampled } = await list.line(ids.odd as string, ANN);
    expect(sampled).toContainEqual({ plan: 'flagged', name: 'Check before use' });
    expect(await names({ plan: ['near-threshold'] })).toMatch(/^near(er)? near(er)?$/);
    expect(await names({ sampled: true })).toContain('odd');
    expect(await names({ sampled: false })).not.toContain('odd');
  });

  test('a share is taken by a number that anyone can make again, and the same whenever it is asked', async () => {
    const { id } = await plans().add({
      name: 'Half',
      filter: {},
      share: 0.5,
      readers: 2,
      blind: false,
      on: false,
    });
    const wanted = (await page({})).cases.map((c) => c.analysis).filter((a) => numberOf(a, id) < 0.5);
    expect(await plans().apply(id)).toBe(wanted.length);
    expect(await plans().apply(id)).toBe(0);
    const taken = (await page({ filter: { plan: [id] } })).cases;
    expect(taken.map((c) => c.analysis).sort()).toEqual(wanted.sort());
    for (const { readers } of taken) expect(readers.wanted).toBe(2);
    expect((await plans().list()).find((p) => p.id === id)).toMatchObject({
      sampled: wanted.length,
      judged: 0,
    });
    await plans().remove(id);
    for (const { readers } of (await page({})).cases) expect(readers.wanted).toBe(1);
    await expect(plans().remove(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a plan that asks who has read a result is refused', async () => {
    const plan = {
      name: 'Read',
      filter: { state: ['unread' as const] },
      share: 1,
      readers: 1,
      blind: true,
      on: true,
    };
    await expect(plans().add(plan)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});

test('views: the built-in ones have counts; one’s own are nobody else’s', async () => {
  const views = openViews(database.sql, list);
  const builtIn = await views.list(ANN);
  expect(builtIn.map(({ id, count }) => [id, count])).toContainEqual(['check-before-use', 1]);
  expect(builtIn.map(({ id, count }) => [id, count])).toContainEqual(['all-unverified', 6]);
  const mine = await views.add({ name: 'Heads', filter: { model: ['head'] }, order: 'newest' }, ANN);
  expect(mine).toMatchObject({ count: 1, builtIn: false });
  expect((await views.list('bob')).map(({ id }) => id)).not.toContain(mine.id);
  await expect(views.remove(mine.id, 'bob')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await views.change(mine.id, { ...mine, name: 'All heads' }, ANN)).toMatchObject({
    name: 'All heads',
  });
  await views.remove(mine.id, ANN);
  expect(await views.list(ANN)).toHaveLength(builtIn.length);
});
