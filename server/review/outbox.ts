import { z } from 'zod';
import type { DicomObject } from '../contracts.ts';
import { asFault, type Fault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import type { Sql } from '../shared/sql.ts';
import { adopt } from './adopting.ts';
import { ReportContent, showWaiting } from './settle.ts';

export interface InstanceUids {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
}

export interface OutboxOptions {
  readonly sql: Sql;
  /** From the archive. Throws NOT_FOUND. */
  readonly fetch: (instance: InstanceUids) => Promise<Uint8Array>;
  /** The document; equal input gives equal bytes and UIDs. */
  readonly write: (
    report: Uint8Array,
    content: ReportContent,
    predecessor: Omit<InstanceUids, 'StudyInstanceUID'> | undefined,
  ) => DicomObject;
  /** Resolves when the archive has confirmed it. */
  readonly store: (object: DicomObject) => Promise<void>;
  readonly onStored: (it: {
    readonly analysis: string;
    readonly study: string;
    readonly report: string;
    readonly content: ReportContent;
  }) => void;
}

export interface Outbox {
  /** Writes what is due, of one case or of all. Never throws what the archive does: it is kept, and tried again. */
  work(analysis?: string): Promise<void>;
  /** The fault of the last try of a report that a case still owes. */
  waitsFor(analysis: string): Promise<string | undefined>;
}

/** One try of one report takes no longer; then another server may take it up. */
const LEASE_S = 120;
const LONGEST_PAUSE_S = 300;

/**
 * Verified reports on their way into the archive. What is owed is in the database, so a restart loses none; each is written once, for its UID is recorded
 * before it is sent, and before another try the archive is asked for it. Reports of one case go in the order in which they were settled.
 */
export function openOutbox(options: OutboxOptions): Outbox {
  const { sql } = options;
  return {
    async work(analysis) {
      for (let next = await claim(sql, analysis); next; next = await claim(sql, analysis)) {
        try {
          await send(options, next);
        } catch (error) {
          await putBack(sql, next, asFault(error));
        }
      }
    },
    async waitsFor(analysis) {
      const [row] = await sql.query(
        `select fault from pellucid.review_report where analysis = $1 and state in ('owed', 'unsure') and fault is not null
          order by made_at limit 1`,
        [analysis],
      );
      return row === undefined ? undefined : z.object({ fault: Told }).parse(row).fault.action;
    },
  };
}

const Told = z.object({ code: z.string(), detail: z.string(), action: z.string() });

const Claimed = z.object({
  id: z.string(),
  analysis: z.string(),
  content: ReportContent,
  state: z.enum(['owed', 'unsure']),
  uid: z.string().nullable(),
  series: z.string().nullable(),
  tries: z.int(),
  study: z.string(),
  report: z.string().nullable(),
  report_series: z.string().nullable(),
  before_uid: z.string().nullable(),
  before_series: z.string().nullable(),
});
type Claimed = z.infer<typeof Claimed>;

/** The oldest that is due, for this process alone until its lease ends. */
async function claim(sql: Sql, analysis: string | undefined): Promise<Claimed | undefined> {
  const [row] = await sql.query(
    `with taken as (
        update pellucid.review_report set tries = tries + 1, due = clock_timestamp() + interval '${LEASE_S} seconds'
        where id = (
          select r.id from pellucid.review_report r
          where r.state in ('owed', 'unsure') and r.due <= clock_timestamp() and ($1::text is null or r.analysis = $1)
            and not exists (select 1 from pellucid.review_report e where e.analysis = r.analysis
              and e.state in ('owed', 'unsure') and e.made_at < r.made_at)
          order by r.made_at limit 1 for update skip locked
        ) returning *
      )
      select t.id, t.analysis, t.content, t.state, t.uid, t.series, t.tries, c.study, c.report, c.report_series,
        b.uid as before_uid, b.series as before_series
      from taken t join pellucid.review_case c on c.analysis = t.analysis
      left join lateral (
        select uid, series from pellucid.review_report s where s.analysis = t.analysis and s.state = 'stored'
        order by s.made_at desc limit 1
      ) b on true`,
    [analysis ?? null],
  );
  return row === undefined ? undefined : Claimed.parse(row);
}

async function send(options: OutboxOptions, it: Claimed): Promise<void> {
  const { sql, fetch, write, store } = options;
  if (it.uid && it.series && (await isThere(options, it.study, it.series, it.uid)))
    return stored(options, it, it.uid);
  if (it.state === 'unsure') return withdrawn(sql, it);
  const report = await fetch({
    StudyInstanceUID: it.study,
    SeriesInstanceUID: it.report_series ?? '',
    SOPInstanceUID: it.report ?? '',
  });
  const predecessor =
    it.before_uid && it.before_series
      ? { SeriesInstanceUID: it.before_series, SOPInstanceUID: it.before_uid }
      : undefined;
  const object = write(report, it.content, predecessor);
  // An amendment that came meanwhile withdrew it: then nothing is sent.
  const [owed] = await sql.query(
    `update pellucid.review_report set uid = $2, series = $3 where id = $1 and state = 'owed' returning id`,
    [it.id, object.SOPInstanceUID, object.SeriesInstanceUID],
  );
  if (!owed) return;
  await store(object);
  await stored(options, it, object.SOPInstanceUID);
}

async function isThere(
  { fetch }: OutboxOptions,
  StudyInstanceUID: string,
  SeriesInstanceUID: string,
  SOPInstanceUID: string,
): Promise<boolean> {
  try {
    await fetch({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID });
    return true;
  } catch (error) {
    if (asFault(error).code === 'NOT_FOUND') return false;
    throw error;
  }
}

async function stored({ sql, onStored }: OutboxOptions, it: Claimed, uid: string): Promise<void> {
  await sql.transaction(async (tx) => {
    await adopt(tx, it.id);
    await tx.query(
      `update pellucid.review_report set state = 'stored', fault = null, stored_at = clock_timestamp() where id = $1`,
      [it.id],
    );
    await showWaiting(tx, it.analysis);
  });
  onStored({ analysis: it.analysis, study: it.study, report: uid, content: it.content });
}

const withdrawn = (sql: Sql, it: Claimed): Promise<void> =>
  sql.transaction(async (tx) => {
    await tx.query(`update pellucid.review_report set state = 'withdrawn' where id = $1`, [it.id]);
    await showWaiting(tx, it.analysis);
  });

async function putBack(sql: Sql, { id, analysis, tries }: Claimed, fault: Fault): Promise<void> {
  const { code, detail, spec } = fault;
  const pause = Math.min(LONGEST_PAUSE_S, 2 ** Math.min(tries, 10));
  log.warn({ analysis, code, detail, tries, againInS: pause }, 'a verified report waits for the archive');
  await sql.query(
    `update pellucid.review_report set fault = $2::jsonb, due = clock_timestamp() + $3::int * interval '1 second' where id = $1`,
    [id, JSON.stringify({ code, detail, action: spec.action }), pause],
  );
}
