import type { Analysis } from './demo-results.ts';
import { Fault } from './shared/fault.ts';
import { call, getJson, type Origin } from './shared/http.ts';

export interface SentSeries {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  /** False when the archive held all of it before. */
  readonly isNew: boolean;
}

/**
 * An archive of someone's own says nothing of a series that it held before, so the server would wait for ever: each model that reads it is
 * asked for, as the panel does. Throws MODEL_REFUSES_SERIES when none does.
 */
export async function askForKnown(
  server: Origin,
  sent: readonly SentSeries[],
  say: (line: string) => void,
): Promise<void> {
  const known = sent.filter(({ isNew }) => !isNew);
  if (known.length === 0) return;
  const { analyses } = (await getJson(server, '/api/analyses?limit=500')) as {
    readonly analyses: readonly Analysis[];
  };
  for (const { StudyInstanceUID, SeriesInstanceUID } of known) {
    if (analyses.some((a) => a.SeriesInstanceUID === SeriesInstanceUID)) continue;
    const query = new URLSearchParams({ StudyInstanceUID, SeriesInstanceUID });
    const { models } = (await getJson(server, `/api/on-demand?${query}`)) as {
      readonly models: readonly { readonly model: string; readonly runs: boolean; readonly why: string }[];
    };
    const able = models.filter(({ runs }) => runs);
    if (able.length === 0) {
      const whys = models.map(({ model, why }) => `${model}: ${why}`);
      throw new Fault('MODEL_REFUSES_SERIES', `no model reads what the archive holds:\n${whys.join('\n')}`);
    }
    say(`The archive held a series before: ${able.map(({ model }) => model).join(', ')} is asked for`);
    for (const { model } of able) await ask(server, { StudyInstanceUID, SeriesInstanceUID, model });
  }
}

async function ask(server: Origin, body: object): Promise<void> {
  const answer = await call(server, '/api/on-demand', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await answer.body.text();
  if (answer.status !== 202) throw new Fault('INTERNAL', `the server answered ${answer.status}: ${said}`);
}
