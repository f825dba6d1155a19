import type { Analysis, Backfill, History, Overview } from '../jobs/index.ts';
import type { Fault } from '../shared/fault.ts';
import { backfillSection } from './backfills.ts';
import { type CopyLine, copiesPart, refusedCopies } from './copies.ts';
import { failures } from './failures.ts';
import { type HeldLine, heldCards, heldSection } from './held.ts';
import { type Html, html } from './html.ts';
import { orders, shadowMark, study, table } from './parts.ts';
import { type RulesLine, rulesPart } from './rules.ts';
import { logOf, timeline } from './timeline.ts';
import { waiting } from './waiting.ts';
import { duration, STAGES, short, stageOf } from './words.ts';

/** What the page shows of a model. */
export interface ModelLine {
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly mode: 'clinical' | 'canary' | 'shadow' | 'disabled';
  readonly why: string;
}

export interface Now extends Overview {
  readonly installed: readonly ModelLine[];
  /** Packages that do not load, and why. */
  readonly refused: readonly { readonly folder: string; readonly detail: string }[];
  /** Absent: there is no rule file. */
  readonly rules?: RulesLine;
  readonly heldStudies: readonly HeldLine[];
  readonly backfills: readonly Backfill[];
  readonly refusedCopies: readonly CopyLine[];
  /** How long the archive took to answer just now, ms; absent: it did not. */
  readonly archiveMs?: number;
  readonly at: Date;
}

/** The operator's page: what failed and what to do first, then what runs, waits, was skipped. It is whole without a script. */
export function operationsPage(now: Now, { mayAct }: { readonly mayAct: boolean }): Html {
  return livePage('Operations', operationsNow(now, { mayAct }), tester());
}

function operationsNow(now: Now, { mayAct }: { readonly mayAct: boolean }): Html {
  return html`${figures(now)}
<div class="columns"><div>
${failures(now, mayAct)}${refusedCopies(now.refusedCopies)}${running(now, mayAct)}${waiting(now, mayAct, now.at)}${heldSection(now.heldStudies)}${backfillSection(now.backfills, mayAct)}
</div><div>
${rulesPart(now.rules)}${models(now)}${skipped(now)}
</div></div>
<p class="quiet">As of ${now.at.toISOString().slice(11, 19)} UTC.</p>`;
}

function figures({ waiting, running, workers, held, ended, visible, archiveMs }: Now): Html {
  const count = waiting.reduce((sum, w) => sum + w.count, 0);
  const oldest = Math.max(0, ...waiting.map((w) => w.oldestS));
  const figure = (name: string, value: number | string, beside = '', kind = '') =>
    html`<div class="${kind}"><dt>${name}</dt><dd>${value} <small>${beside}</small></dd></div>`;
  return html`<dl class="figures">
${figure('Waiting', count, count > 0 ? `oldest ${duration(oldest)}` : '')}
${held > 0 ? figure('Held for their study', held, 'series') : undefined}
${
  workers.processes > 0
    ? figure('Running', running.length, `of ${workers.atOnce} at once${silenceOf(workers)}`)
    : figure('Running', running.length, 'nothing takes work', 'stop')
}
${figure('Failed, 24 h', ended.failed ?? 0, '', ended.failed ? 'stop' : '')}
${figure('Done, 24 h', ended.done ?? 0)}
${figure('Skipped, 24 h', ended.skipped ?? 0, ended.skipped ? 'each with a reason' : '')}
${visible ? figure('Arrival to visible', duration(visible.medianS), `median; 19 of 20 within ${duration(visible.p95S)}`) : undefined}
${archiveMs === undefined ? figure('Archive', '–', 'does not answer', 'stop') : figure('Archive', duration(archiveMs / 1000), 'answers')}
</dl>`;
}

/** Who is killed is counted until three of its calls are missed; by then the page says that it is not heard. */
const silenceOf = ({ processes, silent }: Now['workers']): string =>
  silent
    ? `; no word from ${processes === 1 ? 'what works' : `${silent.processes} of ${processes} processes`} for ${duration(silent.longestS)}`
    : '';

