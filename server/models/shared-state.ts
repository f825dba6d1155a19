import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import pg from 'pg';
import { asFault, Fault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import { type Decisions, decisionsIn, type ModelState, NOTHING, stateFrom } from './state.ts';

/**
 * The decisions in the database that servers, workers and the command line share, so that a model which is stopped on one machine is
 * stopped on all. A row of `pellucid.model_decisions`; nothing is decided while there is none. Throws CONFIG_INVALID.
 */
export function sharedDecisions(url: string): Decisions {
  const pool = poolOf(url);
  return {
    read: async () => (await rowOf(pool)) ?? NOTHING,
    change: async (decide) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        // Two who decide at once do so one after the other.
        await client.query('lock table pellucid.model_decisions in exclusive mode');
        const state = decide((await rowOf(client)) ?? NOTHING);
        await client.query(
          'insert into pellucid.model_decisions (state) values ($1) on conflict (one) do update set state = excluded.state',
          [JSON.stringify(state)],
        );
        await client.query('commit');
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw isNotMade(error)
          ? new Fault(
              'CONFIG_INVALID',
              'the database has no tables of this version of Pellucid: start the server once',
            )
          : error;
      } finally {
        client.release();
      }
    },
  };
}

/**
 * Decisions that an earlier version, or a server with an embedded database, left in a file go into the database and the file aside, once.
 * What the database decided already stays; what was stopped on any machine is stopped on all. Throws CONFIG_INVALID for a damaged file.
 */
export async function takeOverDecisions(file: string, url: string): Promise<void> {
  if (!existsSync(file)) return;
  const here = await decisionsIn(file).read();
  await sharedDecisions(url).change((there) => ({
    ...there,
    promoted: { ...here.promoted, ...there.promoted },
    canary: { ...here.canary, ...there.canary },
    disabled: [...new Set([...there.disabled, ...here.disabled])],
  }));
  await rename(file, `${file}.taken-over`);
  log.warn({ file }, 'decisions about models are in the database from now on; see `pellucid model list`');
}

async function rowOf(by: pg.Pool | pg.PoolClient): Promise<ModelState | undefined> {
  try {
    const { rows } = await by.query<{ readonly state: unknown }>(
      'select state from pellucid.model_decisions',
    );
    return rows[0] && stateFrom(() => rows[0]?.state, 'the row of pellucid.model_decisions');
  } catch (error) {
    // The command line may come before the first start of a server.
    if (isNotMade(error)) return undefined;
    throw error;
  }
}

const PATIENCE_MS = 10_000;
const pools = new Map<string, pg.Pool>();

/** One connection for each process, opened when it is needed; it keeps no process alive. */
function poolOf(connectionString: string): pg.Pool {
  const open = pools.get(connectionString);
  if (open) return open;
  const pool = new pg.Pool({
    connectionString,
    max: 1,
    allowExitOnIdle: true,
    connectionTimeoutMillis: PATIENCE_MS,
  });
  // A connection that is cut while nobody asks is opened anew by the next one who does.
  pool.on('error', (error) => log.warn({ detail: asFault(error).detail }, 'connection to the database lost'));
  pools.set(connectionString, pool);
  return pool;
}

/** By PostgreSQL's codes: no such schema, no such table. */
const isNotMade = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['3F000', '42P01'].includes(String(error.code));
