import PDFDocument from 'pdfkit';
import type { Finding } from '../contracts.ts';
import { text } from '../dicom/read.ts';
import type { ElementName, FindingExplanation, Measure } from '../explanation.ts';
import { failedChecks, groundsNotChecked } from './checks.ts';
import { isBelowThreshold } from './colouring.ts';
import type { Context } from './context.ts';
import { isPresent, keyFrames } from './key-frames.ts';
import { drawFindings } from './page-findings.ts';
import { withoutBoxes } from './page-letters.ts';
import { type Picture, pictureOf } from './page-picture.ts';
import {
  ACCENT,
  drawRow,
  type Fit,
  FONTS,
  FOOT,
  GAP,
  INK,
  LEFT,
  type Page,
  PICTURE_HEIGHT,
  PICTURE_WIDTH,
  QUIET,
  RIGHT,
  rule,
} from './page-style.ts';
import { drawNotChecked, drawWarning } from './page-warning.ts';
import { born, dateOf, nameOf } from './page-words.ts';
import { clip } from './text.ts';

/** A page that a reader takes in within seconds: what was found, where, how sure, and what the result cannot say. */

/** Tried in turn until the page holds everything; else it is brief and points to the structured report. */
const FITS: readonly Fit[] = [
  { size: 10 },
  { size: 9 },
  { size: 9, short: true },
  { size: 8 },
  { size: 8, short: true },
];

/** One A4 page as PDF; the same bytes for the same results. */
export function drawPage(context: Context): Uint8Array {
  const { prediction, explanation, volume } = context;
  const frames = volume.shape[0];
  const main = Math.max(0, prediction.findings.findIndex(isPresent));
  const frame = keyFrames(prediction, explanation, frames)[main]?.[0] ?? Math.floor((frames - 1) / 2);
  const subject: Subject = {
    main,
    frame,
    explained: explanation.findings.find((e) => e.finding === main),
    picture: pictureOf(context, frame),
  };
  for (const fit of FITS) {
    const { bytes, pages } = render(context, subject, fit);
    if (pages === 1) return bytes;
  }
  return render(context, subject, { size: 7.5, brief: true }).bytes;
}

/** What the page is about: the first finding that is there, else the first, on the frame that shows it best. */
interface Subject {
  readonly main: number;
  readonly frame: number;
  readonly explained: FindingExplanation | undefined;
  readonly picture: Picture;
}

function render(context: Context, subject: Subject, fit: Fit): { bytes: Uint8Array; pages: number } {
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: 36, left: LEFT, right: 42, bottom: 841.89 - FOOT },
    info: {
      Title: 'AI result, research use',
      Creator: 'Pellucid',
      Producer: 'Pellucid',
      CreationDate: new Date(context.job.createdAt),
    },
  });
  const page = withoutBoxes(document);
  let pages = 1;
  page.on('pageAdded', () => pages++);
  drawFoot(page, context);
  const { findings } = context.prediction;
  const { explained } = subject;
  let y = drawHead(page, context);
  y = drawWarning(page, failedChecks(context.explanation), { ...fit, y });
  y = drawNotChecked(page, groundsNotChecked(context.explanation.checks), { ...fit, y });
  y = drawHeadline(page, headlineOf(findings, explained), y);
  y = Math.max(drawPicture(page, context, { ...subject, y }), drawFindings(page, findings, { y, ...fit }));
  if (explained) {
    const about = findings.length > 1 ? findings[subject.main]?.label.label : undefined;
    y = drawElements(page, explained, { ...fit, y: y + GAP, about });
    if (!fit.brief) y = drawMeasures(page, explained.measures, { ...fit, y });
  }
  drawLimits(page, context, { ...fit, y: y + GAP / 2 });
  page.end();
  return { bytes: new Uint8Array(page.read() as Buffer), pages };
}

