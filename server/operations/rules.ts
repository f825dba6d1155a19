import { type Html, html } from './html.ts';

/** What the page shows of the rule file. */
export interface RulesLine {
  readonly path: string;
  readonly sha256: string;
  readonly count: number;
  /** Times in ISO 8601, UTC. */
  readonly since: string;
  readonly refused?: { readonly at: string; readonly detail: string };
}

/** Which rules are in force since when; and of a file that is refused, why, and that the rules before it stay. */
export function rulesPart(rules: RulesLine | undefined): Html {
  if (!rules)
    return html`<section><h2>Rules</h2><p class="quiet">There is no rule file: every model reads all that it accepts.</p></section>`;
  const { path, sha256, count, since, refused } = rules;
  const inForce = html`<p class="quiet">${count} ${count === 1 ? 'rule' : 'rules'} of <code>${path}</code> in force since ${minute(since)}, SHA-256 <code title="${sha256}">${sha256.slice(0, 12)}</code></p>`;
  const why =
    refused &&
    html`<article class="failed"><h3>✖ The rule file is refused since ${minute(refused.at)}; the rules before it stay in force</h3><pre>${refused.detail.trim()}</pre>
<p><b>Do:</b> correct the file; it is read again by itself.</p></article>`;
  return html`<section><h2>Rules</h2>${why}${inForce}</section>`;
}

const minute = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;
