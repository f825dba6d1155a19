import type { Analysis } from '../jobs/index.ts';
import { type Html, html } from './html.ts';
import { short } from './words.ts';

/** A button that is whole without a script. */
export const order = (id: string, verb: string, says: string): Html =>
  html`<form method="post" action="/api/analyses/${id}/${verb}"><button>${says}</button></form>`;

export const study = ({ StudyInstanceUID }: Analysis): Html =>
  html`<a href="/operations/studies/${StudyInstanceUID}" title="${StudyInstanceUID}">${short(StudyInstanceUID)}</a>`;

/** How many more there are, and where. */
export const more = (list: string, skip: number, count: number): Html | undefined =>
  count > skip
    ? html`<p><a href="/operations/list?of=${list}&skip=${skip}">${count - skip} more</a></p>`
    : undefined;
