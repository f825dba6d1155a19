/** For a study and an earlier one of the same patient, side by side: the images, not what was computed from them. */
export const COMPARE = '@pellucid/compare';

/** OHIF's way to say it. `index` is the place of the study in the address. */
const imagesOf = (index: number) => ({
  studyMatchingRules: [
    {
      attribute: 'studyInstanceUIDsIndex',
      from: 'options',
      required: true,
      constraint: { equals: { value: index } },
    },
  ],
  seriesMatchingRules: [
    { attribute: 'numImageFrames', weight: 1, constraint: { greaterThan: { value: 0 } } },
    ...['SEG', 'PMAP', 'OT', 'SR', 'KO', 'DOC'].map((modality) => ({
      attribute: 'Modality',
      weight: 10,
      constraint: { doesNotEqual: modality },
    })),
    { attribute: 'isDisplaySetFromUrl', weight: 100, constraint: { equals: true } },
  ],
});

const viewport = (id: string) => ({
  viewportOptions: { viewportType: 'stack', toolGroupId: 'default', allowUnmatchedView: true },
  displaySets: [{ id }],
});

export const compareProtocol = (name: string) => ({
  id: COMPARE,
  name,
  description: name,
  numberOfPriorsReferenced: 1,
  protocolMatchingRules: [
    {
      id: 'two',
      attribute: 'StudyInstanceUID',
      from: 'prior',
      required: true,
      constraint: { notNull: true },
    },
  ],
  toolGroupIds: ['default'],
  displaySetSelectors: { now: imagesOf(0), before: imagesOf(1) },
  defaultViewport: viewport('now'),
  stages: [
    {
      name: '1x2',
      viewportStructure: { layoutType: 'grid', properties: { rows: 1, columns: 2 } },
      viewports: [viewport('now'), viewport('before')],
    },
  ],
});
