import type { DcmjsDict, DcmjsElement } from 'dcmjs';

/** What a value of these VRs looks like (PS3.5 §6.2). */
const WELL_FORMED: Readonly<Record<string, RegExp>> = {
  DS: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
  IS: /^[+-]?\d+$/,
  UI: /^[\d.]+$/,
};

/**
 * Puts the stored text back where dcmjs has made a number or UID of something else: it drops the letters that it does not expect, so
 * that a slope of `1,5` would become 15 and a damaged UID another one.
 */
export function restoreStored(dict: DcmjsDict): void {
  for (const element of Object.values(dict)) {
    if (element.vr === 'SQ') for (const item of element.Value ?? []) restoreStored(item as DcmjsDict);
    const wellFormed = WELL_FORMED[element.vr];
    if (!wellFormed || !element.Value) continue;
    const stored = storedTexts(element);
    if (stored.some((text) => text !== '' && !wellFormed.test(text))) element.Value = stored;
  }
}

/** The strings of an element as they are stored, without padding. */
export function storedTexts({ Value, _rawValue }: DcmjsElement): string[] {
  const raw = _rawValue ?? Value ?? [];
  const texts = Array.isArray(raw) ? raw : String(raw).split('\\');
  return texts.map((v) => String(v ?? '').replace(/^ +|[ \0]+$/g, ''));
}
