import pg from 'pg';
import type { Sql } from '../../server/jobs/database.ts';
import { migrate, STEPS } from '../../server/jobs/migrations.ts';
import { sqlOf } from '../helpers/client-sql.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';

const STEPS_BEFORE_TAKEN = 12;

/** A database as each earlier version left it, with a row in every table, brought up to date. */
describe('an upgrade', () => {
  const clients: pg.Client[] = [];
  let postgres: TestPostgres;
  let fresh: readonly unknown[];
  beforeAll(async () => {
    postgres = await startPostgres();
    const empty = await opened('fresh');
    await migrate(empty);
    fresh = await shapeOf(empty);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await postgres?.remove();
  });

  /** A database of its own. */
  async function opened(name: string): Promise<Sql> {
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    await admin.query(`create database ${name}`);
    await admin.end();
    const client = new pg.Client({ connectionString: postgres.url.replace(/\/postgres$/, `/${name}`) });
    await client.connect();
    clients.push(client);
    return sqlOf(client);
  }

  test.each(Array.from({ length: STEPS }, (_, step) => step + 1))(
    'from step %i keeps every row as it was',
    async (step) => {
      const sql = await opened(`upgrade_${step}`);
      await migrate(sql, step);
      const tables = await tablesOf(sql);
      for (const table of tables) await fill(sql, table);
      const before = await contentOf(sql, tables);
      await migrate(sql);
      const after = await contentOf(sql, tables);
      for (const [i, rows] of before.entries()) {
        expect(rows.length).toBeGreaterThan(0);
        expect(after[i]).toHaveLength(rows.length);
        expect(after[i]).toEqual(
          expect.arrayContaining(rows.map((row) => expect.objectContaining(row as object))),
        );
      }
      // And it has all that an empty database gets.
      expect(await shapeOf(sql)).toEqual(fresh);
    },
  );

  test('what rules took of a study before is known by the reasons of its analyses', async () => {
    const sql = await opened('taken');
    await migrate(sql, STEPS_BEFORE_TAKEN);
    const analysis = (id: string, series: string, why: string) =>
      sql.query(
        `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, state, why, created_at)
          values ($1, '1.2', $2, 'a', 1, '', 'done', $3, '')`,
        [id, series, why],
      );
    await analysis(
      'a',
      '1.2.1',
      'rule newest-ct: Modality CT, 1 image; the study is complete; the newest of 2 series',
    );
    await analysis('b', '1.2.2', 'rule at-once: Modality CT, 1 image');
    await analysis('c', '1.2.3', 'a reader asked for it: Modality CT, 1 image');
    await migrate(sql);
    expect(await sql.query('select * from pellucid.taken')).toEqual([
      { study: '1.2', rule: 'newest-ct', series: '1.2.1' },
    ]);
  });

  test('back to an earlier version is refused before anything is written', async () => {
    const sql = await opened('later');
    await migrate(sql);
    await sql.query('insert into pellucid.migration (step) values (9999)');
    await expect(migrate(sql)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: expect.stringContaining('a later version'),
    });
  });
});

async function tablesOf(sql: Sql): Promise<readonly string[]> {
  const rows = (await sql.query(
    `select table_name as name from information_schema.tables
      where table_schema = 'pellucid' and table_type = 'BASE TABLE' and table_name <> 'migration' order by 1`,
  )) as readonly { name: string }[];
  return rows.map(({ name }) => name);
}

/** One row with something in every column, whatever the columns are. */
async function fill(sql: Sql, table: string): Promise<void> {
  const columns = (await sql.query(
    `select column_name as name, data_type as type from information_schema.columns
      where table_schema = 'pellucid' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
    [table],
  )) as readonly { name: string; type: string }[];
  // Rows of other tables and what triggers want are not looked for.
  await sql.query('set session_replication_role = replica');
  await sql.query(
    `insert into pellucid.${table} (${columns.map(({ name }) => `"${name}"`).join(', ')})
      values (${columns.map(({ type }) => something(type)).join(', ')})`,
  );
  await sql.query('set session_replication_role = default');
}

function something(type: string): string {
  if (type === 'jsonb') return `'{}'::jsonb`;
  if (type === 'ARRAY') return `'{x}'`;
  if (type === 'boolean') return 'true';
  if (type === 'uuid') return `'00000000-0000-4000-8000-000000000001'`;
  if (type.startsWith('timestamp')) return `'2026-01-02T03:04:05Z'`;
  if (type === 'date') return `'2026-01-02'`;
  return /int|numeric|double|real/.test(type) ? '1' : `'x'`;
}

const contentOf = (sql: Sql, tables: readonly string[]): Promise<readonly (readonly unknown[])[]> =>
  inOrder(tables, (table) => sql.query(`select * from pellucid.${table}`));

const shapeOf = async (sql: Sql) =>
  sql.query(
    `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
      where table_schema = 'pellucid' order by 1, 2`,
  );

async function inOrder<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (const one of all) done.push(await work(one));
  return done;
}
