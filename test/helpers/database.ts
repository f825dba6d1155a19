import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sql } from '../../server/jobs/database.ts';
import type { Answered, Statement } from './database-process.ts';
import { readyDatabase } from './ready-database.ts';

export interface TestDatabase {
  readonly sql: Sql;
  close(): Promise<void>;
}

/** The product's tables in an embedded PostgreSQL of its own. One connection: transactions follow each other. */
export async function openTables(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-tables-'));
  await readyDatabase(join(folder, 'db'));
  const child = fork('test/helpers/database-process.ts', [join(folder, 'db')], {
    execArgv: [],
    serialization: 'advanced',
  });
  const waiting = new Map<number, (answer: Answered) => void>();
  let asked = 0;
  await once(child, 'message');
  child.on('message', (answer: Answered) => waiting.get(answer.id)?.(answer));

  const ask = async (text: string, values?: readonly unknown[]): Promise<readonly unknown[]> => {
    const id = ++asked;
    const answer = await new Promise<Answered>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, text, values } satisfies Statement);
    });
    waiting.delete(id);
    if ('error' in answer) throw new Error(answer.error);
    return answer.rows.map(inThisRealm);
  };

  let free: Promise<unknown> = Promise.resolve();
  const alone = <R>(work: () => Promise<R>): Promise<R> => {
    const done = free.then(work);
    free = done.catch(() => undefined);
    return done;
  };
  const inside: Sql = {
    query: ask,
    transaction: (work) => work(inside),
    db: { executeSql: async (text, values) => ({ rows: [...(await ask(text, values))] }) },
  };
  const sql: Sql = {
    ...inside,
    query: (text, values) => alone(() => ask(text, values)),
    transaction: (work) =>
      alone(async () => {
        await ask('begin');
        try {
          const result = await work(inside);
          await ask('commit');
          return result;
        } catch (error) {
          await ask('rollback');
          throw error;
        }
      }),
  };
  return {
    sql,
    close: async () => {
      child.disconnect();
      await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

/** Dates of the other process are none of this realm's. */
const inThisRealm = (row: unknown): unknown =>
  Object.fromEntries(
    Object.entries(row as object).map(([key, value]) => [
      key,
      Object.prototype.toString.call(value) === '[object Date]' ? new Date(Number(value)) : value,
    ]),
  );
