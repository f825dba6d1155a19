import { endedSessions } from '../../server/wiring/ended-sessions.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';

const [MINE, OTHERS] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const HOUR_MS = 3_600_000;

describe('sessions that were ended', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTables();
  }, 60_000);
  afterAll(() => database.close());

  test('are ended on this server at once, on another within five seconds', async () => {
    let now = 0;
    const [here, there] = [0, 1].map(() => endedSessions(database.sql, () => now)) as [
      ReturnType<typeof endedSessions>,
      ReturnType<typeof endedSessions>,
    ];
    expect([await here.has(MINE), await there.has(MINE)]).toEqual([false, false]);
    await here.add(MINE, new Date(Date.now() + HOUR_MS));
    expect([await here.has(MINE), await here.has(OTHERS)]).toEqual([true, false]);
    now = 5_000;
    expect([await there.has(MINE), await there.has(OTHERS)]).toEqual([true, false]);
  });

  test('are forgotten when their time is over anyway', async () => {
    const ended = endedSessions(database.sql);
    await ended.add(OTHERS, new Date(Date.now() - HOUR_MS));
    await ended.add(MINE, new Date(Date.now() + HOUR_MS));
    expect(await database.sql.query('select id from pellucid.ended_session')).toEqual([{ id: MINE }]);
  });
});