/** Whose image it is. A printed page has nothing else to say so. */
function drawHead(page: Page, { volume: { header }, clock }: Context): number {
  const patient = [nameOf(header), text(header, 'PatientID'), born(header), text(header, 'PatientSex')];
  const study = [
    text(header, 'StudyDescription'),
    text(header, 'BodyPartExamined'),
    text(header, 'Modality'),
    dateOf(text(header, 'StudyDate')),
    text(header, 'AccessionNumber') && `accession ${text(header, 'AccessionNumber')}`,
  ];
  const said = (parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join('   ');
  page.font(FONTS.bold).fontSize(8).fillColor(ACCENT);
  page.text('AI RESULT · RESEARCH USE · NOT VERIFIED BY A PHYSICIAN', LEFT, 36, { lineBreak: false });
  page.font(FONTS.plain).fillColor(QUIET);
  page.text(dateOf(clock.date) ?? '', LEFT, 36, { width: RIGHT - LEFT, align: 'right' });
  page.font(FONTS.bold).fontSize(11).fillColor(INK);
  page.text(clip(said(patient) || 'Patient not named in the images', 160), LEFT, 52, { width: RIGHT - LEFT });
  page.font(FONTS.plain).fontSize(9).fillColor(QUIET);
  page.text(clip(said(study), 160), LEFT, page.y + 2, { width: RIGHT - LEFT });
  return rule(page, page.y + 6);
}

function headlineOf(findings: readonly Finding[], explained: FindingExplanation | undefined): string {
  const [only, ...others] = findings;
  if (!only) return 'The model gave no finding.';
  if (others.length === 0 && explained) return explained.sentence;
  const what = only.kind === 'segment' ? 'structures' : 'findings';
  return `${findings.filter(isPresent).length} of ${findings.length} ${what} are present.`;
}

function drawHeadline(page: Page, sentence: string, y: number): number {
  page.font(FONTS.bold).fontSize(15).fillColor(INK);
  page.text(clip(sentence, 220), LEFT, y + 10, { width: RIGHT - LEFT });
  return page.y + 10;
}

/** The image with its boxes in black and white, seen on any ground. */
function drawPicture(
  page: Page,
  { volume, prediction, explanation }: Context,
  { main, frame, explained, picture, y }: Subject & { y: number },
): number {
  const [frames, rows, columns] = volume.shape;
  const width = Math.min(PICTURE_WIDTH, PICTURE_HEIGHT * picture.aspect);
  const height = width / picture.aspect;
  page.image(picture.png, LEFT, y, { width, height });
  const finding = prediction.findings[main];
  const regions = (explained?.regions ?? []).filter(
    (r) => finding && isPresent(finding) && r.frame === frame,
  );
  for (const { left, top, right, bottom } of regions)
    for (const [line, colour] of [
      [2.2, '#000000'],
      [1, '#ffffff'],
    ] as const)
      page
        .lineWidth(line)
        .strokeColor(colour)
        .rect(
          LEFT + (left / columns) * width,
          y + (top / rows) * height,
          ((right - left) / columns) * width,
          ((bottom - top) / rows) * height,
        )
        .stroke();
  const [map] = explanation.maps;
  const caption = [
    frames > 1 ? `Image ${frame + 1} of ${frames}` : undefined,
    prediction.labelMap
      ? 'colours: the structures of the list'
      : map && `colour: ${map.name}${isBelowThreshold(map, prediction.findings) ? ', below threshold' : ''}`,
    ...regions.map(({ name }) => `box: ${name}`),
    'not for measurement',
  ];
  page.font(FONTS.plain).fontSize(7.5).fillColor(QUIET);
  page.text(clip(caption.filter(Boolean).join('; '), 200), LEFT, y + height + 4, { width: PICTURE_WIDTH });
  return page.y;
}

/** The words of the panel. */
const TITLES: Readonly<Record<ElementName, string>> = {
  localization: 'Where',
  visualRecognizability: 'Can you see it too?',
  physicalAttribution: 'What it measures',
  modelTransparency: 'How the model got there',
  actionability: 'What now',
};

/** The five elements of the main finding, given or absent with the reason. */
function drawElements(
  page: Page,
  { elements, sentence }: FindingExplanation,
  { y, size, brief, about }: Fit & { y: number; about: string | undefined },
): number {
  let at = rule(page, y) + 4;
  if (about) {
    page
      .font(FONTS.bold)
      .fontSize(size + 1)
      .fillColor(INK);
    page.text(clip(`${about}: ${sentence}`, 200), LEFT, at, { width: RIGHT - LEFT });
    at = page.y + 6;
  }
  for (const [name, element] of Object.entries(elements)) {
    const given = element.state === 'given';
    const words = given ? element.sentence : `Not given: ${element.reason}.`.replace('..', '.');
    at = drawRow(page, TITLES[name as ElementName], {
      y: at,
      size,
      words: brief ? clip(words, 160) : words,
      quiet: !given,
    });
  }
  return at;
}

function drawMeasures(
  page: Page,
  measures: readonly Measure[],
  { y, size, short }: Fit & { y: number },
): number {
  if (measures.length === 0) return y;
  const words = measures.map(
    ({ name, value, unit, sentence }) =>
      `• ${name}: ${rounded(value)}${unit.value === '1' ? '' : ` ${unit.value}`}${short ? '' : `. ${sentence}`}`,
  );
  return drawRow(page, 'How far to trust this', { y, size, words: words.join('\n'), quiet: false });
}

const rounded = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? 'below 0.001' : String(Number(value.toPrecision(3)));

function drawLimits(page: Page, { model }: Context, { y, size, brief }: Fit & { y: number }): void {
  let at = rule(page, y) + 4;
  const said = [model.intendedUse, ...model.limits];
  const shown = brief ? said.slice(0, 4).map((s) => clip(s, 160)) : said;
  const rest = said.length - shown.length;
  at = drawRow(page, 'Meant for', { y: at, size, words: shown[0] ?? '', quiet: false });
  const limits = [...shown.slice(1), ...(rest > 0 ? [`And ${rest} more in the structured report.`] : [])];
  if (limits.length > 0)
    drawRow(page, 'Limits', { y: at, size, words: limits.map((l) => `• ${l}`).join('\n'), quiet: false });
}

/** In the margin: pdfkit would begin a new page there, were the margin not lifted meanwhile. */
function drawFoot(page: Page, { model, clock }: Context): void {
  const { bottom } = page.page.margins;
  page.page.margins.bottom = 0;
  rule(page, FOOT + 8);
  page.font(FONTS.plain).fontSize(7).fillColor(QUIET);
  page.text(
    clip(
      `${model.name} ${model.version} by ${model.manufacturer}, package ${model.digest.slice(0, 12)}; written ${dateOf(clock.date)} ${clock.time.slice(0, 2)}:${clock.time.slice(2, 4)} (UTC${clock.offset})`,
      160,
    ),
    LEFT,
    FOOT + 16,
    { width: RIGHT - LEFT },
  );
  page.text(
    'For research. A finding here, or none, must be checked on the images. Everything, with methods and measures: the structured report in the same study.',
    LEFT,
    page.y + 2,
    { width: RIGHT - LEFT },
  );
  page.page.margins.bottom = bottom;
}
