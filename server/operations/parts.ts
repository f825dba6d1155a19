import type { Analysis, Listed } from '../jobs/index.ts';
import { Html, html } from './html.ts';
import type { ModelLine } from './page.ts';
import { short } from './words.ts';

/** What an operator may do with an analysis in its state, as buttons that are whole without a script. */
export function orders(analysis: Analysis, installed: readonly ModelLine[]): Html | undefined {
  const { id } = analysis;
  switch (analysis.state) {
    case 'failed':
      return html`<div class="acts">${order(id, 'retry', 'Try again')}${order(id, 'cancel', 'Leave it')}</div>`;
    case 'cancelled':
      return html`<div class="acts">${order(id, 'retry', 'Try again')}</div>`;
    case 'done':
    case 'skipped':
      return again(analysis, installed);
    // A set of objects that was begun is completed.
    case 'storing':
    case 'superseded':
      return undefined;
    default:
      return html`<div class="acts">${order(id, 'cancel', 'Cancel')}</div>`;
  }
}

/** By the same version or another of its model; a series that was skipped, by any model. */
function again({ id, modelId, modelVersion }: Analysis, installed: readonly ModelLine[]): Html | undefined {
  const models = installed.filter((m) => m.mode !== 'disabled' && (modelId === null || m.id === modelId));
  if (models.length === 0) return undefined;
  const options = models.map((m) => {
    const key = `${m.id}@${m.version}`;
    return m.version === modelVersion
      ? html`<option value="${key}" selected>${key}</option>`
      : html`<option value="${key}">${key}</option>`;
  });
  return html`<form class="acts" method="post" action="/api/analyses/${id}/rerun">
<button>${modelId === null ? 'Run all the same' : 'Run again'}</button> <label for="by-${id}">by</label> <select id="by-${id}" name="model">${options}</select></form>`;
}

const order = (id: string, verb: string, says: string): Html =>
  html`<form method="post" action="/api/analyses/${id}/${verb}"><button>${says}</button></form>`;

export const study = ({ StudyInstanceUID }: Analysis): Html =>
  html`<a href="/operations/studies/${StudyInstanceUID}" title="${StudyInstanceUID}">${short(StudyInstanceUID)}</a>`;

export const shadowMark = ({ mode }: Analysis): string =>
  mode === 'shadow' ? ', in shadow: nothing is stored' : '';

/** How many more there are, and where. */
export const more = (list: Listed, skip: number, count: number): Html | undefined =>
  count > skip
    ? html`<p><a href="/operations/list?of=${list}&skip=${skip}">${count - skip} more</a></p>`
    : undefined;

/** Heads of columns that hold numbers. */
const NUMBERS = [
  'In it for',
  'Waits for',
  'Usual, in all',
  'Analyses',
  'Oldest',
  'Series',
  'Done, 24 h',
  'Median',
  'Check before use',
];

export const table = (title: string, heads: readonly string[], rows: readonly Html[]): Html =>
  html`<section><h2>${title}</h2>${grid(heads, rows)}</section>`;

/** From this many columns on a narrow screen shows each row as a list, each cell behind the head of its column. */
const WIDE = 5;

export const grid = (heads: readonly string[], rows: readonly Html[]): Html =>
  html`<table class="${heads.length >= WIDE ? 'wide' : ''}"><thead><tr>${heads.map((h) => html`<th scope="col" class="${NUMBERS.includes(h) ? 'number' : ''}">${h}</th>`)}</tr></thead><tbody>${heads.length >= WIDE ? rows.map((row) => named(row, heads)) : rows}</tbody></table>`;

/** Each cell of a row with the head of its column. */
function named(row: Html, heads: readonly string[]): Html {
  let column = 0;
  const cellOf = (cell: string): string => `${cell}${html` data-head="${heads[column++] ?? ''}"`.text}`;
  return new Html(row.text.replace(/<td\b/g, cellOf));
}
