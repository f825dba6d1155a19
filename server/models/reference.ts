import { z } from 'zod';

/** What a package keeps of images that its model knows: written by `pellucid model reference`, read by the checks. */

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const numbers = z.array(z.number());

/**
 * Where vectors of known images lie: a mean, the directions in which they differ most with their variances, and one variance
 * for all other directions (probabilistic PCA; Tipping and Bishop 1999).
 */
export const Space = z
  .strictObject({
    mean: numbers.min(1),
    /** Unit vectors at right angles, as long as the mean. */
    directions: z.array(numbers),
    variances: z.array(z.number().positive()),
    rest: z.number().positive(),
    /** Median distance of images that were held out. */
    usual: z.number().positive(),
    /** A greater distance is not like the known images. */
    limit: z.number().positive(),
  })
  .refine((s) => s.directions.every(({ length }) => length === s.mean.length), {
    error: 'directions must be as long as the mean',
  })
  .refine((s) => s.directions.length === s.variances.length, { error: 'each direction needs a variance' });
export type Space = z.infer<typeof Space>;

/** reference/statistics.json */
export const Statistics = z.strictObject({
  schema: z.literal(1),
  /** SHA-256 of the ONNX file that the features are of. */
  onnx: digest,
  /** Images that the spaces were fitted on, and other patients' that the limits were set on. */
  fitted: z.int().min(1),
  heldOut: z.int().min(1),
  /** Share of the held out images beyond at least one limit. */
  flagged: z.number().min(0).max(1),
  /** Of the means over space of this ONNX value. */
  features: Space.safeExtend({ layer: z.string() }),
  /** Of means and standard deviations over space of an early ONNX value: fine detail. */
  texture: Space.safeExtend({ layer: z.string() }),
  /** Of the picture in 16 × 16 blocks, mean 0 and deviation 1. */
  layout: Space,
  /** Of 32 quantiles of the picture. */
  histogram: Space,
});
export type Statistics = z.infer<typeof Statistics>;

/** reference/gallery.json: known images with what they turned out to be; pictures beside it in cases/<id>.png. */
export const Gallery = z.strictObject({
  schema: z.literal(1),
  onnx: digest,
  cases: z
    .array(
      z.strictObject({
        id: z.string().regex(/^case-\d{3}$/),
        truth: z.string().min(1).max(64),
        /** Along the directions of the features, each in its standard deviations. */
        at: numbers,
      }),
    )
    .min(3),
});
export type Gallery = z.infer<typeof Gallery>;

export interface Reference {
  readonly statistics: Statistics;
  readonly gallery?: Gallery;
}
