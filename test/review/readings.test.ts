import { randomUUID } from 'node:crypto';
import type { DicomObject } from '../../server/contracts.ts';
import { type Adopting, openAdopting } from '../../server/review/adopting.ts';
import { assign } from '../../server/review/assignments.ts';
import { openAttendant } from '../../server/review/attendant.ts';
import type { FindingVerdict } from '../../server/review/contract/reading.ts';
import { type InstanceUids, type Outbox, openOutbox } from '../../server/review/outbox.ts';
import { openPlans, type Plans } from '../../server/review/plans.ts';
import { openReadings, type Readings } from '../../server/review/readings.ts';
import { type ReportContent, settle } from '../../server/review/settle.ts';
import { openWorklist } from '../../server/review/worklist.ts';
import { Fault } from '../../server/shared/fault.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';
import { makeCase, PNEUMONIA } from './made-cases.ts';

jest.setTimeout(120_000);

const ANN = { subject: 'ann', name: 'Ann' };
const BOB = { subject: 'bob', name: 'Bob' };
const CAT = { subject: 'cat', name: 'Cat' };

/** An archive that can be away, that refuses, and whose answer can be lost. */
const archive = {
  state: 'there' as 'there' | 'away' | 'refuses' | 'answers late',
  held: new Map<string, { predecessor: string | undefined; content: ReportContent }>(),
  writes: 0,
};

let database: TestDatabase;
let readings: Readings;
let adopting: Adopting;
let outbox: Outbox;
let plans: Plans;
const told: string[] = [];

beforeAll(async () => {
  database = await openTables();
  const { sql } = database;
  readings = openReadings(sql);
  adopting = openAdopting(sql);
  plans = openPlans(sql, settle);
  const made = new Map<string, { predecessor: string | undefined; content: ReportContent }>();
  outbox = openOutbox({
    sql,
    fetch: async ({ SOPInstanceUID: uid }: InstanceUids) => {
      if (archive.state === 'away') throw new Fault('ARCHIVE_UNREACHABLE', 'ECONNREFUSED');
      if (uid.startsWith('1.9.')) return Buffer.from(uid);
      if (!archive.held.has(uid)) throw new Fault('NOT_FOUND', `the archive does not hold ${uid}`);
      return Buffer.from(uid);
    },
    write: (report, content, predecessor) => {
      const uid = `2.${Buffer.from(report)}.${content.persons.map((p) => p.at.replace(/\D/g, '')).join('.')}`;
      made.set(uid, { content, predecessor: predecessor?.SOPInstanceUID });
      return { SOPInstanceUID: uid, SeriesInstanceUID: `${uid}.1` } as DicomObject;
    },
    store: async ({ SOPInstanceUID: uid }) => {
      if (archive.state === 'away') throw new Fault('ARCHIVE_UNREACHABLE', 'ECONNREFUSED');
      if (archive.state === 'refuses') throw new Fault('ARCHIVE_REFUSED', 'STOW-RS answered 400');
      archive.writes++;
      archive.held.set(uid, made.get(uid) as never);
      if (archive.state === 'answers late') throw new Fault('ARCHIVE_UNREACHABLE', 'ECONNRESET');
    },
    onStored: ({ report }) => told.push(report),
  });
});
beforeEach(async () => {
  archive.state = 'there';
  // What a test before left.
  await now();
  await outbox.work();
  archive.held.clear();
  archive.writes = 0;
  told.length = 0;
});
afterAll(() => database.close());

const verdict = (v: FindingVerdict['verdict'], more: Partial<FindingVerdict> = {}): FindingVerdict => ({
  finding: 0,
  verdict: v,
  reasons: v === 'disagree' ? ['falsePositive'] : [],
  ...more,
});
const sign = (analysis: string, who: typeof ANN, finding: FindingVerdict, more: object = {}) =>
  readings.sign(analysis, { key: randomUUID(), reading: { findings: [finding] }, ...more }, who);
const wanting = async (n: number, blind = true) => {
  const analysis = await makeCase(database.sql);
  await database.sql.query('update pellucid.review_case set wanted = $2, blind = $3 where analysis = $1', [
    analysis,
    n,
    blind,
  ]);
  return analysis;
};
const stateOf = async (analysis: string) => (await readings.stateOf(analysis)).state;
const verdicts = (analysis: string) =>
  database.sql.query(
    'select n, verdict, reasons, explanation, truth_present, subject, role from pellucid.review_verdict where analysis = $1',
    [analysis],
  );
