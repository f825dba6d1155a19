import { type Copy, type CopyRecords, openCopyRecords } from '../../server/deidentify/records.ts';
import { Fault } from '../../server/shared/fault.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';

jest.setTimeout(120_000);

const STUDY = '1.2.826.0.1.3680043.9.7';
const OWED = {
  study: STUDY,
  series: `${STUDY}.1`,
  instances: 3,
  fingerprint: 'first',
  target: 'research',
  rule: 'chest',
  results: true,
};

/** One story of one series, step by step. */
describe('what is owed', () => {
  let tables: TestDatabase;
  let records: CopyRecords;
  beforeAll(async () => {
    tables = await openTables();
    records = openCopyRecords(tables.sql);
  });
  afterAll(() => tables.close());
  const now = async () =>
    (await records.ofStudy(STUDY)).map(({ kind, state, fault }) =>
      `${kind} ${state} ${fault?.code ?? ''}`.trim(),
    );
  const claimed = async (): Promise<Copy> => {
    const copy = await records.claim();
    if (!copy) throw new Error('nothing was due');
    return copy;
  };
  const dueNow = () => tables.sql.query('update pellucid.copy set due = clock_timestamp()');

  test('is owed once, and taken by one', async () => {
    await records.owe(OWED);
    await records.owe(OWED);
    expect(await now()).toEqual(['images owed']);
    expect(await claimed()).toMatchObject({ object: OWED.series, target: 'research', tries: 1 });
    expect(await records.claim()).toBeUndefined();
  });

  test('who took it and ended leaves it to the next, and what may help is tried again', async () => {
    await dueNow();
    const copy = await claimed();
    expect(copy.tries).toBe(2);
    expect(await records.failed(copy, new Fault('ARCHIVE_UNREACHABLE', 'it is down'))).toBe(false);
    expect(await now()).toEqual(['images owed ARCHIVE_UNREACHABLE']);
    expect(await records.claim()).toBeUndefined();
  });

  test('what cannot be cleaned is refused until an operator asks again', async () => {
    await dueNow();
    expect(await records.failed(await claimed(), new Fault('COPY_REFUSED', 'text'))).toBe(true);
    await dueNow();
    expect(await records.claim()).toBeUndefined();
    expect(await records.refused(5)).toMatchObject([{ study: STUDY, fault: { code: 'COPY_REFUSED' } }]);
    expect(await records.retry(STUDY)).toBe(1);
    expect(await records.refused(5)).toEqual([]);
    expect(await claimed()).toMatchObject({ state: 'owed', tries: 1 });
  });

  test('images that came while the earlier were sent are owed still; sent, the same are not owed again', async () => {
    await dueNow();
    const earlier = await claimed();
    await records.owe({ ...OWED, fingerprint: 'second', instances: 4 });
    await records.sent(earlier, '3 files');
    expect(await now()).toEqual([expect.stringContaining('images owed')]);
    await records.sent(await claimed(), '4 files');
    await records.owe({ ...OWED, fingerprint: 'second', instances: 4 });
    expect(await now()).toEqual(['images sent']);
  });

  test('results follow images that have left, of clinical analyses alone, once', async () => {
    const analysis = (id: string, mode: string, state: string) =>
      tables.sql.query(
        `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, state, mode, created_at)
          values ($1, $2, $3, 'second', 4, '2026-11-28', $4, $5, '2026-11-28')`,
        [id, STUDY, OWED.series, state, mode],
      );
    await analysis('a', 'clinical', 'done');
    await analysis('b', 'shadow', 'done');
    await analysis('c', 'clinical', 'failed');
    await records.oweResults();
    await records.oweResults();
    expect(await now()).toEqual(['images sent', 'results owed']);
    expect(await claimed()).toMatchObject({ object: 'a', kind: 'results' });
  });

  test('of a series that was not sent no results go', async () => {
    const other = { ...OWED, study: `${STUDY}.2`, series: `${STUDY}.2.1` };
    await records.owe(other);
    await tables.sql.query(
      `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, state, mode, created_at)
        values ('d', $1, $2, 'first', 3, '2026-11-28', 'done', 'clinical', '2026-11-28')`,
      [other.study, other.series],
    );
    await records.oweResults();
    expect((await records.ofStudy(other.study)).map(({ kind }) => kind)).toEqual(['images']);
  });
});
