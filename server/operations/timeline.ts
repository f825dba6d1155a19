import type { Analysis, History } from '../jobs/index.ts';
import { type Html, html } from './html.ts';
import { duration } from './words.ts';

/** A state from its begin to the next, ms since the arrival. */
interface Span {
  readonly state: string;
  readonly from: number;
  readonly to: number;
  /** It came to an end by this fault. */
  readonly fault?: string;
}

const ROW = 21;
const LEFT = 146;
const WIDTH = 560;
/** Of a letter of what stands behind the bars, at most. */
const LETTER = 7.5;

/** What happened to an analysis as bars along one axis of time: what is work stands out, what ended by a fault is marked. Whole without a script. */
export function timeline({ createdAt }: Pick<Analysis, 'createdAt'>, history: History): Html | undefined {
  const spans = spansOf(Date.parse(createdAt), history);
  const end = Math.max(0, ...spans.map(({ to }) => to));
  if (end === 0) return undefined;
  const labels = spans.map(
    ({ from, to, fault }) => `${duration((to - from) / 1000)}${fault ? `, ${fault}` : ''}`,
  );
  const right = LETTER * Math.max(...labels.map(({ length }) => length)) + 12;
  const x = (ms: number): number => LEFT + ((WIDTH - LEFT - right) * ms) / end;
  const bars = spans.map(
    ({ state, from, to, fault }, i) => html`<text class="l" x="0" y="${ROW * i + 14}">${state}</text>
<rect class="${fault ? 'retry' : state === 'queued' ? 'quiet' : ''}" x="${x(from).toFixed(1)}" y="${ROW * i + 4}" width="${Math.max(1, x(to) - x(from)).toFixed(1)}" height="11" rx="1.5"/>
<text x="${WIDTH}" y="${ROW * i + 14}" text-anchor="end">${labels[i]}</text>`,
  );
  const words = spans.map(({ state, from, to }) => `${state} ${duration((to - from) / 1000)}`).join(', ');
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${ROW * spans.length + 4}" role="img" aria-label="${words}">${bars}</svg>`;
}

function spansOf(began: number, history: History): readonly Span[] {
  const spans: Span[] = [];
  let [state, from] = ['queued', 0];
  let fault: string | undefined;
  for (const entry of history) {
    const at = Date.parse(entry.at) - began;
    if (entry.fault) fault = entry.fault;
    if (entry.state === undefined) continue;
    // A worker that takes it says queued once more.
    if (entry.state !== state) {
      spans.push({ state, from, to: at, ...(fault ? { fault } : {}) });
      [state, from, fault] = [entry.state, at, undefined];
    }
  }
  return spans;
}

/** The same line by line, as an operator passes it on: identifiers, states and faults, never anything of a patient. */
export const logOf = (history: History): Html =>
  html`<details><summary>Log, ${history.length} lines</summary><ol class="log">${history.map(
    ({ at, state, fault, detail }) =>
      html`<li><time datetime="${at}">${new Date(at).toISOString().slice(0, 23).replace('T', ' ')}</time> ${fault ? html`<b>${fault}</b> ${detail ?? ''}` : state}</li>`,
  )}</ol></details>`;