/** As if the pause after a fault were over. */
const now = () => database.sql.query(`update pellucid.review_report set due = now() - interval '1 second'`);
const written = () => [...archive.held.values()];

test('one reader: the verdict counts, and its report is in the archive with the AI report as predecessor', async () => {
  const analysis = await wanting(1);
  const kept = await sign(
    analysis,
    ANN,
    verdict('agree', { explanation: 4, truth: { present: true, source: 'pathology' } }),
  );
  expect(kept.state).toBe('waiting-for-archive');
  await outbox.work();
  expect(await readings.stateOf(analysis)).toEqual({ state: 'judged', report: told[0] });
  expect(await verdicts(analysis)).toEqual([
    {
      n: 0,
      verdict: 'agree',
      reasons: [],
      explanation: 4,
      truth_present: true,
      subject: 'ann',
      role: 'reader',
    },
  ]);
  expect(written()).toEqual([
    {
      predecessor: undefined,
      content: expect.objectContaining({ persons: [expect.objectContaining({ name: 'Ann' })] }),
    },
  ]);
});

describe('two readers', () => {
  test('blind to each other until both have signed, whoever asks', async () => {
    const analysis = await wanting(2);
    const mine = await sign(analysis, ANN, verdict('disagree'));
    expect(mine.state).toBe('reading');
    expect(await readings.seenBy(analysis, 'bob')).toMatchObject({
      readings: [],
      hidden: 1,
      may: { may: true, as: 'reader' },
    });
    expect(JSON.stringify(await readings.seenBy(analysis, 'an admin'))).not.toContain('disagree');
    expect((await readings.seenBy(analysis, 'ann')).readings).toHaveLength(1);
    expect(await verdicts(analysis)).toEqual([]);
    await sign(analysis, BOB, verdict('disagree', { reasons: ['artefact'], explanation: 2 }));
    expect(await readings.seenBy(analysis, 'bob')).toMatchObject({ readings: { length: 2 }, hidden: 0 });
  });

  test('who agree both verify the report; reasons and ratings come together', async () => {
    const analysis = await wanting(2);
    await sign(analysis, ANN, verdict('disagree', { explanation: 1 }));
    await sign(analysis, BOB, verdict('disagree', { reasons: ['artefact'], explanation: 2 }));
    await outbox.work();
    expect(await verdicts(analysis)).toEqual([
      expect.objectContaining({
        verdict: 'disagree',
        reasons: ['falsePositive', 'artefact'],
        explanation: 1.5,
        role: 'both',
      }),
    ]);
    expect(written().map(({ content }) => content.persons.map(({ name }) => name))).toEqual([['Ann', 'Bob']]);
    expect(await stateOf(analysis)).toBe('judged');
  });

  test('who differ are arbitrated by a third, who is neither; until then nothing is verified', async () => {
    const analysis = await wanting(2);
    await sign(analysis, ANN, verdict('agree'));
    await sign(analysis, BOB, verdict('disagree'));
    await outbox.work();
    expect([await stateOf(analysis), archive.writes, await verdicts(analysis)]).toEqual(['differ', 0, []]);
    for (const reader of [ANN, BOB])
      await expect(sign(analysis, reader, verdict('agree'))).rejects.toMatchObject({
        code: 'READING_REFUSED',
      });
    expect(await readings.seenBy(analysis, 'cat')).toMatchObject({
      readings: { length: 2 },
      may: { may: true, as: 'arbiter' },
    });
    await sign(analysis, CAT, verdict('disagree'));
    await outbox.work();
    expect(written().map(({ content }) => content.persons.map(({ name }) => name))).toEqual([['Cat']]);
    expect(await verdicts(analysis)).toEqual([expect.objectContaining({ subject: 'cat', role: 'arbiter' })]);
    await expect(sign(analysis, { subject: 'dan', name: 'Dan' }, verdict('agree'))).rejects.toMatchObject({
      code: 'READING_REFUSED',
    });
  });

  test.each([
    ['one cannot tell', verdict('cannot-tell'), 'differ'],
    ['they know another truth', verdict('agree', { truth: { present: false, source: 'report' } }), 'differ'],
    ['one knows the truth', verdict('agree'), 'waiting-for-archive'],
  ])('%s: %#', async (_, second, state) => {
    const analysis = await wanting(2);
    await sign(analysis, ANN, verdict('agree', { truth: { present: true, source: 'pathology' } }));
    expect((await sign(analysis, BOB, second)).state).toBe(state);
  });

  test('two who sign the same case of one reader at once: neither is lost', async () => {
    const analysis = await wanting(1);
    await Promise.all([sign(analysis, ANN, verdict('agree')), sign(analysis, BOB, verdict('disagree'))]);
    expect((await readings.seenBy(analysis, 'cat')).readings).toHaveLength(2);
    expect(await stateOf(analysis)).toBe('differ');
  });
});

