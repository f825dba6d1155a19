import type { ElementName } from './lib/result.ts';

/** All words of the panel, in English. Sentences about a finding come from its report. */
export const STRINGS = {
  panel: 'AI explanation',
  researchUse: 'Research use only. Not for diagnosis.',
  loading: 'Looking for AI results…',
  lookAgain: 'Look again',
  none: {
    title: 'No AI result',
    text: 'This study holds no AI report. A model may still be at work, or none fits this study.',
  },
  failed: {
    title: 'The AI results could not be read',
    text: 'The archive did not answer. Read the image as usual; then look again.',
  },
  verified: 'Verified',
  unverified: 'Unverified',
  findingOf: (at: number, count: number) => `Finding ${at} of ${count}`,
  calibrated: 'calibrated',
  uncalibrated: 'uncalibrated',
  threshold: (value: string) => `threshold ${value}`,
  scoreLabel: (score: string, threshold: string | undefined, isAbove: boolean) =>
    threshold === undefined
      ? `Score ${score} on a scale from 0 to 1`
      : `Score ${score} on a scale from 0 to 1; threshold ${threshold}; ${isAbove ? 'above' : 'below'}`,
  structure: 'Structure',
  ml: 'ml',
  notFound: 'none',
  more: (count: number) => `${count} more`,
  map: 'Map',
  masks: 'Masks',
  regions: 'Regions',
  opacity: 'Opacity',
  showTop: 'Show top',
  topHolds: (top: string, share: string) => [`Top ${top} of cells hold `, share, ' of evidence'] as const,
  holdToHide: ['hold ', ' to hide'] as const,
  grid: (rows: number, columns: number) => `computed on a ${columns} × ${rows} grid, smoothed for display`,
  noUnit: 'no unit',
  mapLoading: 'Loading the map…',
  mapFailed: {
    title: 'The map could not be loaded',
    text: 'Score and explanation are complete; the map is in the AI series of this study.',
  },
  goTo: (name: string) => `Go to ${name}`,
  elements: {
    localization: { title: 'Where', formal: 'Element 1 of 5: localization' },
    visualRecognizability: { title: 'Can you see it too?', formal: 'Element 2 of 5: visual recognizability' },
    physicalAttribution: { title: 'What it measures', formal: 'Element 3 of 5: physical attribution' },
    modelTransparency: { title: 'How the model got there', formal: 'Element 4 of 5: model transparency' },
    actionability: { title: 'What now', formal: 'Element 5 of 5: actionability' },
  } satisfies Record<ElementName, { readonly title: string; readonly formal: string }>,
  absent: 'absent',
  absentBecause: (reason: string) => `Absent because ${reason.replace(/\.$/, '')}.`,
  absentUnexplained: 'The report does not say.',
  method: (method: string) => `Method: ${method}`,
  trust: 'How far to trust this',
  deletion: {
    slider: 'Hide the strongest',
    chart: 'The score while the image is hidden: strongest evidence first, and in a random order',
    sentence: (hidden: string, share: string, [before, after, random]: readonly [string, string, string]) =>
      `With the strongest ${share} of the image ${hidden}, the score is ${after} instead of ${before}; with a random ${share} it is ${random}.`,
    strongest: 'strongest',
    random: 'random',
  },
  modelFacts: {
    title: 'Model facts',
    none: 'The report says no more about the model.',
    maker: 'Maker',
    identifier: 'Identifier',
    digest: 'Digest',
  },
  superseded: {
    title: 'Superseded',
    count: (n: number) => (n === 1 ? '1 older result' : `${n} older results`),
    text: 'Kept as they were; the newest result stands.',
  },
  keys: [
    ['J K', 'finding'],
    ['↵', 'go to'],
  ] as const,
} as const;
