import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { asFault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';

/** A copy that is owed, sent or refused, as operators see it. */
export const Copy = z.object({
  /** The series, or the analysis whose results go. */
  object: z.string(),
  target: z.string(),
  kind: z.enum(['images', 'results']),
  study: StudyInstanceUID,
  series: z.string(),
  instances: z.int(),
  /** Of the set of instances. */
  fingerprint: z.string(),
  rule: z.string(),
  state: z.enum(['owed', 'sent', 'refused']),
  /** What became of it, in a sentence. */
  says: z.string(),
  fault: z.object({ code: z.string(), detail: z.string(), action: z.string() }).nullable(),
  tries: z.int(),
});
export type Copy = z.infer<typeof Copy>;

/** The images of a series that a rule wants copied. */
export interface Owed {
  readonly study: string;
  readonly series: string;
  readonly instances: number;
  /** Of the set of instances. */
  readonly fingerprint: string;
  readonly target: string;
  readonly rule: string;
  readonly results: boolean;
}

export interface CopyRecords {
  /** The same set of instances is owed once to a target; a later set is owed again. */
  owe(owed: Owed): Promise<void>;
  /** The results of analyses that are done, of series whose images have left. */
  oweResults(): Promise<void>;
  /** The oldest that is due, for this process alone for a while. */
  claim(): Promise<Copy | undefined>;
  /** It is at work still. */
  prolong(copy: Copy): Promise<void>;
  sent(copy: Copy, says: string): Promise<void>;
  /** Tried again where that may help, else it is refused; true for that. */
  failed(copy: Copy, error: unknown): Promise<boolean>;
  ofStudy(study: string): Promise<readonly Copy[]>;
  /** The latest that nobody has had tried again. */
  refused(limit: number): Promise<readonly Copy[]>;
  /** What was refused of a study is owed again; how many. */
  retry(study: string): Promise<number>;
}

const LEASE_S = 120;
const LONGEST_PAUSE_S = 300;
/** Half a day of pauses. */
const MOST_TRIES = 150;
const COLUMNS =
  'object, target, kind, study, series, instances, fingerprint, rule, state, says, fault, tries';

/** What goes to others is in the database: a server that ends leaves it to the next, and none is sent under two names, for names are derived. */
export function openCopyRecords(sql: Sql): CopyRecords {
  /** Of a set of instances that was replaced meanwhile nothing is said: the later one is owed. */
  const set = (copy: Copy, change: string, values: readonly unknown[]): Promise<readonly unknown[]> =>
    sql.query(`update pellucid.copy set ${change} where object = $1 and target = $2 and fingerprint = $3`, [
      copy.object,
      copy.target,
      copy.fingerprint,
      ...values,
    ]);
  return {
    async owe({ study, series, instances, fingerprint, target, rule, results }) {
      await sql.query(
        `insert into pellucid.copy (object, target, kind, study, series, instances, fingerprint, rule, results, state)
          values ($1, $2, 'images', $3, $1, $4, $5, $6, $7, 'owed')
          on conflict (object, target) do update set instances = $4, fingerprint = $5, rule = $6, results = $7,
            state = case when pellucid.copy.fingerprint = $5 then pellucid.copy.state else 'owed' end,
            tries = case when pellucid.copy.fingerprint = $5 then pellucid.copy.tries else 0 end,
            due = case when pellucid.copy.fingerprint = $5 then pellucid.copy.due else clock_timestamp() end`,
        [series, target, study, instances, fingerprint, rule, results],
      );
    },
    async oweResults() {
      await sql.query(
        `insert into pellucid.copy (object, target, kind, study, series, instances, fingerprint, rule, results, state)
          select a.id, c.target, 'results', a.study, a.series, jsonb_array_length(a.objects), a.fingerprint, c.rule, false, 'owed'
          from pellucid.copy c join pellucid.analysis a on a.series = c.series
          where c.kind = 'images' and c.state = 'sent' and c.results and a.state = 'done' and a.mode = 'clinical'
          on conflict (object, target) do nothing`,
      );
    },
    async claim() {
      const [row] = await sql.query(
        `update pellucid.copy set tries = tries + 1, due = clock_timestamp() + interval '${LEASE_S} seconds'
          where (object, target) = (
            select object, target from pellucid.copy where state = 'owed' and due <= clock_timestamp()
            order by made_at limit 1 for update skip locked
          ) returning ${COLUMNS}`,
      );
      return row === undefined ? undefined : Copy.parse(row);
    },
    async prolong(copy) {
      await set(copy, `due = clock_timestamp() + interval '${LEASE_S} seconds'`, []);
    },
    async sent(copy, says) {
      await set(copy, `state = 'sent', says = $4, fault = null, sent_at = clock_timestamp()`, [says]);
    },
    async failed(copy, error) {
      const { code, detail, spec } = asFault(error);
      const refused = !spec.retry || copy.tries >= MOST_TRIES;
      await set(
        copy,
        `state = $4, fault = $5::jsonb, due = clock_timestamp() + $6::int * interval '1 second'`,
        [
          refused ? 'refused' : 'owed',
          JSON.stringify({ code, detail, action: spec.action }),
          Math.min(LONGEST_PAUSE_S, 2 ** Math.min(copy.tries, 10)),
        ],
      );
      return refused;
    },
    async ofStudy(study) {
      const rows = await sql.query(
        `select ${COLUMNS} from pellucid.copy where study = $1 order by made_at, object`,
        [study],
      );
      return z.array(Copy).parse(rows);
    },
    async refused(limit) {
      const rows = await sql.query(
        `select ${COLUMNS} from pellucid.copy where state = 'refused' order by due desc limit $1`,
        [limit],
      );
      return z.array(Copy).parse(rows);
    },
    async retry(study) {
      const rows = await sql.query(
        `update pellucid.copy set state = 'owed', tries = 0, due = clock_timestamp()
          where study = $1 and state = 'refused' returning object`,
        [study],
      );
      return rows.length;
    },
  };
}
