import { randomUUID } from 'node:crypto';
import { asFault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import type { Analysis } from './analysis.ts';
import type { Database } from './database.ts';

const CHANNEL = 'pellucid_analysis';
/** Changes are told together: a notification holds less than 8,000 bytes, and each takes a lock of the whole server. */
const TOGETHER_MS = 100;
const MOST_IDS = 200;

/** A change of a record, by whichever process; undefined: some may have been missed, look again. */
export type Hear = (analysis: Analysis | undefined) => void;

export interface Everywhere {
  /** Of a change that this process made. */
  tell(analysis: Analysis): void;
  onChange(hear: Hear): () => void;
  stop(): Promise<void>;
}

/**
 * Tells the servers that share a database of each other's changes, by LISTEN and NOTIFY of PostgreSQL. A process listens once someone
 * here wants to hear; alone with its embedded database it does neither.
 */
export function tellEverywhere(
  { exclusive, sql, listen }: Pick<Database, 'exclusive' | 'sql' | 'listen'>,
  get: (id: string) => Promise<Analysis | undefined>,
): Everywhere {
  const self = randomUUID();
  const hears = new Set<Hear>();
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let listening: Promise<(() => Promise<void>) | undefined> | undefined;

  const toAll = (analysis: Analysis | undefined): void => {
    for (const hear of hears) hear(analysis);
  };
  const send = async (): Promise<void> => {
    timer = undefined;
    const ids = [...waiting];
    waiting.clear();
    for (let i = 0; i < ids.length; i += MOST_IDS)
      await sql
        .query('select pg_notify($1, $2)', [CHANNEL, [self, ...ids.slice(i, i + MOST_IDS)].join(' ')])
        .catch((error: unknown) =>
          log.warn({ detail: asFault(error).detail }, 'other servers were not told'),
        );
  };
  const onNotice = async (payload: string): Promise<void> => {
    const [from, ...ids] = payload.split(' ');
    if (from === self || hears.size === 0) return;
    for (const id of ids) {
      const analysis = await get(id);
      if (analysis) toAll(analysis);
    }
  };
  const begin = (): Promise<(() => Promise<void>) | undefined> =>
    listen(
      CHANNEL,
      (payload) => void onNotice(payload).catch(() => toAll(undefined)),
      () => toAll(undefined),
    ).then(
      (opened) => opened.close,
      (error: unknown) => {
        log.warn({ detail: asFault(error).detail }, 'changes by other servers are not heard');
        return undefined;
      },
    );

  return {
    tell: (analysis) => {
      toAll(analysis);
      if (exclusive) return;
      waiting.add(analysis.id);
      timer ??= setTimeout(() => void send(), TOGETHER_MS);
    },
    onChange: (hear) => {
      hears.add(hear);
      if (!exclusive) listening ??= begin();
      return () => void hears.delete(hear);
    },
    stop: async () => {
      if (timer) {
        clearTimeout(timer);
        await send();
      }
      await (await listening)?.();
    },
  };
}
