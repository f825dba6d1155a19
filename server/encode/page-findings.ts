import type { Finding } from '../contracts.ts';
import { percent } from '../shared/percent.ts';
import {
  ACCENT,
  type Fit,
  FONTS,
  GAP,
  INK,
  LEFT,
  type Page,
  PICTURE_HEIGHT,
  PICTURE_WIDTH,
  QUIET,
  RIGHT,
} from './page-style.ts';
import { clip } from './text.ts';

/** Each finding with its score against the threshold, or its volume or value; what does not fit is counted. */
export function drawFindings(
  page: Page,
  findings: readonly Finding[],
  { y, size }: Fit & { y: number },
): number {
  const left = LEFT + PICTURE_WIDTH + GAP;
  const height = findings[0]?.kind === 'classification' ? 46 : size + 5;
  const room = Math.max(1, Math.floor(PICTURE_HEIGHT / height));
  const shown = findings.length > room ? findings.slice(0, room - 1) : findings;
  shown.forEach((finding, i) => {
    if (finding.kind === 'classification') drawScore(page, finding, { left, top: y + i * height });
    else drawQuantity(page, finding, { left, top: y + i * height, size });
  });
  const end = y + shown.length * height;
  if (shown.length === findings.length) return end;
  page.font(FONTS.plain).fontSize(size).fillColor(QUIET);
  page.text(`and ${findings.length - shown.length} more in the structured report`, left, end, {
    lineBreak: false,
  });
  return end + height;
}

function drawScore(
  page: Page,
  {
    label,
    score,
    threshold,
    positive,
    calibrated,
    probability,
  }: Extract<Finding, { kind: 'classification' }>,
  { left, top }: { left: number; top: number },
): void {
  const width = RIGHT - left;
  page.font(FONTS.bold).fontSize(10).fillColor(INK);
  page.text(clip(label.label, 40), left, top, { lineBreak: false });
  page.fillColor(positive ? ACCENT : QUIET);
  page.text(positive ? 'above its threshold' : 'below its threshold', left, top, { width, align: 'right' });
  page.rect(left, top + 17, width, 8).fill('#e8ecf0');
  page.rect(left, top + 17, width * score, 8).fill(positive ? ACCENT : '#8793a1');
  page
    .lineWidth(1.4)
    .strokeColor(INK)
    .moveTo(left + width * threshold, top + 14)
    .lineTo(left + width * threshold, top + 28)
    .stroke();
  page.font(FONTS.plain).fontSize(7.5).fillColor(QUIET);
  const scale = scaleOf(calibrated, probability);
  page.text(`score ${score.toFixed(2)}, threshold ${threshold.toFixed(2)} (line), ${scale}`, left, top + 30, {
    width,
  });
}

function scaleOf(calibrated: boolean, probability: number | undefined): string {
  if (calibrated) return 'calibrated';
  return probability === undefined
    ? 'not calibrated: no probability'
    : `calibrated probability ${percent(probability)}`;
}

function drawQuantity(
  page: Page,
  finding: Exclude<Finding, { kind: 'classification' }>,
  { left, top, size }: { left: number; top: number; size: number },
): void {
  const { label } = finding;
  page.rect(left, top + 1, size - 1, size - 1).fill([...label.rgb]);
  page.font(FONTS.plain).fontSize(size).fillColor(INK);
  page.text(clip(label.label, 40), left + size + 4, top, { lineBreak: false });
  page.text(quantityOf(finding), left, top, { width: RIGHT - left, align: 'right' });
}

function quantityOf(finding: Exclude<Finding, { kind: 'classification' }>): string {
  if (finding.kind === 'measurement') return `${Number(finding.value.toPrecision(3))} ${finding.unit.value}`;
  return finding.voxels > 0 ? `${(finding.volumeMm3 / 1000).toFixed(2)} ml` : 'not found';
}
