import type { Backfill } from '../jobs/index.ts';
import { type Html, html } from './html.ts';

const DAY_MS = 86_400_000;

/** Studies of the past that are read, how far that is, and how to stop it. */
export function backfillSection(backfills: readonly Backfill[], mayAct: boolean): Html | undefined {
  if (backfills.length === 0) return undefined;
  const rows = backfills.map((b) => {
    const days = (Date.parse(b.to) - Date.parse(b.from)) / DAY_MS + 1;
    const read =
      b.state === 'done' ? days : b.day === null ? 0 : (Date.parse(b.to) - Date.parse(b.day)) / DAY_MS;
    const { studies, queued, known, skipped, failed } = b.counts;
    const what = `${studies} studies: ${queued} ${b.dryRun ? 'would be queued' : 'queued'}, ${known} known, ${skipped} skipped${failed > 0 ? `, ${failed} left out` : ''}`;
    return html`<tr class="${b.state === 'failed' ? 'failed' : ''}"><td>${b.from} to ${b.to}<br><span class="quiet">${b.model ?? 'all models'}, ${b.perMinute} in a minute</span></td>
<td><meter min="0" max="${days}" value="${read}">${read} of ${days} days</meter><br><span class="quiet">${read} of ${days} days, ${what}</span></td>
<td><b>${b.state}</b>${b.says ? html`<br><span class="quiet">${b.says}</span>` : undefined}</td><td>${mayAct ? act(b) : undefined}</td></tr>`;
  });
  return html`<section><h2>Backfills <span>studies of the past, behind everything else</span></h2><table><thead><tr><th scope="col">Days</th><th scope="col">Read</th><th scope="col">State</th><th scope="col"></th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function act({ id, state }: Backfill): Html | undefined {
  if (state === 'done') return undefined;
  const verb = state === 'running' ? 'stop' : 'resume';
  return html`<form method="post" action="/api/backfills/${id}/${verb}"><button>${verb === 'stop' ? 'Stop' : 'Resume'}</button></form>`;
}
