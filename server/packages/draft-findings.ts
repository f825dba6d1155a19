import { LATERALITIES } from '../dicom/code.ts';
import { MeasuredError, Plausible } from '../models/kind-quantities.ts';
import { Range } from '../models/labels.ts';
import { Actions, Calibration, ValueActions } from '../models/scores.ts';
import { numbers, unless } from './draft.ts';
import { codeFrom } from './known-codes.ts';
import { type Answers, NONE, structured } from './question.ts';

/** What a model says, from answers: scores, quantities, structures. */

/** Places of what is reported, in their order. */
export const placesOf = (a: Answers): readonly number[] =>
  Object.keys(a)
    .flatMap((key) => /^type(\d+)$/.exec(key)?.[1] ?? [])
    .map(Number);

export const targetsOf = (a: Answers) =>
  placesOf(a).map((place, i) => ({
    place,
    threshold: Number(a[`threshold${place}`]),
    calibrated: a[`calibrated${place}`] === 'yes',
    ...given('calibration', structured(Calibration, a[`calibration${place}`])),
    ...given('actions', structured(Actions, a[`actions${place}`])),
    label: labelOf(a, place, i),
  }));

export const quantitiesOf = (a: Answers) =>
  placesOf(a).map((place, i) => ({
    place,
    label: labelOf(a, place, i),
    quantity: codeFrom(a[`quantity${place}`] ?? ''),
    unit: codeFrom(a[`unit${place}`] ?? ''),
    plausible: structured(Plausible, a[`plausible${place}`]),
    ...given('error', structured(MeasuredError, a[`error${place}`])),
    ...given('actions', structured(ValueActions, a[`actions${place}`])),
  }));

/** Every class but the background, in the order of the channels. */
export const structuresOf = (a: Answers, classes: number) =>
  Array.from({ length: classes - 1 }, (_, i) => ({
    ...labelOf(a, i + 1, i),
    ...(a[`paired${i + 1}`] === 'yes' ? { paired: true } : {}),
    ...(a[`expected${i + 1}`] === 'yes' ? { expected: true } : {}),
    ...given('range', structured(Range, a[`range${i + 1}`])),
    ...given('plausible', structured(Range, a[`plausible${i + 1}`])),
    ...given('actions', structured(ValueActions, a[`actions${i + 1}`])),
  }));

/** A key with its value, or nothing where there is none. */
export const given = (key: string, value: unknown): object => (value === undefined ? {} : { [key]: value });

const labelOf = (a: Answers, place: number, i: number) => ({
  label: a[`label${place}`],
  category: codeFrom(a[`category${place}`] ?? ''),
  type: codeFrom(a[`type${place}`] ?? ''),
  ...unless(NONE, a[`site${place}`], (site) => ({ site: codeFrom(site) })),
  ...unless(NONE, a[`side${place}`], (side) => ({
    laterality: LATERALITIES[side as keyof typeof LATERALITIES],
  })),
  rgb: colourOf(a[`colour${place}`] ?? 'auto', i),
});

const COLOURS = [
  [251, 155, 6],
  [90, 204, 230],
  [134, 220, 196],
  [255, 157, 138],
] as const;

const colourOf = (answer: string, i: number): number[] =>
  answer === 'auto' ? [...(COLOURS[i % COLOURS.length] as (typeof COLOURS)[number])] : numbers(answer);
