import { PRIORITIES } from '../contracts.ts';
import type { Analysis, Overview } from '../jobs/index.ts';
import { type Html, html } from './html.ts';
import { grid, more, orders, shadowMark, study, table } from './parts.ts';
import { duration } from './words.ts';

/** How many wait and for how long, and which of them are next. */
export function waiting(
  { waiting, next, parked }: Pick<Overview, 'waiting' | 'next' | 'parked'>,
  mayAct: boolean,
  at: Date,
): Html {
  const kept =
    parked > 0
      ? html`<p class="quiet">${parked} ${parked === 1 ? 'analysis is' : 'analyses are'} kept back: the model was stopped. They go on when it is enabled again.</p>`
      : undefined;
  const rows = waiting
    .toSorted((a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority))
    .map(
      (w) =>
        html`<tr><td>${w.priority}</td><td class="number">${w.count}</td><td class="number">${duration(w.oldestS)}</td></tr>`,
    );
  const figures =
    rows.length > 0
      ? table('Waiting', ['Priority', 'Analyses', 'Oldest'], rows)
      : html`<section><h2>Waiting</h2><p class="quiet">Nothing waits.</p></section>`;
  return html`${figures}${kept}${lines(next, mayAct, at)}${more('queued', next.length, countOf({ waiting, parked }))}`;
}

/** All that waits, from one on. */
export const waitingList = (
  overview: Pick<Overview, 'waiting' | 'parked'>,
  queued: readonly Analysis[],
  { mayAct, at, skip }: { readonly mayAct: boolean; readonly at: Date; readonly skip: number },
): Html =>
  html`<section><h2>Waiting <span>${countOf(overview)}, the next first</span></h2>${lines(queued, mayAct, at)}${more('queued', skip + queued.length, countOf(overview))}</section>`;

const countOf = ({ waiting, parked }: Pick<Overview, 'waiting' | 'parked'>): number =>
  waiting.reduce((sum, w) => sum + w.count, parked);

function lines(queued: readonly Analysis[], mayAct: boolean, at: Date): Html | undefined {
  if (queued.length === 0) return undefined;
  const rows = queued.map(
    (
      a,
    ) => html`<tr><td>${study(a)}</td><td>${a.modelId ?? ''} ${a.modelVersion ?? ''}</td><td>${a.priority}${shadowMark(a)}<br><span class="quiet">${whyItWaits(a)}</span></td>
<td class="number">${duration((at.getTime() - Date.parse(a.updatedAt)) / 1000)}</td><td>${mayAct ? orders(a, []) : undefined}</td></tr>`,
  );
  return grid(['Study', 'Model', 'Priority', 'Waits for', ''], rows);
}

const whyItWaits = ({ parked, notBefore, fault, attempts }: Analysis): string => {
  if (parked) return `kept back: ${parked}`;
  if (fault) return `${fault.code} at try ${attempts}, tried again`;
  return notBefore ? `not before ${notBefore.slice(0, 16).replace('T', ' ')} UTC` : '';
};
