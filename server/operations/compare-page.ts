import type { Agreement, Comparison } from './compare.ts';
import { type Html, html } from './html.ts';
import { duration, short } from './words.ts';

/** Two versions of a model on the same images, as a part of a page. */
export function comparisonPart(
  [a, b]: readonly [string, string],
  { images, findings, ms, differing }: Comparison,
): Html {
  if (images === 0)
    return html`<h1>${a} and ${b}</h1><p>There is no image that both have read. A version that is installed and not promoted reads in shadow
whatever comes from then on; <code>pellucid backfill --model ${b}</code> has it read studies of the past.</p>`;
  const rows = findings.map(
    (
      f,
    ) => html`<tr><td>${f.label}</td><td class="number">${f.images}</td><td>${decisionsOf(f)}</td><td class="number">${f.agreement === undefined ? '–' : `${(100 * f.agreement).toFixed(1)} %`}</td>
<td class="number">${f.kappa === undefined ? '–' : f.kappa === null ? 'undefined' : f.kappa.toFixed(2)}</td><td>${differenceOf(f)}</td><td class="number">${f.checkBeforeUse.join(' → ')}</td></tr>`,
  );
  const heads = ['Finding', 'Images', 'Decisions', 'Agree', 'Kappa', 'Second less first', 'Check before use'];
  const differs = differing.map(
    ({ StudyInstanceUID: uid, label, a: first, b: second }) =>
      html`<tr><td><a href="/operations/studies/${uid}" title="${uid}">${short(uid)}</a></td><td>${label}</td><td>${sign(first)}</td><td>${sign(second)}</td></tr>`,
  );
  return html`<h1>${a} and ${b}</h1>
<p>${images} ${images === 1 ? 'image or series that both have' : 'images or series that both have'} read, the newest first. Inferring and explaining take ${time(ms[0])} and ${time(ms[1])} in the median. Agreement says
that the two are alike, not which is right: that is told by people or by a reference.</p>
<table><thead><tr>${heads.map((h) => html`<th scope="col">${h}</th>`)}</tr></thead><tbody>${rows}</tbody></table>
${differs.length > 0 ? html`<h2>Where they decide otherwise</h2><table><thead><tr><th scope="col">Study</th><th scope="col">Finding</th><th scope="col">${a}</th><th scope="col">${b}</th></tr></thead><tbody>${differs}</tbody></table>` : undefined}
<p class="quiet">To let the second take the first one’s place: <code>pellucid model promote ${b}</code></p>`;
}

const sign = (positive: boolean): string => (positive ? 'present' : 'not present');
const time = (ms: number | null): string => (ms === null ? 'an unknown time' : duration(ms / 1000));

const decisionsOf = ({ decisions: d }: Agreement): string =>
  d
    ? `${d.both} both present, ${d.onlyA} first alone, ${d.onlyB} second alone, ${d.neither} neither`
    : 'none';

const UNITS = { score: 'score', volumeMl: 'ml', value: 'in its unit' } as const;

const differenceOf = ({ difference: d }: Agreement): string =>
  d
    ? `mean ${d.mean.toPrecision(2)}, SD ${d.sd === null ? '–' : d.sd.toPrecision(2)}, largest ${d.largest.toPrecision(2)} (${UNITS[d.of]})`
    : '–';
