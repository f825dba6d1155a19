import { z } from 'zod';
import { STATES } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { askServer, OUR_SERVER, tellServer } from './our-server.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say one of
  pellucid analysis list [--state failed] [--study <StudyInstanceUID>] [--last 50]
  pellucid analysis show <id>                      its timeline, objects, fault with what to do, and log
  pellucid analysis retry <id>                     what failed or was cancelled
  pellucid analysis retry --code STORE_REFUSED     all that failed by one fault
  pellucid analysis cancel <id>                    what waits or is at work; what failed is left at that
  pellucid analysis cancel --code STORE_REFUSED    all that failed by one fault are left at that
  pellucid analysis rerun <id> [--model id@1.2.0]  again, or by another version
  pellucid analysis compare <id@1.0.0> <id@2.0.0> [--last 500]   two versions on the images that both have read
with --json for scripts. ${OUR_SERVER}`;

const Seen = z.object({
  id: z.string(),
  StudyInstanceUID: z.string(),
  SeriesInstanceUID: z.string(),
  modelId: z.string().nullable(),
  modelVersion: z.string().nullable(),
  state: z.enum(STATES),
  reason: z.string().nullable(),
  parked: z.string().nullable(),
  fault: z.object({ code: z.string(), detail: z.string(), action: z.string() }).nullable(),
  attempts: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
type Seen = z.infer<typeof Seen>;
const Listed = z.object({ analyses: z.array(Seen) });
const Held = z.object({ held: z.array(z.object({ StudyInstanceUID: z.string() })) });
const Shown = Seen.extend({
  why: z.string().nullable(),
  mode: z.string().nullable(),
  priority: z.string(),
  instanceCount: z.number(),
  findings: z.array(z.looseObject({ sentence: z.string() })),
  objects: z.array(z.looseObject({ kind: z.string(), SOPInstanceUID: z.string() })),
});
const Told = z.object({
  history: z.array(
    z.object({
      at: z.string(),
      state: z.string().optional(),
      fault: z.string().optional(),
      detail: z.string().optional(),
    }),
  ),
});

/** `pellucid analysis`: what became of analyses, and what an operator does about it, by a running server. */
export async function analysisCommand([verb, ...args]: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [first, second] = positionals.map(encodeURIComponent);
  const json = values.json === true;
  if (verb === 'list') return list(values, json);
  if (verb === 'show' && first) return show(first, json);
  if (verb === 'retry' && values.code) {
    const { retried } = z
      .object({ retried: z.number() })
      .parse(await askServer('/api/analyses/retry', { code: values.code }));
    return say(json ? JSON.stringify({ retried }) : `${retried} are tried again.`);
  }
  if (verb === 'cancel' && values.code) {
    const { cancelled } = z
      .object({ cancelled: z.number() })
      .parse(await askServer('/api/analyses/cancel', { code: values.code }));
    return say(json ? JSON.stringify({ cancelled }) : `${cancelled} are left at that.`);
  }
  if ((verb === 'retry' || verb === 'cancel') && first) {
    await tellServer(`/api/analyses/${first}/${verb}`);
    return say(json ? '{}' : verb === 'retry' ? 'It is tried again.' : 'It is cancelled.');
  }
  if (verb === 'rerun' && first) {
    const made = await askServer(`/api/analyses/${first}/rerun`, values.model ? { model: values.model } : {});
    return say(json ? JSON.stringify(made) : `It is queued: ${z.object({ id: z.string() }).parse(made).id}`);
  }
  if (verb === 'compare' && first && second)
    return say(
      JSON.stringify(
        await askServer(`/api/compare?a=${first}&b=${second}&limit=${values.last ?? 500}`),
        null,
        1,
      ),
    );
  throw new Fault('REQUEST_INVALID', USAGE);
}

async function list(
  { state, study, last }: { readonly state?: string; readonly study?: string; readonly last?: string },
  json: boolean,
): Promise<void> {
  const asked = new URLSearchParams({
    limit: last ?? '50',
    ...(state ? { state } : {}),
    ...(study ? { StudyInstanceUID: study } : {}),
  });
  const { analyses } = Listed.parse(await askServer(`/api/analyses?${asked}`));
  if (json) return say(JSON.stringify(analyses, null, 1));
  for (const analysis of analyses) say(lineOf(analysis));
  if (analyses.length === 0) say('There is none.');
  if (state) return;
  const held = new Set(Held.parse(await heldOf(study)).held.map((h) => h.StudyInstanceUID)).size;
  if (held > 0)
    say(
      `${held} ${held === 1 ? 'study is' : 'studies are'} held by a rule until complete: pellucid route held${study ? ` ${study}` : ''}`,
    );
}

/** What is not decided yet has no analysis. */
const heldOf = (study: string | undefined): Promise<unknown> =>
  askServer(`/api/held${study ? `?StudyInstanceUID=${encodeURIComponent(study)}` : ''}`);

const minute = (at: string): string => at.slice(0, 16).replace('T', ' ');
const modelOf = ({ modelId, modelVersion }: Seen): string =>
  modelId ? `${modelId}@${modelVersion}` : 'no model';

function lineOf(analysis: Seen): string {
  const { id, StudyInstanceUID, SeriesInstanceUID, state, attempts, updatedAt } = analysis;
  const what = [
    state.padEnd(10),
    minute(updatedAt),
    id,
    modelOf(analysis),
    `${attempts} ${attempts === 1 ? 'try' : 'tries'}`,
  ].join('  ');
  return [what, `study ${StudyInstanceUID}, series ${SeriesInstanceUID}`, ...whyOf(analysis)].join(
    '\n           ',
  );
}

const whyOf = ({ fault, parked, reason }: Seen): readonly string[] =>
  fault
    ? [`${fault.code}: ${fault.detail}`, `Do: ${fault.action}`]
    : [parked ?? reason ?? ''].filter(Boolean);

/** What became of one, line by line, and each state and fault with its time: identifiers only, so that it can be passed on. */
async function show(id: string, json: boolean): Promise<void> {
  const [record, told] = await Promise.all([
    askServer(`/api/analyses/${id}`),
    askServer(`/api/analyses/${id}/history`),
  ]);
  const { history } = Told.parse(told);
  if (json) return say(JSON.stringify({ ...(record as object), history }, null, 1));
  const a = Shown.parse(record);
  const line = (name: string, text: string | null): void =>
    text ? say(`${name.padEnd(10)} ${text}`) : undefined;
  line('analysis', a.id);
  line(
    'state',
    `${a.state} since ${minute(a.updatedAt)} UTC, ${a.attempts} ${a.attempts === 1 ? 'try' : 'tries'}`,
  );
  line('model', `${modelOf(a)}${a.mode ? `, ${a.mode}` : ''}, ${a.priority}`);
  line('study', a.StudyInstanceUID);
  line('series', `${a.SeriesInstanceUID}, ${a.instanceCount} ${a.instanceCount === 1 ? 'image' : 'images'}`);
  line('arrived', `${minute(a.createdAt)} UTC`);
  line('why', a.why);
  for (const why of whyOf(a)) line(a.fault ? 'fault' : 'why not', why);
  for (const { sentence } of a.findings) line('finding', sentence);
  for (const { kind, SOPInstanceUID } of a.objects) line('object', `${kind} ${SOPInstanceUID}`);
  say('');
  history.forEach(({ at, state, fault, detail }, i) => {
    const next = history.slice(i + 1).find((entry) => entry.state !== undefined);
    const took = state && next ? `  ${((Date.parse(next.at) - Date.parse(at)) / 1000).toFixed(1)} s` : '';
    say(
      `${new Date(at).toISOString().slice(0, 23).replace('T', ' ')}  ${fault ? `${fault} ${detail ?? ''}` : state}${took}`,
    );
  });
}

const read = (args: readonly string[]) =>
  readWords(args, {
    usage: USAGE,
    options: {
      state: { type: 'string' },
      study: { type: 'string' },
      last: { type: 'string' },
      code: { type: 'string' },
      model: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
