/** A catalogue of words for each language that there is one for. */
export interface Catalogues<Catalogue> {
  readonly en: Catalogue;
  readonly de: Catalogue;
  readonly fr: Catalogue;
}

/** The catalogue of a language tag such as `de-CH`; English where there is none. */
export function catalogueFor<Catalogue>(
  catalogues: Catalogues<Catalogue>,
  tag: string | null | undefined,
): Catalogue {
  const language = tag?.slice(0, 2).toLowerCase();
  if (language === 'fr') return spaced(catalogues.fr);
  return language === 'de' ? catalogues.de : catalogues.en;
}

/** No line begins with a French sign of punctuation, nor with a per cent: the space before it holds them together. */
function spaced<T>(words: T): T {
  if (typeof words === 'string') return words.replace(/ (?=[:;?!%»])/g, '\u00a0') as T;
  if (typeof words === 'function') return ((...given: unknown[]) => spaced(words(...given))) as T;
  if (Array.isArray(words)) return words.map(spaced) as T;
  if (typeof words !== 'object' || words === null) return words;
  return Object.fromEntries(Object.entries(words).map(([name, each]) => [name, spaced(each)])) as T;
}

/** The language that the reader chose in the viewer, which keeps it for this origin, else the browser's. */
export function languageTag(): string | null | undefined {
  try {
    return globalThis.localStorage?.getItem('i18nextLng') ?? globalThis.navigator?.language;
  } catch {
    // A browser that keeps nothing for us.
    return globalThis.navigator?.language;
  }
}
