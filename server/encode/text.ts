/**
 * A text of ours made to fit a VR: no backslash or control character, at most `limit` bytes of UTF-8. The standard counts characters,
 * but archives and validators count bytes.
 */
export function clip(value: string, limit: number): string {
  const line = plain(value);
  if (Buffer.byteLength(line) <= limit) return line;
  let kept = '';
  for (const character of line) {
    if (Buffer.byteLength(kept + character) > limit - 3) break;
    kept += character;
  }
  return `${kept.trimEnd()}...`;
}

/** One line without what separates values in DICOM: readers split even UT at backslashes. */
export const plain = (value: string): string => value.replace(/[\p{Cc}\\]+/gu, ' ').trim();

/** A label for CS: capitals, digits and underscores, at most 16. */
export const label = (value: string): string =>
  value
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 16) || 'RESULT';
