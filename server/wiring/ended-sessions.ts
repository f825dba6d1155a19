import type { EndedSessions } from '../access/sessions.ts';
import type { Sql } from '../shared/sql.ts';

/** That a session goes on is believed for so long: pages ask for hundreds of things at once. */
const BELIEVED_MS = 5_000;
/** Sessions that are remembered at once. */
const REMEMBERED = 10_000;

/** Sessions that were ended before their time, in the database that servers share: here at once, on other servers within five seconds. */
export function endedSessions(sql: Sql, now: () => number = Date.now): EndedSessions {
  const asked = new Map<string, { readonly at: number; readonly ended: boolean }>();
  const remember = (id: string, ended: boolean): boolean => {
    if (asked.size >= REMEMBERED) asked.clear();
    asked.set(id, { at: now(), ended });
    return ended;
  };
  return {
    add: async (id, expires) => {
      await sql.query('delete from pellucid.ended_session where expires < clock_timestamp()');
      await sql.query(
        'insert into pellucid.ended_session (id, expires) values ($1, $2) on conflict do nothing',
        [id, expires.toISOString()],
      );
      remember(id, true);
    },
    has: async (id) => {
      const known = asked.get(id);
      if (known && (known.ended || now() - known.at < BELIEVED_MS)) return known.ended;
      const rows = await sql.query('select 1 from pellucid.ended_session where id = $1', [id]);
      return remember(id, rows.length > 0);
    },
  };
}
