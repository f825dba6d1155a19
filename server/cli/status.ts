import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import { askServer, OUR_SERVER } from './our-server.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say pellucid status [--json]. ${OUR_SERVER}`;

const Status = z.object({
  waiting: z.array(z.object({ priority: z.string(), count: z.number(), oldestS: z.number() })),
  parked: z.number(),
  held: z.number(),
  running: z.array(z.object({ state: z.string() })),
  workers: z.object({
    processes: z.number(),
    atOnce: z.number(),
    silent: z.object({ processes: z.number(), longestS: z.number() }).optional(),
  }),
  visible: z.object({ medianS: z.number(), p95S: z.number() }).optional(),
  failures: z.array(z.object({ code: z.string(), count: z.number() })),
  ended: z.record(z.string(), z.number()),
  archiveMs: z.number().optional(),
  rules: z.object({ refused: z.object({ detail: z.string() }).optional() }).optional(),
});

/** `pellucid status`: how deep the queue is, how long results take, what works and what failed, by a running server. */
export async function statusCommand(args: readonly string[]): Promise<void> {
  const { values, positionals } = readWords(args, { usage: USAGE, options: { json: { type: 'boolean' } } });
  if (positionals.length > 0) throw new Fault('REQUEST_INVALID', USAGE);
  const answer = await askServer('/api/status');
  if (values.json) return say(JSON.stringify(answer, null, 1));
  for (const line of linesOf(Status.parse(answer))) say(line);
}

function linesOf(status: z.infer<typeof Status>): readonly string[] {
  const { waiting, parked, held, running, workers, visible, failures, ended, archiveMs, rules } = status;
  const line = (name: string, text: string): string => `${name.padEnd(8)} ${text}`;
  const { processes, atOnce, silent } = workers;
  const unheard = silent ? `; no word from ${silent.processes} of them for ${silent.longestS} s` : '';
  const works =
    processes > 0
      ? `${processes} ${processes === 1 ? 'process works' : 'processes work'} on ${atOnce} at once${unheard}`
      : 'no process takes work: start pellucid work';
  return [
    ...waiting.map(({ priority, count, oldestS }) =>
      line('waiting', `${priority} ${count}, the oldest for ${oldestS} s`),
    ),
    ...(waiting.length === 0 ? [line('waiting', 'nothing')] : []),
    ...(parked > 0 ? [line('kept', `${parked} kept back: their model was stopped`)] : []),
    ...(held > 0 ? [line('held', `${held} series, until their study is complete`)] : []),
    line('running', `${running.length}${running.length > 0 ? ` (${statesOf(running)})` : ''}`),
    line('workers', works),
    line(
      'latency',
      visible
        ? `${seconds(visible.medianS)} from arrival to visible, 19 of 20 within ${seconds(visible.p95S)} (24 h)`
        : 'nothing was done in 24 h',
    ),
    ...failures.map(({ code, count }) => line('failed', `${count} × ${code || 'without a code'}`)),
    ...(failures.length === 0 ? [line('failed', 'nothing that was not tried again or left at that')] : []),
    line(
      'ended',
      `in 24 h: ${
        Object.entries(ended)
          .map(([state, count]) => `${count} ${state}`)
          .join(', ') || 'nothing'
      }`,
    ),
    line('archive', archiveMs === undefined ? 'does not answer' : `answers in ${Math.round(archiveMs)} ms`),
    ...(rules?.refused
      ? [line('rules', `the file is refused, those before it stay in force: ${rules.refused.detail.trim()}`)]
      : []),
  ];
}

const seconds = (s: number): string => `${s.toFixed(1)} s`;

/** `2 inferring, 1 storing` */
const statesOf = (running: readonly { readonly state: string }[]): string =>
  [...new Set(running.map(({ state }) => state))]
    .map((state) => `${running.filter((a) => a.state === state).length} ${state}`)
    .join(', ');
