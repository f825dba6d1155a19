import { type Html, html } from './html.ts';
import { short } from './words.ts';

/** What the page shows of a copy without identity. */
export interface CopyLine {
  readonly study: string;
  readonly kind: 'images' | 'results';
  readonly target: string;
  readonly series: string;
  readonly rule: string;
  readonly state: 'owed' | 'sent' | 'refused';
  readonly says: string;
  readonly fault: { readonly code: string; readonly detail: string; readonly action: string } | null;
}

/** The copies of a study, with what keeps each and what to do. Nothing where no rule wants one. */
export function copiesPart(study: string, copies: readonly CopyLine[], mayAct: boolean): Html | undefined {
  if (copies.length === 0) return undefined;
  const lines = copies.map(
    ({ kind, target, series, rule, state, says, fault }) =>
      html`<li class="${state === 'refused' ? 'failed' : ''}"><b>${state}</b>: ${kind} of series <code title="${series}">${short(series)}</code> to ${target}, by rule ${rule}. ${says}${fault ? html`<br><b>${fault.code}:</b> ${fault.detail}<br><b>Do:</b> ${fault.action}` : undefined}</li>`,
  );
  const again =
    mayAct && copies.some(({ state }) => state === 'refused')
      ? html`<form method="post" action="/api/copies/${study}/retry"><button>Try again what was refused</button></form>`
      : undefined;
  return html`<section class="card"><h2>Copies without identity</h2><ul>${lines}</ul>${again}</section>`;
}

/** Those that were refused, for the operator's page. Nothing where none was. */
export function refusedCopies(copies: readonly CopyLine[]): Html | undefined {
  if (copies.length === 0) return undefined;
  const lines = copies.map(
    ({ study, kind, target, fault }) =>
      html`<li class="failed"><a href="/operations/studies/${study}" title="${study}">${short(study)}</a>, ${kind} to ${target}: ${fault?.detail ?? 'no reason is known'}</li>`,
  );
  return html`<section><h2>Copies without identity that were refused <span>the latest ${copies.length}</span></h2><ul>${lines}</ul></section>`;
}
