import type { Analysis, Overview } from '../jobs/index.ts';
import { type Html, html } from './html.ts';
import { more, orders, study } from './parts.ts';

/** What failed, with what to do, until it is tried again or left at that. `skip`: how many newer ones are not shown. */
export function failures(
  { failed, failures }: Pick<Overview, 'failed' | 'failures'>,
  mayAct: boolean,
  skip = 0,
): Html {
  const count = failures.reduce((sum, each) => sum + each.count, 0);
  if (count === 0)
    return html`<section><h2>Failed</h2><p class="quiet">Nothing has failed that was not tried again or left at that.</p></section>`;
  return html`<section><h2>Failed <span>${count}, newest first, until tried again or left at that</span></h2>
${mayAct ? failures.filter((each) => each.count > 1 && each.code !== '').map(alike) : undefined}
${failed.map((a) => failure(a, mayAct))}${more('failed', skip + failed.length, count)}</section>`;
}

const alike = ({ code, count }: Overview['failures'][number]): Html => {
  const all = (verb: string, says: string) =>
    html`<form method="post" action="/api/analyses/${verb}"><input type="hidden" name="code" value="${code}"><button>${says}</button></form>`;
  return html`<div class="acts">${all('retry', `Try all ${count} again that failed by ${code}`)}${all('cancel', `Leave all ${count}`)}</div>`;
};

const failure = (
  a: Analysis,
  mayAct: boolean,
): Html => html`<article class="failed"><h3>✖ ${a.fault?.detail ?? 'no reason is known'}</h3>
<p><b>Do:</b> ${a.fault?.action ?? 'see the log'}</p>
<p class="quiet">${a.modelId ?? ''} ${a.modelVersion ?? ''}, ${study(a)}, ${a.fault?.code ?? ''}, ${a.attempts} ${a.attempts === 1 ? 'try' : 'tries'}, ${a.updatedAt.slice(0, 16).replace('T', ' ')} UTC</p>
${mayAct ? orders(a, []) : undefined}</article>`;
