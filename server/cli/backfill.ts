import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import { askServer, OUR_SERVER, tellServer } from './our-server.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say one of
  pellucid backfill --from 2026-01-01 --to 2026-01-31 [--model id[@version]] [--rate 60] [--dry-run] [--detach]
  pellucid backfill list | stop <id> | resume <id> | follow <id>
with --json for scripts. The rate is studies in a minute. It runs in the server, and goes on when this ends. ${OUR_SERVER}`;

const Seen = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  model: z.string().nullable(),
  dryRun: z.boolean(),
  state: z.enum(['running', 'stopped', 'done', 'failed']),
  says: z.string(),
  day: z.string().nullable(),
  counts: z.object({
    studies: z.number(),
    series: z.number(),
    queued: z.number(),
    known: z.number(),
    skipped: z.number(),
    failed: z.number(),
  }),
});
type Seen = z.infer<typeof Seen>;

const LOOK_MS = 1_000;

/** `pellucid backfill`: models and rules are brought to studies of the past, by a running server. Ends when that is done. */
export async function backfillCommand(args: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [verb, id] = positionals;
  const json = values.json === true;
  if (verb === undefined && values.from && values.to) {
    const begun = Seen.parse(
      await askServer('/api/backfills', {
        from: values.from,
        to: values.to,
        ...(values.model ? { model: values.model } : {}),
        ...(values.rate ? { perMinute: Number(values.rate) } : {}),
        dryRun: values['dry-run'] === true,
      }),
    );
    return values.detach ? told(begun, json) : follow(begun.id, json);
  }
  if (verb === 'list') {
    const { backfills } = z.object({ backfills: z.array(Seen) }).parse(await askServer('/api/backfills'));
    if (json) return say(JSON.stringify(backfills, null, 1));
    return say(backfills.map(lineOf).join('\n') || 'There was no backfill yet.');
  }
  if (verb === 'follow' && id) return follow(id, json);
  if ((verb === 'stop' || verb === 'resume') && id)
    return told(Seen.parse(await tellServer(`/api/backfills/${encodeURIComponent(id)}/${verb}`)), json);
  throw new Fault('REQUEST_INVALID', USAGE);
}

/** A line that brings itself up to date in a terminal; without one the lines that differ. */
async function follow(id: string, json: boolean): Promise<void> {
  const { isTTY } = process.stderr;
  for (let last = ''; ; await wait(LOOK_MS)) {
    const seen = Seen.parse(await askServer(`/api/backfills/${encodeURIComponent(id)}`));
    const line = lineOf(seen);
    if (!json && line !== last) process.stderr.write(isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    last = line;
    if (seen.state === 'running') continue;
    if (isTTY && !json) process.stderr.write('\n');
    if (seen.state === 'failed') throw new Fault('BACKFILL_FAILED', seen.says);
    return json ? told(seen, json) : undefined;
  }
}

const told = (seen: Seen, json: boolean): void => say(json ? JSON.stringify(seen, null, 1) : lineOf(seen));

const DAY_MS = 86_400_000;
const BAR = 20;

/** `[####----] day 3 of 31 (2026-01-29): 120 studies, 240 series: 118 queued, …` */
function lineOf({ id, from, to, day, counts, state, says, dryRun }: Seen): string {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  const read = state === 'done' ? days : day === null ? 0 : (Date.parse(to) - Date.parse(day)) / DAY_MS;
  const full = Math.round((BAR * read) / days);
  const bar = `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}]`;
  const { studies, series, queued, known, skipped, failed } = counts;
  const what = `${studies} studies, ${series} series: ${queued} ${dryRun ? 'would be queued' : 'queued'}, ${known} known, ${skipped} skipped`;
  return [
    `${bar} ${read} of ${days} days`,
    what,
    failed > 0 ? `${failed} studies left out, see the log` : '',
    says,
    state === 'running' ? '' : state,
    id,
  ]
    .filter(Boolean)
    .join(', ');
}

const read = (args: readonly string[]) =>
  readWords(args, {
    usage: USAGE,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      model: { type: 'string' },
      rate: { type: 'string' },
      'dry-run': { type: 'boolean' },
      detach: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
