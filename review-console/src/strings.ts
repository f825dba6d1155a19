import { DE } from './strings/de.ts';
import { type Catalogue, EN } from './strings/en.ts';
import { FR } from './strings/fr.ts';

const CATALOGUES: Readonly<Record<string, Catalogue>> = { en: EN, de: DE, fr: FR };

/** The catalogue of a language tag such as `de-CH`; English where there is none. */
export const catalogueFor = (tag: string | null | undefined): Catalogue =>
  CATALOGUES[tag?.slice(0, 2).toLowerCase() ?? ''] ?? EN;

/** The language that the reader chose in the viewer, which this origin shares, else the browser's; read once. */
function languageTag(): string | null | undefined {
  try {
    return globalThis.localStorage?.getItem('i18nextLng') ?? globalThis.navigator?.language;
  } catch {
    // A browser that keeps nothing for us.
    return globalThis.navigator?.language;
  }
}

export const STRINGS: Catalogue = catalogueFor(languageTag());
