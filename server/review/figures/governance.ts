import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import type { Figures, Proportion } from '../contract/figures.ts';
import { wordsOf } from './titles.ts';

/** What happened to the model meanwhile. */
export interface Happening {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `stopped by Dr Sample: wrong side on DR-B`. */
  readonly words: string;
}

const { resolve } = createRequire(import.meta.url);
const PLAIN = resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
const INK = '#1b2430';
const QUIET = '#5b6675';
const RULE = '#c3cad3';
/** A4, in points. */
const LEFT = 42;
const RIGHT = 595.28 - 42;
const FOOT = 841.89 - 46;
const LINE = 13;

/**
 * The figures on one page of A4 for the people who govern the model: what was judged, what left its limits, what happened. Readable in grey. What does not
 * fit is counted, never dropped without a word.
 */
export async function governancePdf(
  figures: Figures,
  { happenings, at }: { readonly happenings: readonly Happening[]; readonly at: Date },
): Promise<Uint8Array> {
  const page = new PDFDocument({
    size: 'A4',
    margins: { top: 40, bottom: 30, left: LEFT, right: 42 },
    info: { Title: `${figures.model}: governance report`, CreationDate: at },
  });
  const bytes = collect(page);
  head(page, figures, at);
  let y = table(page, 104, figures.titles.agreement ?? '', rowsOf(figures));
  y = sentences(page, y + 14, figures);
  y = groups(page, y + 14, figures);
  y = drift(page, y + 14, figures);
  events(page, y + 14, happenings);
  page.font(PLAIN).fontSize(7).fillColor(QUIET);
  page.text(
    'Intervals are 95 % (Wilson; κ by Fleiss, Cohen and Everitt). Research use only: no model here may be used for a decision about a patient.',
    LEFT,
    FOOT,
    { lineBreak: false },
  );
  page.end();
  return bytes;
}

