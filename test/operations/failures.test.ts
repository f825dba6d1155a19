import { openAnalyses } from '../../server/jobs/analyses.ts';
import { listOf, overviewOf } from '../../server/jobs/overview.ts';
import { failures } from '../../server/operations/failures.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';

/** What failed at a weekend, in the real tables. */
describe('failures', () => {
  let tables: TestDatabase;
  beforeAll(async () => {
    tables = await openTables();
    await tables.sql.query(
      `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, state,
          fault, created_at, updated_at)
        select 'f' || i, '1.2.3', '1.2.3.' || i, 'a', 1, '2026-11-28', 'chest', '1.0.0', 'failed',
          jsonb_build_object('code', case when i <= 60 then 'STORE_REFUSED' else 'WORKER_TIMEOUT' end, 'detail', 'number ' || i, 'action', 'do'),
          '2026-11-28', clock_timestamp() - make_interval(days => 3, mins => i)
        from generate_series(1, 61) as i`,
    );
  });
  afterAll(() => tables.close());
  const page = async (mayAct: boolean) => failures(await overviewOf(tables.sql), mayAct).text;

  test('of three days ago are still there: the newest, and a way to the rest', async () => {
    const text = await page(true);
    expect(text.match(/<article/g)).toHaveLength(50);
    expect(text).toContain('✖ number 1<');
    expect(text).toContain('<a href="/operations/list?of=failed&skip=50">11 more</a>');
    expect(text).toContain('Try all 60 again that failed by STORE_REFUSED');
    expect(text).not.toContain('by WORKER_TIMEOUT');
    const { ended } = await overviewOf(tables.sql);
    expect(ended.failed).toBeUndefined();
    const rest = failures(
      { ...(await overviewOf(tables.sql)), failed: await listOf(tables.sql, 'failed', { skip: 50 }) },
      true,
      50,
    ).text;
    expect(rest.match(/✖ number \d+</g)).toEqual(Array.from({ length: 11 }, (_, i) => `✖ number ${i + 51}<`));
    expect(rest).not.toContain('more</a>');
  });

  test('are shown to who may not act, without a button', async () => {
    expect(await page(false)).not.toContain('<button');
  });

  test('end when someone leaves them, all that failed alike at once', async () => {
    const told: string[] = [];
    const records = openAnalyses(tables.sql, ({ id, state }) => told.push(`${id} ${state}`));
    expect(await records.leaveAll('STORE_REFUSED', 'cancelled by the operator')).toBe(60);
    expect(await records.leaveAll('STORE_REFUSED', 'cancelled by the operator')).toBe(0);
    expect(told).toHaveLength(60);
    const text = await page(true);
    expect(text.match(/✖ number \d+</g)).toEqual(['✖ number 61<']);
    expect(text).toContain('Failed <span>1, newest first');
  });
});