function running({ running, models: days, at }: Now, mayAct: boolean): Html {
  if (running.length === 0)
    return html`<section><h2>Running</h2><p class="quiet">Nothing runs just now.</p></section>`;
  const usual = ({ modelId, modelVersion }: Analysis): string => {
    const day = days.find(({ model }) => model === `${modelId}@${modelVersion}`);
    return day ? duration(day.medianS) : '–';
  };
  const rows = running.map(
    (a) => html`<tr><td>${study(a)}</td><td>${a.modelId ?? ''}</td><td>${steps(a)} ${a.state}</td>
<td class="number">${duration((at.getTime() - Date.parse(a.updatedAt)) / 1000)}</td><td class="number">${usual(a)}</td><td>${a.priority}${shadowMark(a)}</td>
<td>${mayAct ? orders(a, []) : undefined}</td></tr>`,
  );
  return table('Running', ['Study', 'Model', 'Stage', 'In it for', 'Usual, in all', 'Priority', ''], rows);
}

/** Five boxes, filled up to the stage; the stage's name stands beside them. */
function steps({ state }: Analysis): Html {
  const at = stageOf(state);
  return html`<span class="steps" aria-hidden="true">${STAGES.map((_, i) => html`<i class="${i < at ? 'past' : i === at ? 'now' : ''}"></i>`)}</span>`;
}

function skipped({ skipped }: Now): Html {
  if (skipped.length === 0)
    return html`<section><h2>Skipped</h2><p class="quiet">No series was skipped in the last 24 hours.</p></section>`;
  const rows = skipped.map(
    ({ reason, count }) => html`<tr><td>${reason}</td><td class="number">${count}</td></tr>`,
  );
  return table('Skipped, and why', ['Reason', 'Series'], rows);
}

function models({ installed, refused, models: days }: Now): Html {
  // A version in shadow, or with a share, is there to be compared with the one that it may follow.
  const compare = (m: ModelLine): Html | undefined => {
    const other = installed.find(({ id, mode }) => id === m.id && mode === 'clinical');
    if (!['shadow', 'canary'].includes(m.mode) || !other) return undefined;
    return html` <a href="/operations/compare?a=${other.id}@${other.version}&b=${m.id}@${m.version}">Compare with ${other.version}</a>`;
  };
  const rows = installed.map((m) => {
    const day = days.find(({ model }) => model === `${m.id}@${m.version}`);
    return html`<tr><td>${m.name} ${m.version}</td><td><b class="mode ${m.mode}">${m.mode}</b> ${m.why}${compare(m)}</td>
<td class="number">${day?.done ?? 0}</td><td class="number">${day ? duration(day.medianS) : '–'}</td><td class="number">${day?.checkBeforeUse ?? 0}</td></tr>`;
  });
  const broken = refused.map(
    ({ folder, detail }) =>
      html`<tr class="failed"><td>${short(folder)}</td><td colspan="4"><b>does not load</b>: ${detail}</td></tr>`,
  );
  if (rows.length + broken.length === 0)
    return html`<section><h2>Models</h2><p class="quiet">No model is installed.</p></section>`;
  return table(
    'Models',
    ['Model', 'State', 'Done, 24 h', 'Median', 'Check before use'],
    [...rows, ...broken],
  );
}

