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
  return language === 'de' || language === 'fr' ? catalogues[language] : catalogues.en;
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
