import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { log } from '../shared/log.ts';
import type { Sql } from '../shared/sql.ts';
import type { Reading } from './contract/reading.ts';
import { caseOf, type Reader, write } from './reading-rows.ts';
import { heldOf, ReportContent, settle } from './settle.ts';
import { assertOfAll, mayRead, roleOf } from './who-reads.ts';

export interface ReportUids {
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
}

/** What the review knows of a report before it is assessed in a viewer. */
export interface UnderReview {
  readonly analysis: string;
  /** More readers are wanted: what is said is kept, and the verified report is written with theirs. */
  readonly isAwaited: boolean;
  /** The caller's own reading, which the assessment takes the place of. */
  readonly amends?: string;
  /** The verified report that a new one follows. */
  readonly predecessor?: ReportUids;
}

/** Assessments that are made outside of the console, in a viewer, are readings of the same case. */
export interface Adopting {
  /** By the UID of the report, or of one that verified it; undefined where it is no case. Throws READING_REFUSED when this person is not asked. */
  before(report: string, subject: string): Promise<UnderReview | undefined>;
  /**
   * A verified report that says this reading is about to be sent to the archive. From now on nothing is lost: where the process ends, the outbox asks the
   * archive for the report, and the reading counts when it is there. Gives the announcement's id. Throws REQUEST_INVALID when it is not of all findings.
   */
  announce(
    analysis: string,
    it: Reader & { readonly reading: Reading; readonly written: ReportUids },
  ): Promise<string>;
  /** The archive has confirmed it: it is the person's reading, or amends it. The same again changes nothing. */
  confirm(announcement: string): Promise<void>;
  /** The archive has not: the outbox asks at once whether it is there all the same. */
  fail(announcement: string): Promise<void>;
}

/** So long the sender has; then the outbox looks. */
const SENDING_S = 120;

export function openAdopting(sql: Sql): Adopting {
  return {
    async before(report, subject) {
      const analysis = await caseWith(sql, report);
      if (analysis === undefined) return undefined;
      const { state, wanted } = await caseOf(sql, analysis);
      const held = await heldOf(sql, analysis);
      const own = held.find((h) => h.subject === subject)?.id;
      if (own === undefined) roleOf(state, held, subject, undefined);
      const predecessor = await newestReport(sql, analysis);
      return {
        analysis,
        isAwaited: wanted > 1 && (state === 'unread' || state === 'reading'),
        ...(own ? { amends: own } : {}),
        ...(predecessor ? { predecessor } : {}),
      };
    },

    async announce(analysis, { reading, written, ...reader }) {
      assertOfAll(reading, (await caseOf(sql, analysis)).findings);
      const id = randomUUID();
      await sql.query(
        `insert into pellucid.review_report (id, analysis, readings, content, state, uid, series, due, made_at)
          values ($1, $2, '{}', $3::jsonb, 'unsure', $4, $5, clock_timestamp() + interval '${SENDING_S} seconds', clock_timestamp())`,
        [
          id,
          analysis,
          JSON.stringify(contentOfOne(reader, reading)),
          written.SOPInstanceUID,
          written.SeriesInstanceUID,
        ],
      );
      return id;
    },

    confirm: (announcement) => sql.transaction((tx) => adopt(tx, announcement)),

    fail: async (announcement) => {
      await sql.query(
        `update pellucid.review_report set due = clock_timestamp() where id = $1 and state = 'unsure'`,
        [announcement],
      );
    },
  };
}

const Announced = z.object({ analysis: z.string(), content: ReportContent });

/** Within the caller's transaction: the report that was announced is in the archive, so its reading counts. Of other reports it does nothing. */
export async function adopt(tx: Sql, announcement: string): Promise<void> {
  const [row] = await tx.query(
    `select analysis, content from pellucid.review_report
      where id = $1 and readings = '{}' and state <> 'stored' for update`,
    [announcement],
  );
  if (row === undefined) return;
  const { analysis, content } = Announced.parse(row);
  const [person] = content.persons;
  if (!person) return;
  const { state } = await caseOf(tx, analysis, true);
  const held = await heldOf(tx, analysis);
  const own = held.find((h) => h.subject === person.subject);
  const { may, as, why } = mayRead(state, held, person.subject);
  const readings: string[] = [];
  if (own || may)
    readings.push(
      await write(tx, analysis, {
        key: randomUUID(),
        reading: readingOf(content),
        role: own?.role ?? as,
        reader: person,
        ...(own ? { amends: own.id } : {}),
      }),
    );
  // Others were quicker: it stands in the archive, and does not count here.
  else log.warn({ analysis, why }, 'a verified report from a viewer is no reading');
  // It is in the archive already: nothing is owed for it alone.
  await tx.query(
    `update pellucid.review_report set state = 'stored', readings = $2::text[], stored_at = clock_timestamp() where id = $1`,
    [announcement, readings],
  );
  await settle(tx, analysis);
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

/** What `contentOfOne` was made of. */
const readingOf = ({ verdicts, notes: [note] }: ReportContent): Reading => ({
  findings: verdicts.map(({ finding, verdict, reasons }) => ({ finding, verdict, reasons })),
  ...(note ? { note } : {}),
});
