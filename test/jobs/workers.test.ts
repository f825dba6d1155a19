import { sayAtWork, workersOf } from '../../server/jobs/workers.ts';
import { openTables } from '../helpers/database.ts';

test('processes that take work are counted until they end, or say nothing any more', async () => {
  const { sql, close } = await openTables();
  const shared = { sql, exclusive: false };
  expect(await workersOf(sql)).toEqual({ processes: 0, atOnce: 0 });
  const [one, two] = [await sayAtWork(shared, 2), await sayAtWork(shared, 3)];
  expect(await workersOf(sql)).toEqual({ processes: 2, atOnce: 5 });
  await one();
  expect(await workersOf(sql)).toEqual({ processes: 1, atOnce: 3 });
  // One missed its time to say so, as one that was killed does.
  await sql.query(`update pellucid.worker set seen_at = seen_at - interval '20 seconds'`);
  expect(await workersOf(sql)).toEqual({ processes: 1, atOnce: 3, silent: { processes: 1, longestS: 20 } });
  // Killed a minute ago; the next that comes forgets it.
  await sql.query(`update pellucid.worker set seen_at = seen_at - interval '1 minute'`);
  expect(await workersOf(sql)).toEqual({ processes: 0, atOnce: 0 });
  const three = await sayAtWork(shared, 4);
  expect(await sql.query('select at_once from pellucid.worker')).toEqual([{ at_once: 4 }]);
  // Who has the database alone knows that nobody else is there.
  const alone = await sayAtWork({ sql, exclusive: true }, 1);
  expect(await workersOf(sql)).toEqual({ processes: 1, atOnce: 1 });
  await Promise.all([two(), three(), alone()]);
  expect(await workersOf(sql)).toEqual({ processes: 0, atOnce: 0 });
  await close();
});
