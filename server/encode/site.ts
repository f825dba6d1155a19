/** What a site may set of all its results (config.ts reads it). */
export interface Site {
  /** Series Numbers are this and a number from 1 by kind: some archives filter numbers that they do not know. */
  readonly seriesNumberBase: number;
  /** Content Qualification (PS3.3 C.8.13.2.1.1): PRODUCT only where the model is cleared for it. */
  readonly contentQualification: 'PRODUCT' | 'RESEARCH' | 'SERVICE';
  /** RLE Lossless for label maps; else they are native. */
  readonly compressLabelMaps: boolean;
}

export const USUAL_SITE: Site = {
  seriesNumberBase: 900,
  contentQualification: 'RESEARCH',
  compressLabelMaps: false,
};
