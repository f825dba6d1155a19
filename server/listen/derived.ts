/** What holds results or presentation, never images to analyse. */

const MODALITIES = ['SEG', 'SR', 'PR', 'KO'];

/** SOP classes of the same, for instances that share a series with images (PS3.4 §B.5). */
const CLASSES = [
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.66\.[457]$/, // segmentation, surface, label map
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.30$/, // parametric map
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.88\./, // structured report, key objects
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.11\./, // presentation state
];

export const isDerivedModality = (Modality: string | undefined): boolean =>
  MODALITIES.includes(Modality ?? '');

export const isDerivedClass = (SOPClassUID: string): boolean =>
  CLASSES.some((form) => form.test(SOPClassUID));
