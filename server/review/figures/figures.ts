import { z } from 'zod';
import { Fault } from '../../shared/fault.ts';
import type { Sql } from '../../shared/sql.ts';
import type { FigureQuery, Figures } from '../contract/figures.ts';
import { COUNTS, countsOf, REASONS, WHOLE } from './counts.ts';
import { moved } from './moved.ts';
import { PAIRS, readersOf } from './readers.ts';
import { parametersOf, type Query, RESULTS, type Selection } from './selection.ts';
import { TIMES, timesOf } from './times.ts';
import { titlesOf } from './titles.ts';
import { WEEKS, weeksOf } from './weeks.ts';

/** Half a year. */
const DAYS = 182;

/** What the readings say of one finding of one model. Throws NOT_FOUND when the model has no result of it. */
export async function figures(sql: Sql, asked: FigureQuery, now = new Date()): Promise<Figures> {
  const query = sql.query.bind(sql);
  const selection = await selectionOf(query, asked, now);
  const { model, finding, from, to } = selection;
  const [{ byWeek, pairs, times, ...rest }, drift] = await Promise.all([
    tally(sql, selection),
    moved(query, selection),
  ]);
  const said = {
    model,
    finding,
    from,
    to,
    ...countsOf(rest),
    ...weeksOf(byWeek),
    ...readersOf(pairs),
    ...timesOf(times),
    ...drift,
  };
  return { ...said, titles: titlesOf(said) };
}

const rowsOf = z
  .array(z.unknown())
  .nullish()
  .transform((rows) => rows ?? []);
const Tally = z.object({
  whole: rowsOf,
  counts: rowsOf,
  reasons: rowsOf,
  byWeek: rowsOf,
  pairs: rowsOf,
  times: rowsOf,
});

/** What is gone through is kept in memory, and no time goes into compiling a statement that runs for a part of a second. */
const SETTINGS = [`set local work_mem = '64MB'`, 'set local jit = off'];

const COUNTED = {
  whole: WHOLE,
  counts: COUNTS,
  reasons: REASONS,
  byWeek: WEEKS,
  pairs: PAIRS,
  times: TIMES,
};
const EVERY = Object.keys(COUNTED) as readonly (keyof typeof COUNTED)[];

/** The results are gone through once, and all that is counted, or what is named of it, is counted of that. */
export async function tally(
  sql: Sql,
  selection: Selection,
  names: readonly (keyof typeof COUNTED)[] = EVERY,
): Promise<z.infer<typeof Tally>> {
  const columns = names.map((name) => `(select jsonb_agg(x) from (${COUNTED[name]}) x) as "${name}"`);
  return sql.transaction(async (tx) => {
    for (const setting of SETTINGS) await tx.query(setting);
    const [row] = await tx.query(`with ${RESULTS} select ${columns.join(', ')}`, parametersOf(selection));
    return Tally.parse(row);
  });
}

const Label = z.object({ label: z.string() });

/** The first finding of the model's newest result, where none is named; the last half year. */
export async function selectionOf(query: Query, asked: FigureQuery, now = new Date()): Promise<Selection> {
  const [found] = z.array(Label).parse(
    await query(
      `select f.label from pellucid.review_case c join pellucid.review_finding f on f.analysis = c.analysis
      where c.model_id = $1 and ($2::text is null or f.label = $2) order by c.made_at desc, f.n limit 1`,
      [asked.model, asked.finding ?? null],
    ),
  );
  if (!found)
    throw new Fault(
      'NOT_FOUND',
      `${asked.model} has no result${asked.finding === undefined ? '' : ` with the finding "${asked.finding}"`}`,
    );
  const to = asked.to ?? now.toISOString();
  const from = asked.from ?? new Date(new Date(to).getTime() - DAYS * 86_400_000).toISOString();
  return { ...asked, finding: found.label, from, to };
}
