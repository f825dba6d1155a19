import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type Db, fromPglite, PgBoss } from 'pg-boss';
import { Fault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import { lockFolder } from './lock.ts';
import { migrate } from './migrations.ts';

/** What the records need of a database: one statement with `$1` parameters, and several that hold together. */
export interface Sql {
  query(text: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
  /** Commits when `work` resolves; nothing of it stays when it throws. */
  transaction<R>(work: (sql: Sql) => Promise<R>): Promise<R>;
  /** The same connection for the queue's calls: what it sends commits with the transaction. */
  readonly db: Db;
}

export interface Database {
  readonly sql: Sql;
  readonly boss: PgBoss;
  /** True when only this process can have jobs at work. */
  readonly exclusive: boolean;
  /** Hears what is told on a channel (NOTIFY) until it is closed; `onConnected` is called whenever something may have been missed before. */
  listen(
    channel: string,
    hear: (payload: string) => void,
    onConnected: () => void,
  ): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

/** How long the queue waits for jobs at work when it closes, ms. */
const CLOSE_MS = 5_000;

/**
 * PostgreSQL at `DATABASE_URL`, or an embedded one in `DATA_DIR/db`; the queue is started and the tables are up to date.
 * Throws CONFIG_INVALID when another server has the folder or the database can't be opened.
 */
export async function openDatabase(config: {
  readonly DATA_DIR: string;
  readonly DATABASE_URL: string;
}): Promise<Database> {
  const opened = config.DATABASE_URL
    ? openPostgres(config.DATABASE_URL)
    : await openEmbedded(join(config.DATA_DIR, 'db'));
  try {
    opened.boss.on('error', (error) => log.error({ err: error }, 'queue error'));
    await opened.boss.start();
    await migrate(opened.sql);
    return opened;
  } catch (cause) {
    await opened.close().catch(() => undefined);
    throw new Fault('CONFIG_INVALID', `the database does not open: ${messageOf(cause)}`, { cause });
  }
}

function openPostgres(connectionString: string): Database {
  const boss = new PgBoss({ connectionString, useListenNotify: true });
  return {
    sql: pooled(boss),
    boss,
    exclusive: false,
    listen: listenBy(boss),
    close: () => boss.stop({ timeout: CLOSE_MS }),
  };
}

async function openEmbedded(folder: string): Promise<Database> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  const pglite = await PGlite.create(folder);
  const boss = new PgBoss({ db: fromPglite(pglite), backend: 'pglite', useListenNotify: true });
  return {
    sql: embedded(pglite),
    boss,
    exclusive: true,
    listen: listenBy(boss),
    close: async () => {
      await boss.stop({ timeout: CLOSE_MS });
      await pglite.close();
      await unlock();
    },
  };
}

const listenBy =
  (boss: PgBoss): Database['listen'] =>
  async (channel, hear, onConnected) => {
    const heard = await boss.getDb().listen?.(channel, hear, onConnected);
    if (!heard) throw new Fault('CONFIG_INVALID', 'the database driver cannot listen');
    return heard;
  };

const embedded = (pglite: PGlite): Sql => ({
  ...statements(fromPglite(pglite)),
  transaction: (work) =>
    pglite.transaction((tx) => {
      const sql: Sql = {
        ...statements({ executeSql: (text, values) => tx.query(text, values) }),
        transaction: (inner) => inner(sql),
      };
      return work(sql);
    }),
});

const pooled = (boss: PgBoss): Sql => ({
  ...statements({ executeSql: (text, values) => boss.getDb().executeSql(text, values) }),
  transaction: async (work) => {
    const handle = await boss.getDb().beginTransaction?.();
    if (!handle) throw new Fault('CONFIG_INVALID', 'the database driver offers no transactions');
    const sql: Sql = { ...statements(handle.db), transaction: (inner) => inner(sql) };
    try {
      const result = await work(sql);
      await handle.commit();
      return result;
    } catch (error) {
      await handle.rollback();
      throw error;
    }
  },
});

const statements = (db: Db): Pick<Sql, 'query' | 'db'> => ({
  db,
  query: async (text, values) => (await db.executeSql(text, values && [...values])).rows,
});

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