/** What happened to a study, analysis by analysis, with the time in each state. */
export function studyPage(
  StudyInstanceUID: string,
  {
    analyses,
    histories,
    copies,
    held,
    installed,
    mayAct,
  }: {
    readonly analyses: readonly Analysis[];
    readonly histories: ReadonlyMap<string, History>;
    readonly copies: readonly CopyLine[];
    readonly held: readonly HeldLine[];
    readonly installed: readonly ModelLine[];
    readonly mayAct: boolean;
  },
): Html {
  const cards = analyses.map((a) => {
    const history = histories.get(a.id) ?? [];
    return html`<section class="card"><h2>${a.modelId ? `${a.modelId} ${a.modelVersion}` : 'No model'} <span>${a.state}${shadowMark(a)}</span></h2>
<p>Series <code>${a.SeriesInstanceUID}</code>, ${a.instanceCount} ${a.instanceCount === 1 ? 'image' : 'images'}, arrived ${a.createdAt.slice(0, 19).replace('T', ' ')} UTC</p>
${a.why ? html`<p><b>Why it runs:</b> ${a.why}</p>` : undefined}
${a.reason ? html`<p><b>Why not:</b> ${a.reason}</p>` : undefined}
${a.fault ? html`<p class="failed"><b>${a.fault.code}:</b> ${a.fault.detail}<br><b>Do:</b> ${a.fault.action}</p>` : undefined}
${doubtsOf(a).map((words) => html`<p class="doubt"><b>Check before use:</b> ${words}</p>`)}
${a.findings.map((f) => html`<p>${f.sentence}</p>`)}
${a.parked ? html`<p><b>Kept back:</b> ${a.parked}</p>` : undefined}
${mayAct ? orders(a, installed) : undefined}
${timeline(a, history)}
${a.objects.length > 0 ? html`<p class="quiet">${a.objects.map((o) => o.kind).join(', ')} in the archive</p>` : undefined}
${history.length > 0 ? logOf(history) : undefined}
<p class="quiet">Analysis <code>${a.id}</code>; its lines in the server’s log carry this name.</p></section>`;
  });
  const none = html`<p>No analysis of this study is known here.</p>`;
  return livePage(
    'A study',
    html`<h1><code>${StudyInstanceUID}</code></h1><p><a href="/viewer?StudyInstanceUIDs=${StudyInstanceUID}">Open in the viewer</a></p>${heldCards(held)}${cards.length + held.length > 0 ? cards : none}${copiesPart(StudyInstanceUID, copies, mayAct)}`,
  );
}

/** Of each check that failed, once, whichever findings it is about. */
const doubtsOf = ({ findings }: Analysis): readonly string[] => [
  ...new Set(findings.flatMap(({ checkBeforeUse = [] }) => checkBeforeUse)),
];

/** Why something was not done, and what to do. */
export const refusal = ({ code, detail, spec }: Fault): Html =>
  page(
    'Not done',
    html`<h1>Not done</h1><p class="failed"><b>${code}:</b> ${detail}<br><b>Do:</b> ${spec.action}</p><p><a href="/operations">Operations</a></p>`,
  );

const tester = (): Html => html`<section><h2>Why did a rule match, or not?</h2>
<form id="tester" method="post" action="/api/route/test">
<label for="study">Study</label> <input id="study" name="StudyInstanceUID" inputmode="decimal" placeholder="1.2.840.…">
<button>Ask</button> <label class="quiet" for="file">or a DICOM file</label> <input id="file" type="file">
</form><pre id="told" aria-live="polite"></pre></section>`;

/** A page whose body is brought up to date as things change; what stands below it is not. */
export const livePage = (title: string, body: Html, below?: Html): Html =>
  page(title, html`<div id="now" tabindex="-1">${body}</div>${below}`);

/** A whole page around its body. */
export const page = (title: string, body: Html): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Pellucid</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/operations/tokens.css"><link rel="stylesheet" href="/operations/operations.css">
<script src="/operations/live.js" defer></script></head>
<body class="pel"><header><a class="brand" href="/operations">Pellucid</a><nav aria-label="Main"><a href="/operations">Operations</a><a href="/review">Review</a><a href="/">Studies</a></nav>
<form method="post" action="/operations/find" class="find"><label for="find">Find a study</label> <input id="find" name="find" autocomplete="off" size="34" placeholder="UID, accession number or patient ID" required></form></header>
<main>${body}</main></body></html>`;
