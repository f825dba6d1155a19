import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import { Reading, type Signature, type SignedReading } from './contract/reading.ts';
import { CASE_STATES, type CaseState } from './contract/worklist.ts';
import { heldOf, type ReportContent, settle } from './settle.ts';
import { assertOfAll, type MayRead, mayRead, roleOf } from './who-reads.ts';

export interface Reader {
  readonly subject: string;
  readonly name: string;
}

export interface ReportUids {
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
}

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
  /**
   * Before a report is assessed outside of the console: the verified report that the new one follows, by the UID of the report or of one that verified it;
   * undefined where there is none, or the report is of no case. Throws READING_REFUSED when this person is not asked.
   */
  beforeAssessing(report: string, subject: string): Promise<ReportUids | undefined>;
  /** What was assessed and verified outside of the console becomes the person's reading, or amends it. Of a report of no case nothing is kept. */
  adopt(
    report: string,
    it: Reader & { readonly reading: Reading; readonly written: ReportUids },
  ): Promise<void>;
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

    beforeAssessing: async (report, subject) => {
      const analysis = await caseWith(sql, report);
      if (analysis === undefined) return undefined;
      const it = await caseOf(sql, analysis);
      const held = await heldOf(sql, analysis);
      if (!held.some((h) => h.subject === subject)) roleOf(it.state, held, subject, undefined);
      return newestReport(sql, analysis);
    },

    adopt: (report, { reading, written, ...reader }) =>
      sql.transaction(async (tx) => {
        const analysis = await caseWith(tx, report);
        if (analysis === undefined) return;
        const it = await caseOf(tx, analysis, true);
        assertOfAll(reading, it.findings);
        const held = await heldOf(tx, analysis);
        const own = held.find((h) => h.subject === reader.subject)?.id;
        const role = roleOf(it.state, held, reader.subject, own);
        const id = await write(tx, analysis, {
          key: randomUUID(),
          reading,
          role,
          reader,
          ...(own ? { amends: own } : {}),
        });
        // It is in the archive already: nothing is owed for it alone.
        await tx.query(
          `insert into pellucid.review_report (id, analysis, readings, content, state, uid, series, due, made_at, stored_at)
            values ($1, $2, $3::text[], $4::jsonb, 'stored', $5, $6, clock_timestamp(), clock_timestamp(), clock_timestamp())`,
          [
            randomUUID(),
            analysis,
            [id],
            JSON.stringify(contentOfOne(reader, reading)),
            written.SOPInstanceUID,
            written.SeriesInstanceUID,
          ],
        );
        await settle(tx, analysis);
      }),

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

/** A reading in its row, in the place of the one that it amends; the draft ends. Gives its id. */
async function write(
  tx: Sql,
  analysis: string,
  {
    key,
    reading,
    amends,
    role,
    reader,
  }: Signature & { readonly role: 'reader' | 'arbiter'; readonly reader: Reader },
): Promise<string> {
  const id = randomUUID();
  if (amends)
    await tx.query('update pellucid.review_reading set amended_by = $2 where id = $1', [amends, id]);
  await tx.query(
    `insert into pellucid.review_reading (id, analysis, subject, name, role, reading, at, key, amends)
      values ($1, $2, $3, $4, $5, $6::jsonb, clock_timestamp(), $7::uuid, $8)`,
    [id, analysis, reader.subject, reader.name, role, JSON.stringify(reading), key, amends ?? null],
  );
  await tx.query('delete from pellucid.review_draft where analysis = $1 and subject = $2', [
    analysis,
    reader.subject,
  ]);
  return id;
}

/** The case of a report, or of a verified one that followed it. */
async function caseWith(sql: Sql, report: string): Promise<string | undefined> {
  const [row] = await sql.query(
    `select analysis from pellucid.review_case where report = $1
      union all select analysis from pellucid.review_report where uid = $1 limit 1`,
    [report],
  );
  return row === undefined ? undefined : z.object({ analysis: z.string() }).parse(row).analysis;
}

async function newestReport(sql: Sql, analysis: string): Promise<ReportUids | undefined> {
  const [row] = await sql.query(
    `select uid as "SOPInstanceUID", series as "SeriesInstanceUID" from pellucid.review_report
      where analysis = $1 and state = 'stored' order by made_at desc limit 1`,
    [analysis],
  );
  return row === undefined
    ? undefined
    : z.object({ SOPInstanceUID: z.string(), SeriesInstanceUID: z.string() }).parse(row);
}

const contentOfOne = ({ subject, name }: Reader, reading: Reading): ReportContent => {
  const at = new Date().toISOString();
  return {
    persons: [{ subject, name, at }],
    verdicts: reading.findings.map(({ finding, verdict, reasons }) => ({ finding, verdict, reasons })),
    notes: reading.note ? [reading.note] : [],
    at,
  };
};

const CaseRow = z.object({
  study: z.string(),
  findings: z.int(),
  state: z.enum(CASE_STATES),
  blind: z.boolean(),
});

async function caseOf(sql: Sql, analysis: string, hold = false): Promise<z.infer<typeof CaseRow>> {
  const [row] = await sql.query(
    `select study, findings, state, blind from pellucid.review_case where analysis = $1${hold ? ' for update' : ''}`,
    [analysis],
  );
  if (!row) throw new Fault('NOT_FOUND', `no result ${analysis} is there to be reviewed`);
  return CaseRow.parse(row);
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
