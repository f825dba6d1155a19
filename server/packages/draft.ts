import type { ElementName } from '../explanation.ts';
import { type AnatomySpec, PictureWindow } from '../models/picture.ts';
import { type Answers, NONE, structured } from './question.ts';
import type { StudiedPicture } from './study.ts';

/** Parts of a model.yaml from answers; the schema checks them afterwards. */

export const list = (text = ''): string[] => text.split(',').map((part) => part.trim());
export const numbers = (text = ''): number[] => list(text).map(Number);
/** A key with its value, or nothing where the answer is that there is none. */
export const unless = <T>(none: string, answer: string | undefined, of: (answer: string) => T): T | object =>
  answer === undefined || answer === none ? {} : of(answer);

export const identityOf = (a: Answers) => ({
  schema: 1,
  id: a.id,
  name: a.name,
  version: a.version,
  manufacturer: a.manufacturer,
  licence: a.licence,
  intendedUse: a.intendedUse,
  limits: (a.limit ?? '')
    .split(';')
    .map((limit) => limit.trim())
    .filter(Boolean),
});

export const acceptsOf = (a: Answers) => ({
  Modality: list(a.modality),
  SOPClassUID: list(a.sopClass),
  BodyPartExamined: { oneOf: list(a.bodyPart), orAbsent: a.bodyPartAbsent === 'yes' },
  ...unless(NONE, a.words, (words) => ({ words: list(words) })),
  ...unless('warn', a.burnedIn, (burnedIn) => ({ burnedIn })),
  ...unless('refuse', a.split, (split) => ({ split })),
  ...unless('refuse', a.tilted, (tilted) => ({ tilted })),
  ...unless('refuse', a.irregular, (irregular) => ({ irregular })),
});

/** For whom it is; nothing when it is for everyone. */
export function checksOf(a: Answers) {
  const checks = {
    ...unless(NONE, a.ages, (ages) => {
      const [from, to] = ages.split('-').map(Number);
      return { PatientAge: { from, to } };
    }),
    ...unless(NONE, a.views, (views) => ({ ViewPosition: { oneOf: list(views) } })),
    ...unless(NONE, a.smallest, (smallest) => {
      const [rows, columns] = smallest.split('x').map(Number);
      return { smallest: { rows, columns } };
    }),
  };
  return Object.keys(checks).length > 0 ? { checks } : {};
}

export const pictureOf = ({ input }: StudiedPicture, a: Answers) => ({
  tensor: input.name,
  layout: input.layout,
  channels: input.channels,
  rows: input.rows ?? Number(a.rows),
  columns: input.columns ?? Number(a.columns),
  window: structured(PictureWindow, a.window),
  mean: numbers(a.mean),
  std: numbers(a.std),
});

/** With the method that was answered, or proposed in its place. */
export const explanationOf = (a: Answers, method: string, anatomy?: AnatomySpec) => ({
  method,
  ...unless('auto', a.layer, (layer) => ({ layer })),
  ...unless('blur', a.baseline, (baseline) => ({ baseline })),
  ...unless(NONE, a.caution, (caution) => ({ caution })),
  ...(anatomy ? { anatomy } : {}),
});

/** The framework's answers; what the element is given by comes from the kind of model. */
export function whyOf(a: Answers, methods: Readonly<Record<ElementName, string>>) {
  const element = (key: ElementName) => ({
    required: a[`${key}Required`] === 'yes',
    method: methods[key],
    why: a[`${key}Why`] ?? '',
  });
  return {
    task: a.task,
    users: a.users,
    decision: a.decision,
    why: a.why,
    faithfulness: a.faithfulness,
    elements: {
      localization: element('localization'),
      visualRecognizability: element('visualRecognizability'),
      physicalAttribution: element('physicalAttribution'),
      modelTransparency: element('modelTransparency'),
      actionability: element('actionability'),
    },
  };
}
