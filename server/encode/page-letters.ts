import type { Page } from './page-style.ts';

/** Stands for letters that the page's fonts do not have. */
const NOT_PRINTED = '[letters that this page cannot print: see the archive]';

/**
 * A page whose texts say so where its fonts lack letters, as Chinese, Japanese and Korean ones: without it they would be empty boxes, and a name
 * of boxes may be anyone's. Fonts for them are many times larger than those that the page has.
 */
export function withoutBoxes(page: Page): Page {
  const draw = page.text.bind(page) as (words: string, ...rest: unknown[]) => Page;
  const drawPrintable = (words: string, ...rest: unknown[]): Page =>
    draw(printable(words, lettersOf(page)), ...rest);
  page.text = drawPrintable as Page['text'];
  return page;
}

/** Each stretch of letters that are not there, with what lies between them, as one remark. */
export function printable(words: string, has: (codePoint: number) => boolean): string {
  const isThere = (letter: string): boolean => letter === '\n' || has(letter.codePointAt(0) as number);
  const missing = [...new Set([...words].filter((letter) => !isThere(letter)))];
  if (missing.length === 0) return words;
  const lacking = `[${missing.map((letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`).join('')}]`;
  return words.replace(new RegExp(`${lacking}(?:[^\\p{L}\\p{N}\\n]*${lacking})*`, 'gu'), NOT_PRINTED);
}

/** pdfkit keeps the open font, which fontkit has read. */
function lettersOf(page: Page): (codePoint: number) => boolean {
  const { font } = Reflect.get(page, '_font') as {
    readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
  };
  return (codePoint) => font.hasGlyphForCodePoint(codePoint);
}
