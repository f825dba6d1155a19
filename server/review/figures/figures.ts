import { z } from 'zod';
import { Fault } from '../../shared/fault.ts';
import type { FigureQuery, Figures } from '../contract/figures.ts';
import { COUNTS, countsOf, REASONS } from './counts.ts';
import { moved } from './moved.ts';
import { PAIRS, readersOf } from './readers.ts';
import { parametersOf, type Query, RESULTS, type Selection } from './selection.ts';
import { TIMES, timesOf } from './times.ts';
import { titlesOf } from './titles.ts';
import { WEEKS, weeksOf } from './weeks.ts';

/** Half a year. */
const DAYS = 182;

/** What the readings say of one finding of one model. Throws NOT_FOUND when the model has no result of it. */
export async function figures(query: Query, asked: FigureQuery, now = new Date()): Promise<Figures> {
  const selection = await selectionOf(query, asked, now);
  const { model, finding, from, to } = selection;
  const [{ counts, reasons, byWeek, pairs, times }, drift] = await Promise.all([
    tally(query, selection),
    moved(query, selection),
  ]);
  const counted = countsOf(counts, reasons);
  const said = {
    model,
    versions: counted.groups.version.map(({ name }) => name),
    finding,
    from,
    to,
    ...counted,
    ...weeksOf(byWeek),
    ...readersOf(pairs),
    ...timesOf(times),
    ...drift,
  };
  return { ...said, titles: titlesOf(said) };
}

const rowsOf = z
  .array(z.unknown())
  .nullable()
  .transform((rows) => rows ?? []);
const Tally = z.object({ counts: rowsOf, reasons: rowsOf, byWeek: rowsOf, pairs: rowsOf, times: rowsOf });

/** The results are gone through once, and all that is counted is counted of that. */
async function tally(query: Query, selection: Selection): Promise<z.infer<typeof Tally>> {
  const counted = { counts: COUNTS, reasons: REASONS, byWeek: WEEKS, pairs: PAIRS, times: TIMES };
  const columns = Object.entries(counted).map(
    ([name, sql]) => `(select jsonb_agg(x) from (${sql}) x) as "${name}"`,
  );
  const [row] = await query(`with ${RESULTS} select ${columns.join(', ')}`, parametersOf(selection));
  return Tally.parse(row);
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
