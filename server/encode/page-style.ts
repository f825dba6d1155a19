import { createRequire } from 'node:module';

/** What the parts of the page share: A4 in points, its margins, its letters and colours. */

export type Page = PDFKit.PDFDocument;

const { resolve } = createRequire(import.meta.url);
export const FONTS = {
  plain: resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
};
export const INK = '#1b2430';
export const QUIET = '#5b6675';
const RULE = '#d3d9e0';
export const ACCENT = '#b45309';
/** Behind a warning. */
export const WARNING = '#fde9c8';
export const LEFT = 42;
export const RIGHT = 595.28 - 42;
export const FOOT = 841.89 - 56;
export const PICTURE_WIDTH = 236;
export const PICTURE_HEIGHT = 250;
export const GAP = 16;

/** How large the letters are, and whether long texts are cut. */
export interface Fit {
  readonly size: number;
  /** Measures by name and number alone. */
  readonly short?: boolean;
  readonly brief?: boolean;
}

/** A title and its words beside it; gives where the next row begins. */
export function drawRow(
  page: Page,
  title: string,
  { y, size, words, quiet }: { y: number; size: number; words: string; quiet: boolean },
): number {
  const column = LEFT + 156;
  page
    .font(FONTS.plain)
    .fontSize(size)
    .fillColor(quiet ? QUIET : INK);
  page.text(words, column, y, { width: RIGHT - column });
  const end = page.y;
  page.font(FONTS.bold).fillColor(INK);
  page.text(title, LEFT, y, { lineBreak: false });
  return end + size * 0.5;
}

export function rule(page: Page, y: number): number {
  page.lineWidth(0.7).strokeColor(RULE).moveTo(LEFT, y).lineTo(RIGHT, y).stroke();
  return y;
}
