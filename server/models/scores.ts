import { z } from 'zod';
import { key, optional } from './key.ts';
import { Code, Label } from './labels.ts';

/** What a package says of a score: when it counts, what it means, what may be done next. */

const fittedOn = key('On which images it was fitted.', '500 images of other patients', z.string().min(1));
const isRising = (knots: readonly (readonly [number, number])[]): boolean =>
  knots.every(
    ([score, share], i) => i === 0 || (score > (knots[i - 1]?.[0] ?? 0) && share >= (knots[i - 1]?.[1] ?? 0)),
  );
const part = z.number().min(0).max(1);

/** From the raw score to a probability, and on which images that was fitted. */
export const Calibration = z.discriminatedUnion('method', [
  z.strictObject({
    method: key(
      'logit p = logit(score) / temperature (Guo 2017); of a sigmoid, or a softmax of two.',
      'temperature',
      z.literal('temperature'),
    ),
    temperature: key('Over 1 draws probabilities to the middle.', 1.4, z.number().positive()),
    fittedOn,
  }),
  z.strictObject({
    method: key(
      'Steps of the score, linear between, the end values beyond (Zadrozny 2002).',
      'isotonic',
      z.literal('isotonic'),
    ),
    knots: key(
      'Pairs of score and probability; scores rise, probabilities never fall.',
      [
        [0.1, 0.02],
        [0.9, 0.8],
      ],
      z
        .array(z.tuple([part, part]))
        .min(2)
        .refine(isRising, { error: 'scores must rise, and probabilities must not fall' }),
    ),
    fittedOn,
  }),
]);
export type Calibration = z.infer<typeof Calibration>;

const SECOND = { from: 0.5, text: 'Show it to a second reader.', source: 'Rule 7 of our department' };

/** What a reader may do next, from a number up to the next action's; never without who says so. */
const step = {
  text: key('What may be done, in one sentence.', SECOND.text, z.string().min(1).max(200)),
  code: optional(
    'Code of what may be done.',
    { value: '103697008', scheme: 'SCT', meaning: 'Patient referral' },
    { type: Code, leftOut: 'no code' },
  ),
  source: key('Who says so.', SECOND.source, z.string().min(1)),
};
const Action = z.strictObject({
  from: key('The score from which it is said, up to the next action’s.', 0.5, part),
  ...step,
});
const ValueAction = z.strictObject({
  from: key('The value from which it is said, up to the next action’s; in ml of a volume.', 30, z.number()),
  ...step,
});
export type Step = z.infer<typeof ValueAction>;

const rises = (actions: readonly { readonly from: number }[]): boolean =>
  actions.every(({ from }, i) => i === 0 || from > (actions[i - 1]?.from ?? 0));
export const Actions = z
  .array(Action)
  .min(1)
  .refine(rises, { error: 'actions must be in the order of their scores' });
export const ValueActions = z
  .array(ValueAction)
  .min(1)
  .refine(rises, { error: 'actions must be in the order of their values' });

/** Of a quantity or a volume. */
export const valueActions = optional(
  'What a reader may do next, by value (of a structure its volume in ml, 0 where it is not found), in the order of the values.',
  [{ ...SECOND, from: 30 }],
  { type: ValueActions, leftOut: 'no next step is said' },
);

/** One question that the model answers. */
export const Target = z
  .strictObject({
    place: key('Place of its score in the output, from 0; of a detection, its class.', 0, z.int().min(0)),
    threshold: key('Raw score from which it is called present.', 0.5, part),
    calibrated: key('Is the raw score a probability already?', false, z.boolean()),
    calibration: optional(
      'From the raw score to a probability.',
      { method: 'temperature', temperature: 1.4, fittedOn: '500 images of other patients' },
      { type: Calibration, leftOut: 'no probability is said' },
    ),
    actions: optional('What a reader may do next, by score, in the order of their scores.', [SECOND], {
      type: Actions,
      leftOut: 'no next step is said',
    }),
    label: key(
      'What it is called, with its codes.',
      {
        label: 'Pneumonia',
        category: { value: '49755003', scheme: 'SCT', meaning: 'Morphologically Abnormal Structure' },
        type: { value: '233604007', scheme: 'SCT', meaning: 'Pneumonia' },
        rgb: [251, 155, 6],
      },
      Label,
    ),
  })
  .refine(({ calibrated, calibration }) => !(calibrated && calibration), {
    error: 'a score that is a probability already needs no calibration',
  });
