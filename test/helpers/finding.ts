import type { Finding } from '../../ohif-extension/src/lib/result.ts';

/** A finding of a report as the panel reads it, of which nothing more is said. */
export const FINDING: Finding = {
  label: 'Pneumonia',
  trackingUID: '1',
  sentence: 'The model sees signs of pneumonia.',
  regions: [],
  explanations: [],
  elements: [],
  measures: [],
  checks: [],
  measurements: [],
  parameters: [],
};
