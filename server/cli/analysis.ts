import { z } from 'zod';
import { STATES } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { askServer, OUR_SERVER, tellServer } from './our-server.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say one of
  pellucid analysis list [--state failed] [--study <StudyInstanceUID>] [--last 50]
  pellucid analysis retry <id>                     what failed or was cancelled
  pellucid analysis retry --code STORE_REFUSED     all that failed by one fault
  pellucid analysis cancel <id>                    what waits or is at work; what failed is left at that
  pellucid analysis cancel --code STORE_REFUSED    all that failed by one fault are left at that
  pellucid analysis rerun <id> [--model id@1.2.0]  again, or by another version
  pellucid analysis compare <id@1.0.0> <id@2.0.0> [--last 500]   two versions on the images that both have read
with --json for scripts. ${OUR_SERVER}`;

const Listed = z.object({
  analyses: z.array(
    z.object({
      id: z.string(),
      StudyInstanceUID: z.string(),
      modelId: z.string().nullable(),
      modelVersion: z.string().nullable(),
      state: z.enum(STATES),
      reason: z.string().nullable(),
      parked: z.string().nullable(),
      fault: z.object({ code: z.string(), detail: z.string(), action: z.string() }).nullable(),
      attempts: z.number(),
    }),
  ),
});
type Listed = z.infer<typeof Listed>['analyses'][number];

/** `pellucid analysis`: what became of analyses, and what an operator does about it, by a running server. */
export async function analysisCommand([verb, ...args]: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [first, second] = positionals.map(encodeURIComponent);
  const json = values.json === true;
  if (verb === 'list') return list(values, json);
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
}

function lineOf({
  id,
  StudyInstanceUID,
  modelId,
  modelVersion,
  state,
  reason,
  parked,
  fault,
  attempts,
}: Listed): string {
  const what = [
    state.padEnd(10),
    id,
    modelId ? `${modelId}@${modelVersion}` : 'no model',
    StudyInstanceUID,
    `${attempts} ${attempts === 1 ? 'try' : 'tries'}`,
  ].join('  ');
  const why = fault ? `${fault.code}: ${fault.detail}\n           Do: ${fault.action}` : (parked ?? reason);
  return why ? `${what}\n           ${why}` : what;
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
