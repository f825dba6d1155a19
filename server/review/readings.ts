import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import { Reading, type Signature, type SignedReading } from './contract/reading.ts';
import { CASE_STATES, type CaseState } from './contract/worklist.ts';
import { caseOf, type Reader, write } from './reading-rows.ts';
import { heldOf, settle } from './settle.ts';
import { assertOfAll, type MayRead, mayRead, roleOf } from './who-reads.ts';

/** How far a case is. */
export interface Standing {
  readonly state: CaseState;
  /** SOP Instance UID of the newest verified report that the archive holds. */
  readonly report?: string;
}

/** What became of a signature. */
export interface Kept extends Standing {
  readonly id: string;
  readonly StudyInstanceUID: string;
  /** False where the same key had signed before. */
  readonly isNew: boolean;
}

/** What of the readings of a case a caller may see. */
export interface Seen {
  /** Also those that were amended, in the order in which they were signed. */
  readonly readings: readonly SignedReading[];
  readonly hidden: number;
  readonly mine?: string;
  readonly draft?: Reading;
  readonly may: MayRead;
}

export interface Readings {
  /**
   * Signs as this person; the same key again changes nothing and answers the same. Throws NOT_FOUND, REQUEST_INVALID when it is not of all findings,
   * READING_REFUSED when the caller has signed already or is not asked any more.
   */
  sign(analysis: string, signature: Signature, reader: Reader): Promise<Kept>;
  /** Kept for the caller until signed. Throws NOT_FOUND. */
  draft(analysis: string, reading: Reading, subject: string): Promise<void>;
  stateOf(analysis: string): Promise<Standing>;
  /** Throws NOT_FOUND. */
  seenBy(analysis: string, subject: string): Promise<Seen>;
}

export function openReadings(sql: Sql): Readings {
  return {
    sign: (analysis, signature, reader) =>
      sql.transaction(async (tx) => {
        // Holds the row: of two who sign at once the second sees what the first said.
        const it = await caseOf(tx, analysis, true);
        const before = await signedWith(tx, signature.key);
        if (before) {
          if (before.analysis !== analysis || before.subject !== reader.subject)
            throw new Fault('REQUEST_INVALID', 'key: it was used for another signature');
          return {
            id: before.id,
            isNew: false,
            StudyInstanceUID: it.study,
            ...(await stateOf(tx, analysis)),
          };
        }
        assertOfAll(signature.reading, it.findings);
        const held = await heldOf(tx, analysis);
        const role = roleOf(it.state, held, reader.subject, signature.amends);
        const id = await write(tx, analysis, { ...signature, role, reader });
        await settle(tx, analysis);
        return { id, isNew: true, StudyInstanceUID: it.study, ...(await stateOf(tx, analysis)) };
      }),

    stateOf: (analysis) => stateOf(sql, analysis),

    draft: async (analysis, reading, subject) => {
      await caseOf(sql, analysis);
      await sql.query(
        `insert into pellucid.review_draft (analysis, subject, reading) values ($1, $2, $3::jsonb)
          on conflict (analysis, subject) do update set reading = excluded.reading, at = clock_timestamp()`,
        [analysis, subject, JSON.stringify(reading)],
      );
    },

    seenBy: async (analysis, subject) => {
      const it = await caseOf(sql, analysis);
      const all = z.array(StoredReading).parse(
        await sql.query(
          `select id, subject, name, role, reading, at, amended_by from pellucid.review_reading
            where analysis = $1 order by at, id`,
          [analysis],
        ),
      );
      const isOpen = it.state === 'unread' || it.state === 'reading';
      const seen = all.filter((r) => !(it.blind && isOpen) || r.subject === subject);
      const mine = all.find((r) => r.subject === subject && r.amended_by === null);
      const [drafted] = await sql.query(
        'select reading from pellucid.review_draft where analysis = $1 and subject = $2',
        [analysis, subject],
      );
      return {
        readings: seen.map(told),
        hidden: all.filter((r) => r.amended_by === null && !seen.includes(r)).length,
        ...(mine ? { mine: mine.id } : {}),
        ...(drafted ? { draft: z.object({ reading: Reading }).parse(drafted).reading } : {}),
        may: mayRead(it.state, await heldOf(sql, analysis), subject),
      };
    },
  };
}

async function signedWith(tx: Sql, key: string) {
  const [row] = await tx.query(
    'select id, analysis, subject from pellucid.review_reading where key = $1::uuid',
    [key],
  );
  return row === undefined
    ? undefined
    : z.object({ id: z.string(), analysis: z.string(), subject: z.string() }).parse(row);
}

async function stateOf(tx: Sql, analysis: string): Promise<Standing> {
  const [row] = await tx.query(
    `select c.state, (select r.uid from pellucid.review_report r where r.analysis = c.analysis and r.state = 'stored'
        order by r.made_at desc limit 1) as report
      from pellucid.review_case c where c.analysis = $1`,
    [analysis],
  );
  const { state, report } = z
    .object({ state: z.enum(CASE_STATES), report: z.string().nullable() })
    .parse(row);
  return { state, ...(report === null ? {} : { report }) };
}

const StoredReading = z.object({
  id: z.string(),
  subject: z.string(),
  name: z.string(),
  role: z.enum(['reader', 'arbiter']),
  reading: Reading,
  at: z.date(),
  amended_by: z.string().nullable(),
});

const told = (r: z.infer<typeof StoredReading>): SignedReading => ({
  id: r.id,
  reader: { subject: r.subject, name: r.name },
  role: r.role,
  reading: r.reading,
  at: r.at.toISOString(),
  ...(r.amended_by === null ? {} : { amendedBy: r.amended_by }),
});
