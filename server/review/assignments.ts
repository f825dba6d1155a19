import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import { refresh } from './plans.ts';
import type { Reader } from './reading-rows.ts';
import { settle } from './settle.ts';

/** Gives a case to a reader or takes it back, as `by` decided; the same again changes nothing. What is given to someone is owed. Throws NOT_FOUND. */
export async function assign(
  sql: Sql,
  analysis: string,
  { reader, assigned, by }: { readonly reader: Reader; readonly assigned: boolean; readonly by: string },
): Promise<void> {
  await sql.transaction(async (tx) => {
    const [row] = await tx.query('select 1 from pellucid.review_case where analysis = $1 for update', [
      analysis,
    ]);
    if (!row) throw new Fault('NOT_FOUND', `no result ${analysis} is there to be reviewed`);
    if (assigned)
      await tx.query(
        `insert into pellucid.review_assignment (analysis, subject, name, by_subject) values ($1, $2, $3, $4)
          on conflict (analysis, subject) do update set name = excluded.name`,
        [analysis, reader.subject, reader.name, by],
      );
    else
      await tx.query('delete from pellucid.review_assignment where analysis = $1 and subject = $2', [
        analysis,
        reader.subject,
      ]);
    await refresh(tx, [analysis], settle);
  });
}

/** A person who has read or was given something here before. Throws NOT_FOUND. */
export async function readerBySubject(sql: Sql, subject: string): Promise<Reader> {
  const [row] = await sql.query(
    `select subject, name from (
        select subject, name, at from pellucid.review_reading union all
        select subject, name, at from pellucid.review_assignment
      ) p where subject = $1 order by at desc limit 1`,
    [subject],
  );
  if (!row)
    throw new Fault('NOT_FOUND', 'no reader is known by this subject: he takes his first case himself');
  return z.object({ subject: z.string(), name: z.string() }).parse(row);
}
