import type { ElementName } from '../contracts.ts';
import { codeFrom } from './known-codes.ts';
import type { Answers } from './questions.ts';
import type { Studied } from './study.ts';

/** Parts of a model.yaml from answers; the schema checks them afterwards. */

export const list = (text = ''): string[] => text.split(',').map((part) => part.trim());
export const numbers = (text = ''): number[] => list(text).map(Number);

export const identityOf = (a: Answers) => ({
  schema: 1,
  id: a.id,
  name: a.name,
  version: a.version,
  manufacturer: a.manufacturer,
  licence: a.licence,
  intendedUse: a.intendedUse,
  limits: [a.limit],
});

export const acceptsOf = (a: Answers) => ({
  Modality: list(a.modality),
  SOPClassUID: list(a.sopClass),
  BodyPartExamined: { oneOf: list(a.bodyPart), orAbsent: false },
});

export const pictureOf = ({ input }: Studied, a: Answers) => ({
  tensor: input.name,
  layout: input.layout,
  channels: input.channels,
  rows: input.rows ?? Number(a.rows),
  columns: input.columns ?? Number(a.columns),
  window: a.window,
  mean: numbers(a.mean),
  std: numbers(a.std),
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

const COLOURS = [
  [251, 155, 6],
  [90, 204, 230],
  [134, 220, 196],
  [255, 157, 138],
] as const;
const colour = (i: number): number[] => [...(COLOURS[i % COLOURS.length] as (typeof COLOURS)[number])];

export const targetsOf = (a: Answers) =>
  Object.keys(a)
    .flatMap((key) => /^type(\d+)$/.exec(key)?.[1] ?? [])
    .map((place, i) => ({
      place: Number(place),
      threshold: Number(a[`threshold${place}`]),
      calibrated: a[`calibrated${place}`] === 'yes',
      label: {
        label: a[`label${place}`],
        category: { value: '49755003', scheme: 'SCT', meaning: 'Morphologically Abnormal Structure' },
        ...codesOf(a, place),
        rgb: colour(i),
      },
    }));

export const structuresOf = (a: Answers, classes: number) =>
  Array.from({ length: classes - 1 }, (_, i) => ({
    label: a[`label${i + 1}`],
    category: { value: '91723000', scheme: 'SCT', meaning: 'Anatomical Structure' },
    ...codesOf(a, i + 1),
    rgb: colour(i),
  }));

const codesOf = (a: Answers, place: number | string) => ({
  type: codeFrom(a[`type${place}`] ?? ''),
  ...(a[`site${place}`] === '-' ? {} : { site: codeFrom(a[`site${place}`] ?? '') }),
});