test('what nobody can tell is recorded, and nothing is verified', async () => {
  const analysis = await wanting(1);
  await sign(analysis, ANN, verdict('cannot-tell'));
  await outbox.work();
  expect([await stateOf(analysis), archive.writes]).toEqual(['judged', 0]);
  expect(await verdicts(analysis)).toEqual([expect.objectContaining({ verdict: 'cannot-tell' })]);
});

describe('an amendment', () => {
  test('takes the place of one’s own reading, and its report follows the one before', async () => {
    const analysis = await wanting(1);
    const first = await sign(analysis, ANN, verdict('agree'));
    await outbox.work();
    const second = await sign(analysis, ANN, verdict('disagree'), { amends: first.id });
    await outbox.work();
    const [before] = [...archive.held.keys()];
    expect(written().map(({ predecessor }) => predecessor)).toEqual([undefined, before]);
    expect(await verdicts(analysis)).toEqual([expect.objectContaining({ verdict: 'disagree' })]);
    const seen = await readings.seenBy(analysis, 'ann');
    expect(seen.readings.map(({ id, amendedBy }) => [id, amendedBy])).toEqual([
      [first.id, second.id],
      [second.id, undefined],
    ]);
    await expect(sign(analysis, ANN, verdict('agree'), { amends: first.id })).rejects.toMatchObject({
      code: 'READING_REFUSED',
    });
    await expect(sign(analysis, BOB, verdict('agree'), { amends: second.id })).rejects.toMatchObject({
      code: 'READING_REFUSED',
    });
  });

  test('before the archive took the first: only what counts is written', async () => {
    const analysis = await wanting(1);
    const first = await sign(analysis, ANN, verdict('agree'));
    await sign(analysis, ANN, verdict('disagree'), { amends: first.id });
    await outbox.work();
    expect(written().map(({ content }) => content.verdicts[0]?.verdict)).toEqual(['disagree']);
  });
});

