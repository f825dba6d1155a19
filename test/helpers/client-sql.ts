import type pg from 'pg';
import type { Sql } from '../../server/jobs/database.ts';

/** The product's way of asking, over one connection of ours. */
export function sqlOf(client: pg.Client): Sql {
  const query: Sql['query'] = async (text, values) => (await client.query(text, values && [...values])).rows;
  const sql: Sql = {
    query,
    db: { executeSql: async (text, values) => ({ rows: [...(await query(text, values))] }) },
    transaction: async (work) => {
      await client.query('begin');
      try {
        const result = await work(sql);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
  };
  return sql;
}
