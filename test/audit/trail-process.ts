import { openTrail } from '../../server/audit/trail.ts';
import { openDatabase } from '../../server/jobs/database.ts';

/** The trail on a real database in a process of its own: `{ call, args }` comes, `{ value }` or `{ error }` goes. A day passes with each entry. */
const database = await openDatabase({ DATA_DIR: process.argv[2] as string, DATABASE_URL: '' });
let clock = Date.parse('2026-01-01T00:00:00Z');
const trail = openTrail(database.sql, () => {
  clock += 86_400_000;
  return new Date(clock);
});
const CALLS = { ...trail, query: (statement: string) => database.sql.query(statement) };

process.on(
  'message',
  async ({ id, call, args }: { id: number; call: keyof typeof CALLS; args: readonly unknown[] }) => {
    const work = CALLS[call] as (...given: readonly unknown[]) => Promise<unknown>;
    const answer = await work(...args).then(
      (value) => ({ id, value }),
      (error: Error) => ({ id, error: error.message }),
    );
    process.send?.(answer);
  },
);
process.on('disconnect', async () => {
  await database.close();
  process.exit(0);
});
process.send?.({ id: 0 });
