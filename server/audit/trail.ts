import { z } from 'zod';
import type { Sql } from '../jobs/database.ts';
import { breakIn, Entry, Event, GENESIS, hashOf } from './entry.ts';

export interface Trail {
  /** Adds one event at the end of the chain. */
  note(event: Event): Promise<void>;
  /** In order. `from` and `to`: ISO 8601, UTC; `to` itself is left out. */
  list(options: ListOptions): Promise<readonly Entry[]>;
  /** Reads the whole chain. */
  verify(): Promise<Verification>;
  /** Takes away what is older, ISO 8601, and notes that; the rest stays a chain. Returns how many entries went. */
  prune(before: string, who: Pick<Event, 'who' | 'whoName'>): Promise<number>;
}

export interface ListOptions {
  /** The entry to begin behind. */
  readonly after?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only what was about this object, or this study. */
  readonly object?: string | undefined;
  readonly study?: string | undefined;
  readonly limit: number;
}

export interface Verification {
  /** How many entries hang together from the first on. */
  readonly entries: number;
  /** Hash of the last of them. Keep it elsewhere: a chain that was cut off at its end is whole in itself. */
  readonly head: string;
  /** The first entry that does not follow. */
  readonly brokenAt?: number;
}

/** Any number fixed for ever: entries are added one after the other, by however many servers. */
const LOCK = 7_355_609;
const PAGE = 10_000;

const COLUMNS =
  'seq::int as seq, at, who, who_name as "whoName", action, study, object, outcome, detail, before, hash';

/** The audit trail in the database. Its table refuses every change but a new row, and retention (jobs/migrations.ts). */
export function openTrail(sql: Sql, now: () => Date = () => new Date()): Trail {
  const list: Trail['list'] = async ({ after = 0, from, to, object, study, limit }) =>
    entriesOf(
      await sql.query(
        `select ${COLUMNS} from pellucid.audit
          where seq > $1 and ($2::text is null or at >= $2) and ($3::text is null or at < $3)
            and ($5::text is null or object = $5) and ($6::text is null or study = $6) order by seq limit $4`,
        [after, from ?? null, to ?? null, limit, object ?? null, study ?? null],
      ),
    );

  const add = async (tx: Sql, event: Event): Promise<void> => {
    const { action, who, whoName, study = null, object = null, outcome, detail = null } = Event.parse(event);
    const { seq, hash: before } = await endOf(tx);
    const entry = { ...event, seq: seq + 1, at: now().toISOString(), before };
    await tx.query(
      `insert into pellucid.audit (seq, at, who, who_name, action, study, object, outcome, detail, before, hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [entry.seq, entry.at, who, whoName, action, study, object, outcome, detail, before, hashOf(entry)],
    );
  };
  const inTurn = <R>(work: (tx: Sql) => Promise<R>): Promise<R> =>
    sql.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
      return work(tx);
    });

  return {
    list,
    note: (event) => inTurn((tx) => add(tx, event)),
    verify: async () => {
      let { seq, hash } = await anchorOf(sql);
      const first = seq;
      for (;;) {
        const page = await list({ after: seq, limit: PAGE });
        const brokenAt = breakIn(page, { hash, seq });
        if (brokenAt !== undefined) {
          const before = page.find((entry) => entry.seq === brokenAt - 1);
          return { entries: brokenAt - 1 - first, head: before?.hash ?? hash, brokenAt };
        }
        const end = page.at(-1);
        if (!end) return { entries: seq - first, head: hash };
        ({ seq, hash } = end);
      }
    },
    prune: (before, who) =>
      inTurn(async (tx) => {
        const [row] = await tx.query(
          'select seq::int as seq, hash from pellucid.audit where at < $1 order by seq desc limit 1',
          [before],
        );
        if (row === undefined) return 0;
        const last = Place.parse(row);
        await tx.query("set local pellucid.audit_retention = 'on'");
        const gone = await tx.query('delete from pellucid.audit where seq <= $1 returning 1', [last.seq]);
        await tx.query("set local pellucid.audit_retention = 'off'");
        await tx.query('delete from pellucid.audit_anchor');
        await tx.query('insert into pellucid.audit_anchor (seq, hash) values ($1, $2)', [
          last.seq,
          last.hash,
        ]);
        const detail = `${gone.length} entries up to ${last.seq}, whose hash is ${last.hash}`;
        await add(tx, { ...who, action: 'audit-pruned', outcome: 'done', detail });
        return gone.length;
      }),
  };
}

const Place = z.object({ seq: z.number(), hash: z.string() });
type Place = z.infer<typeof Place>;

/** What the first entry that is still there follows. */
const anchorOf = async (sql: Sql): Promise<Place> =>
  Place.parse(
    (await sql.query('select seq::int as seq, hash from pellucid.audit_anchor'))[0] ?? {
      seq: 0,
      hash: GENESIS,
    },
  );

async function endOf(sql: Sql): Promise<Place> {
  const [row] = await sql.query('select seq::int as seq, hash from pellucid.audit order by seq desc limit 1');
  return row === undefined ? anchorOf(sql) : Place.parse(row);
}

/** A column that is null is a field that is absent. */
const entriesOf = (rows: readonly unknown[]): readonly Entry[] =>
  z
    .array(
      z
        .record(z.string(), z.unknown())
        .transform((row) => Object.fromEntries(Object.entries(row).filter(([, v]) => v !== null)))
        .pipe(Entry),
    )
    .parse(rows);