describe('network and archive', () => {
  test('the same key again answers the same and writes nothing twice; for another it is refused', async () => {
    const analysis = await wanting(1);
    const signature = { key: randomUUID(), reading: { findings: [verdict('agree')] } };
    const first = await readings.sign(analysis, signature, ANN);
    await outbox.work();
    const again = await readings.sign(analysis, signature, ANN);
    await outbox.work();
    expect(again).toMatchObject({ id: first.id, isNew: false, state: 'judged', report: told[0] });
    expect(archive.writes).toBe(1);
    await expect(readings.sign(analysis, signature, BOB)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  test.each(['away', 'refuses'] as const)(
    'an archive that %s: kept and told, and written when it takes it',
    async (state) => {
      const analysis = await wanting(1);
      archive.state = state;
      await sign(analysis, ANN, verdict('agree'));
      await outbox.work();
      expect(await stateOf(analysis)).toBe('waiting-for-archive');
      expect(await outbox.waitsFor(analysis)).toContain('archive');
      await outbox.work();
      archive.state = 'there';
      await now();
      await outbox.work();
      expect([await stateOf(analysis), archive.writes]).toEqual(['judged', 1]);
    },
  );

  test('an answer that was lost: the archive is asked, and nothing is written twice', async () => {
    const analysis = await wanting(1);
    archive.state = 'answers late';
    await sign(analysis, ANN, verdict('agree'));
    await outbox.work();
    archive.state = 'there';
    await now();
    await outbox.work();
    expect([await stateOf(analysis), archive.writes, told.length]).toEqual(['judged', 1, 1]);
  });

  test('amended while the answer was lost: the first is known to be there, and the second follows it', async () => {
    const analysis = await wanting(1);
    archive.state = 'answers late';
    const first = await sign(analysis, ANN, verdict('agree'));
    await outbox.work();
    await sign(analysis, ANN, verdict('disagree'), { amends: first.id });
    archive.state = 'there';
    await now();
    await outbox.work();
    const [before] = [...archive.held.keys()];
    expect(written().map(({ predecessor }) => predecessor)).toEqual([undefined, before]);
    expect([await stateOf(analysis), archive.writes]).toEqual(['judged', 2]);
  });

  test('two servers work at once: each report is written by one', async () => {
    const cases = await Promise.all([wanting(1), wanting(1), wanting(1)]);
    for (const analysis of cases) await sign(analysis, ANN, verdict('agree'));
    await Promise.all([outbox.work(), outbox.work(), outbox.work()]);
    expect(archive.writes).toBe(3);
  });
});

test.each<[string, readonly FindingVerdict[]]>([
  ['a finding without a verdict', [verdict('agree')]],
  ['two verdicts of one', [verdict('agree'), verdict('agree')]],
  ['a finding that is not there', [verdict('agree'), verdict('agree', { finding: 2 })]],
])('%s is refused', async (_, findings) => {
  const analysis = await makeCase(database.sql, { findings: [PNEUMONIA, { ...PNEUMONIA, label: 'Nodule' }] });
  await expect(
    readings.sign(analysis, { key: randomUUID(), reading: { findings: [...findings] } }, ANN),
  ).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

describe('what is assessed and verified in the panel', () => {
  const reportOf = async (analysis: string): Promise<string> => {
    const [row] = await database.sql.query('select report from pellucid.review_case where analysis = $1', [
      analysis,
    ]);
    return (row as { report: string }).report;
  };
  const announced = async (analysis: string, who: typeof ANN, finding: FindingVerdict, uid: string) => {
    const before = await adopting.before(await reportOf(analysis), who.subject);
    const written = { SOPInstanceUID: uid, SeriesInstanceUID: `${uid}.1` };
    const id = await adopting.announce(analysis, { ...who, reading: { findings: [finding] }, written });
    return { id, before: before?.predecessor?.SOPInstanceUID };
  };
  const assessed = async (...it: Parameters<typeof announced>) => {
    const { id, before } = await announced(...it);
    await adopting.confirm(id);
    return before;
  };

  test('is a reading: its report is owed no more, and the next follows it', async () => {
    const analysis = await wanting(1);
    expect(await assessed(analysis, ANN, verdict('agree'), '3.1')).toBeUndefined();
    await outbox.work();
    expect([await readings.stateOf(analysis), archive.writes]).toEqual([
      { state: 'judged', report: '3.1' },
      0,
    ]);
    expect(await assessed(analysis, ANN, verdict('disagree'), '3.2')).toBe('3.1');
    expect(await verdicts(analysis)).toEqual([
      expect.objectContaining({ verdict: 'disagree', subject: 'ann' }),
    ]);
    await sign(analysis, BOB, verdict('disagree'));
    await outbox.work();
    expect(written().map(({ predecessor }) => predecessor)).toEqual(['3.2']);
  });

  test('the process ends before it is recorded: the archive is asked, and what it holds counts, once', async () => {
    const analysis = await wanting(1);
    const { id } = await announced(analysis, ANN, verdict('disagree'), '3.6');
    archive.held.set('3.6', {} as never);
    // As long as it may be on its way nobody looks.
    await outbox.work();
    expect(await stateOf(analysis)).toBe('unread');
    await database.sql.query(
      `update pellucid.review_report set due = due - interval '120 seconds' where id = $1`,
      [id],
    );
    await outbox.work();
    await adopting.confirm(id);
    await outbox.work();
    expect(await verdicts(analysis)).toEqual([
      expect.objectContaining({ verdict: 'disagree', reasons: ['falsePositive'], subject: 'ann' }),
    ]);
    expect([await readings.stateOf(analysis), archive.writes]).toEqual([
      { state: 'judged', report: '3.6' },
      0,
    ]);
    expect((await readings.seenBy(analysis, 'ann')).readings).toHaveLength(1);
  });

  test('the archive refused it: nothing counts, and the case is open', async () => {
    const analysis = await wanting(1);
    const { id } = await announced(analysis, ANN, verdict('agree'), '3.7');
    await adopting.fail(id);
    await outbox.work();
    expect([await stateOf(analysis), (await readings.seenBy(analysis, 'ann')).readings]).toEqual([
      'unread',
      [],
    ]);
    expect(await assessed(analysis, ANN, verdict('agree'), '3.8')).toBeUndefined();
    expect(await readings.stateOf(analysis)).toEqual({ state: 'judged', report: '3.8' });
  });

  test.each([
    [1, 0, false],
    [2, 0, true],
    [2, 1, true],
    [2, 2, false],
  ])('of %i readers %i have signed: others are awaited, %s', async (wanted, signed, isAwaited) => {
    const analysis = await wanting(wanted);
    for (const who of [ANN, BOB].slice(0, signed)) await sign(analysis, who, verdict('agree'));
    expect(await adopting.before(await reportOf(analysis), 'bob')).toMatchObject({ analysis, isAwaited });
  });

  test('is refused to who is not asked any more, before anything is written', async () => {
    const analysis = await wanting(2);
    await sign(analysis, ANN, verdict('agree'));
    await sign(analysis, BOB, verdict('agree'));
    await outbox.work();
    await expect(assessed(analysis, CAT, verdict('agree'), '3.3')).rejects.toMatchObject({
      code: 'READING_REFUSED',
    });
    expect(await assessed(analysis, ANN, verdict('disagree'), '3.4')).toBe(told[0]);
    expect(await stateOf(analysis)).toBe('differ');
  });

  test('others were quicker: it stands in the archive, and is no reading', async () => {
    const analysis = await wanting(1);
    const { id } = await announced(analysis, CAT, verdict('disagree'), '3.9');
    await sign(analysis, ANN, verdict('agree'));
    await sign(analysis, BOB, verdict('agree'));
    await adopting.confirm(id);
    expect(await verdicts(analysis)).toEqual([expect.objectContaining({ verdict: 'agree', subject: 'ann' })]);
  });

  test('of a report that is no case is not kept', async () => {
    expect(await adopting.before('9.9', 'ann')).toBeUndefined();
  });
});

test('a draft is the caller’s alone, and ends with the signature', async () => {
  const analysis = await wanting(1);
  const reading = { findings: [verdict('disagree')], note: 'Fold of skin?' };
  await readings.draft(analysis, reading, 'ann');
  expect((await readings.seenBy(analysis, 'ann')).draft).toEqual(reading);
  expect((await readings.seenBy(analysis, 'bob')).draft).toBeUndefined();
  await sign(analysis, ANN, verdict('agree'));
  expect((await readings.seenBy(analysis, 'ann')).draft).toBeUndefined();
});

test('what is given to someone is owed until it is given back', async () => {
  const analysis = await wanting(1);
  const list = openWorklist(database.sql);
  const owed = () => list.count({ sampled: true, reviewer: ['me'] }, 'ann');
  await assign(database.sql, analysis, { reader: ANN, assigned: true, by: 'ann' });
  expect(await owed()).toBe(1);
  await assign(database.sql, analysis, { reader: ANN, assigned: false, by: 'ann' });
  expect(await owed()).toBe(0);
});

test('a plan that wants fewer readers settles what waited for one more', async () => {
  const plan = { name: 'Two', filter: { finding: ['Rare'] }, share: 1, readers: 2, blind: true, on: true };
  const { id } = await plans.add(plan);
  const analysis = await makeCase(database.sql, { findings: [{ ...PNEUMONIA, label: 'Rare' }] });
  await plans.sampleNew();
  expect((await sign(analysis, ANN, verdict('agree'))).state).toBe('reading');
  await plans.change(id, { ...plan, readers: 1 });
  expect(await stateOf(analysis)).toBe('waiting-for-archive');
  await outbox.work();
  expect((await plans.list()).find((p) => p.id === id)).toMatchObject({ sampled: 1, judged: 1 });
});

test('who listens is told once of what changed, also of what another server did', async () => {
  const attendant = openAttendant({ sql: database.sql, plans, outbox });
  const heard: string[] = [];
  const analysis = await wanting(1);
  const stop = attendant.onChange((event) => heard.push(`${event.analysis} ${event.state}`));
  try {
    await untilTrue(async () => {
      await database.sql.query(`update pellucid.review_case set blind = blind where analysis = $1`, [
        analysis,
      ]);
      attendant.wake();
      return heard.includes(`${analysis} unread`);
    });
    await sign(analysis, ANN, verdict('agree'));
    attendant.wake();
    await untilTrue(async () => heard.includes(`${analysis} judged`));
  } finally {
    stop();
    await attendant.stop();
  }
});

async function untilTrue(fits: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((go) => setTimeout(go, 50)))
    if (await fits()) return;
  throw new Error('it did not come');
}
