import { z } from 'zod';
import type { Sql } from './database.ts';

/** Where a listener is in its archive's log of changes; what is in the state is the listener's own matter. */
export interface StateStore {
  load(): Promise<unknown>;
  save(state: object): Promise<void>;
}

const Row = z.object({ state: z.unknown() });

/** One row for each archive. */
export const openListenState = (sql: Sql, source: string): StateStore => ({
  load: async () => {
    const [row] = await sql.query('select state from pellucid.listen_state where source = $1', [source]);
    return row === undefined ? undefined : Row.parse(row).state;
  },
  save: async (state) => {
    await sql.query(
      `insert into pellucid.listen_state (source, state) values ($1, $2::jsonb)
        on conflict (source) do update set state = excluded.state`,
      [source, JSON.stringify(state)],
    );
  },
});
