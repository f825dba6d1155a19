import type { StudyCheck } from '../explanation.ts';
import { type Fit, FONTS, INK, LEFT, type Page, RIGHT, WARNING } from './page-style.ts';
import { clip } from './text.ts';

/** Reasons that a reader takes in at once. */
const MOST = 3;
const INDENT = 10;

/** Nobody reads on before this: that checks failed, and which; nothing when none did. Gives where the page goes on. */
export function drawWarning(
  page: Page,
  failed: readonly StudyCheck[],
  { y, size }: Fit & { y: number },
): number {
  const sentences = [...new Set(failed.map(({ sentence }) => sentence))];
  if (sentences.length === 0) return y;
  const more = sentences.length - MOST;
  const words = [
    ...sentences.slice(0, MOST).map((sentence) => `• ${clip(sentence, 200)}`),
    ...(more > 0 ? [`and ${more} more in the structured report`] : []),
  ].join('\n');
  const width = RIGHT - LEFT - 2 * INDENT;
  const top = y + 8;
  page.font(FONTS.plain).fontSize(size);
  const height = 26 + page.heightOfString(words, { width });
  page.rect(LEFT, top, RIGHT - LEFT, height).fill(WARNING);
  page.font(FONTS.bold).fontSize(11).fillColor(INK);
  page.text('CHECK BEFORE USE', LEFT + INDENT, top + 6, { lineBreak: false });
  page.font(FONTS.plain).fontSize(size);
  page.text(words, LEFT + INDENT, top + 21, { width });
  return top + height;
}

/** What nobody could look at, so that no reader takes silence for a pass; nothing when all could be. Gives where the page goes on. */
export function drawNotChecked(
  page: Page,
  missing: readonly StudyCheck[],
  { y, size }: Fit & { y: number },
): number {
  const sentences = [...new Set(missing.map(({ sentence }) => sentence))];
  if (sentences.length === 0) return y;
  page.font(FONTS.plain).fontSize(size).fillColor(INK);
  page.text(clip(`Not all checks could be made. ${sentences.join(' ')}`, 300), LEFT, y + 8, {
    width: RIGHT - LEFT,
  });
  return page.y;
}
