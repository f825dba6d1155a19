import { catalogueFor, languageTag } from './lib/language.ts';
import { DE } from './strings/de.ts';
import { type Catalogue, EN } from './strings/en.ts';
import { FR } from './strings/fr.ts';

/** Read once, when the panel is loaded. */
export const STRINGS: Catalogue = catalogueFor({ en: EN, de: DE, fr: FR }, languageTag());