function head(page: PDFKit.PDFDocument, { model, finding, versions, from, to }: Figures, at: Date): void {
  page
    .font(BOLD)
    .fontSize(16)
    .fillColor(INK)
    .text(`${model}: ${finding}`, LEFT, 40, { width: RIGHT - LEFT, height: 20, ellipsis: true });
  page.font(PLAIN).fontSize(9).fillColor(QUIET);
  page.text(
    `Results from ${day(from)} to ${day(to)}. ${versions.length === 1 ? 'Version' : 'Versions'} ${versions.join(', ') || 'none'}. Made ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    LEFT,
    64,
    { width: RIGHT - LEFT, height: 24, ellipsis: true },
  );
  page.lineWidth(0.7).strokeColor(RULE).moveTo(LEFT, 94).lineTo(RIGHT, 94).stroke();
}

interface Row {
  readonly name: string;
  readonly share: Proportion;
}

const rowsOf = ({
  agreement,
  reviewed,
  cannotTell,
  flagged,
  override,
  truth,
  reasons,
}: Figures): readonly Row[] => [
  { name: 'Reviewed, of all results', share: reviewed },
  { name: 'Agreed with', share: agreement },
  { name: 'Cannot tell', share: cannotTell },
  { name: 'Decision overridden', share: override },
  { name: 'Check before use', share: flagged },
  ...reasons.slice(0, 4).map(({ reason, share }) => ({ name: `Reason: ${wordsOf(reason)}`, share })),
  { name: 'Sensitivity, truth known', share: truth.sensitivity },
  { name: 'Specificity, truth known', share: truth.specificity },
  { name: 'Positive predictive value', share: truth.ppv },
  { name: 'Negative predictive value', share: truth.npv },
];

/** A row a proportion: counts, share, and its interval drawn on 0 to 100 %. */
function table(page: PDFKit.PDFDocument, top: number, title: string, rows: readonly Row[]): number {
  let y = heading(page, top, title);
  for (const { name, share } of rows) {
    page.font(PLAIN).fontSize(8.5).fillColor(INK).text(name, LEFT, y, { lineBreak: false });
    const words =
      share.share === undefined
        ? 'none counted'
        : `${percent(share.share)} (${percent(share.low ?? 0)} to ${percent(share.high ?? 1)})`;
    page.text(`${share.k} of ${share.n}`, LEFT + 160, y, { width: 80, align: 'right', lineBreak: false });
    page.text(words, LEFT + 252, y, { lineBreak: false });
    whisker(page, y + 5, share);
    y += LINE;
  }
  return y;
}

function whisker(page: PDFKit.PDFDocument, y: number, { share, low = 0, high = 1 }: Proportion): void {
  const [start, end] = [LEFT + 400, RIGHT];
  const at = (value: number): number => start + value * (end - start);
  page.lineWidth(0.4).strokeColor(RULE).moveTo(start, y).lineTo(end, y).stroke();
  if (share === undefined) return;
  page.lineWidth(1.1).strokeColor(INK).moveTo(at(low), y).lineTo(at(high), y).stroke();
  page.circle(at(share), y, 2.4).fillColor(INK).fill();
}

function sentences(page: PDFKit.PDFDocument, top: number, figures: Figures): number {
  const { kappa, turnaround, toVerdict, explanation, baseline, titles } = figures;
  const lines = [
    titles.weeks ?? '',
    ...(baseline
      ? [`Usual discordance: ${percent(baseline.mean)}, over the first ${baseline.weeks} weeks with verdicts`]
      : []),
    kappa
      ? `Two readers: κ ${kappa.value.toFixed(2)} (${kappa.low.toFixed(2)} to ${kappa.high.toFixed(2)}), the same verdict in ${kappa.agreed} of ${kappa.n}`
      : 'Two readers: no pairs to compare',
    turnaround
      ? `From the last image to the result: median ${seconds(turnaround.medianS)}, 95 % within ${seconds(turnaround.p95S)}`
      : 'From the last image to the result: none measured',
    toVerdict
      ? `From the result to its verdict: median ${seconds(toVerdict.medianS)}, 95 % within ${seconds(toVerdict.p95S)}`
      : 'From the result to its verdict: none measured',
    explanation
      ? `Where the map points: mean ${explanation.mean.toFixed(1)} of 5, ${explanation.n} ratings`
      : 'Where the map points: not rated',
  ];
  let y = heading(page, top, 'Over time');
  for (const line of lines) y = said(page, y, line);
  return y;
}

/** Only the groups that differ have a line: the rest is counted. */
function groups(page: PDFKit.PDFDocument, top: number, { groups: all, titles }: Figures): number {
  let y = heading(page, top, titles.groups ?? '');
  const list = Object.entries(all).flatMap(([part, members]) => members.map((group) => ({ part, ...group })));
  const differing = list.filter(({ differs }) => differs);
  for (const { part, name, agreement } of differing.slice(0, 8))
    y = said(
      page,
      y,
      `${part} ${name}: ${percent(agreement.share ?? 0)} (${percent(agreement.low ?? 0)} to ${percent(agreement.high ?? 1)}), ${agreement.k} of ${agreement.n}`,
    );
  const rest = list.length - Math.min(8, differing.length);
  return said(
    page,
    y,
    `${rest} other ${rest === 1 ? 'group' : 'groups'} of scanner, site, age, sex and version`,
    QUIET,
  );
}

function drift(page: PDFKit.PDFDocument, top: number, { drift: all, titles }: Figures): number {
  let y = heading(page, top, `${titles.drift ?? ''}. ${titles.scores ?? ''}`);
  for (const { name, psi, ks, n, reference, state } of all.slice(0, 8))
    y = said(
      page,
      y,
      `${wordsOf(name)}: PSI ${psi.toFixed(2)}, KS ${ks.toFixed(2)} (${n} against ${reference.n}, ${reference.from}): ${state}`,
    );
  if (all.length > 8) y = said(page, y, `and ${all.length - 8} more, in the table`, QUIET);
  return y;
}

/** Newest first; as many as the page has room for. */
function events(page: PDFKit.PDFDocument, top: number, happenings: readonly Happening[]): void {
  let y = heading(
    page,
    top,
    happenings.length === 0 ? 'No stop, restart or incident' : 'Stops, restarts and incidents',
  );
  const room = Math.max(0, Math.floor((FOOT - 24 - y) / LINE));
  for (const { at, words } of happenings.slice(0, room)) y = said(page, y, `${day(at)}: ${words}`);
  if (happenings.length > room)
    said(page, y, `and ${happenings.length - room} more, in the audit trail`, QUIET);
}

function heading(page: PDFKit.PDFDocument, y: number, words: string): number {
  page.font(BOLD).fontSize(10).fillColor(INK);
  page.text(words, LEFT, y, { width: RIGHT - LEFT, height: 14, ellipsis: true });
  return y + 17;
}

function said(page: PDFKit.PDFDocument, y: number, words: string, colour = INK): number {
  page.font(PLAIN).fontSize(8.5).fillColor(colour);
  page.text(words, LEFT, y, { width: RIGHT - LEFT, height: LINE, ellipsis: true });
  return y + LINE;
}

function collect(page: PDFKit.PDFDocument): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    page.on('data', (piece: Buffer) => pieces.push(piece));
    page.on('end', () => resolve(Buffer.concat(pieces)));
    page.on('error', reject);
  });
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const day = (at: string): string => at.slice(0, 10);
const seconds = (s: number): string =>
  s < 120 ? `${s.toFixed(0)} s` : s < 7_200 ? `${(s / 60).toFixed(0)} min` : `${(s / 3_600).toFixed(1)} h`;
