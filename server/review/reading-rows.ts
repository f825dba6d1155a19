import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import type { Signature } from './contract/reading.ts';
import { CASE_STATES } from './contract/worklist.ts';

/** Who reads. */
export interface Reader {
  readonly subject: string;
  readonly name: string;
}

/** A reading in its row, in the place of the one that it amends; the draft ends. Gives its id. */
export async function write(
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

const CaseRow = z.object({
  study: z.string(),
  findings: z.int(),
  state: z.enum(CASE_STATES),
  blind: z.boolean(),
  wanted: z.int(),
});

export async function caseOf(sql: Sql, analysis: string, hold = false): Promise<z.infer<typeof CaseRow>> {
  const [row] = await sql.query(
    `select study, findings, state, blind, wanted from pellucid.review_case where analysis = $1${hold ? ' for update' : ''}`,
    [analysis],
  );
  if (!row) throw new Fault('NOT_FOUND', `no result ${analysis} is there to be reviewed`);
  return CaseRow.parse(row);
}
