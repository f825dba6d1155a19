import { z } from 'zod';
import { Code, Label } from './labels.ts';

/** What a package says of a score: when it counts, what it means, what may be done next. */

const fittedOn = z.string().min(1);
const isRising = (knots: readonly (readonly [number, number])[]): boolean =>
  knots.every(
    ([score, share], i) => i === 0 || (score > (knots[i - 1]?.[0] ?? 0) && share >= (knots[i - 1]?.[1] ?? 0)),
  );

/** From the raw score to a probability, and on which images that was fitted. */
export const Calibration = z.discriminatedUnion('method', [
  /** logit p = logit(score) / temperature (Guo 2017); of a sigmoid, or a softmax of two. */
  z.strictObject({ method: z.literal('temperature'), temperature: z.number().positive(), fittedOn }),
  /** [score, probability], linear between, the end values beyond (Zadrozny 2002). */
  z.strictObject({
    method: z.literal('isotonic'),
    knots: z
      .array(z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]))
      .min(2)
      .refine(isRising, { error: 'scores must rise, and probabilities must not fall' }),
    fittedOn,
  }),
]);
export type Calibration = z.infer<typeof Calibration>;

/** What a reader may do next, from a score up to the next action's; never without who says so. */
const Action = z.strictObject({
  from: z.number().min(0).max(1),
  text: z.string().min(1).max(200),
  code: Code.exactOptional(),
  source: z.string().min(1),
});

/** One question that the model answers. */
export const Target = z
  .strictObject({
    /** Place of its score in the output, from 0. */
    place: z.int().min(0),
    threshold: z.number().min(0).max(1),
    /** Is the raw score a probability already? */
    calibrated: z.boolean(),
    calibration: Calibration.exactOptional(),
    actions: z
      .array(Action)
      .min(1)
      .refine((actions) => actions.every(({ from }, i) => i === 0 || from > (actions[i - 1]?.from ?? 0)), {
        error: 'actions must be in the order of their scores',
      })
      .exactOptional(),
    label: Label,
  })
  .refine(({ calibrated, calibration }) => !(calibrated && calibration), {
    error: 'a score that is a probability already needs no calibration',
  });
