import { z } from 'zod';

/** How a volume becomes what a model reads: steps by name, in the order of model.yaml. Axes are those of the grid, slowest first. */

/** Values from `centre` − `width`/2 to `centre` + `width`/2, linearly (LINEAR_EXACT); only of series in this unit. */
export const FixedWindow = z.strictObject({
  centre: z.number(),
  width: z.number().positive(),
  unit: z.enum(['HU', 'SUVbw', 'Bq/ml']),
});

const triple = <T extends z.ZodType>(of: T) => z.tuple([of, of, of]);
const Size = triple(z.int().min(1).max(2048));
/** Value where the series has none; its least value when it does not say. */
const outside = z.number().exactOptional();
/** Over all voxels, or over those that are not 0: the others then stay as they are. */
const of = z.enum(['all', 'nonzero']).exactOptional();

export const Step = z.discriminatedUnion('step', [
  /** Axes turned and exchanged, never interpolated: LPS has the first grow to the left, the second to posterior, the third up. */
  z.strictObject({
    step: z.literal('orient'),
    axes: z
      .string()
      .regex(/^(?=.*[LR])(?=.*[AP])(?=.*[IS])[LRAPIS]{3}$/, 'three letters, one each of L/R, A/P, I/S'),
  }),
  /** Voxels of these millimetres along perpendicular axes, around the same centre, over the same extent. */
  z.strictObject({
    step: z.literal('spacing'),
    mm: triple(z.number().min(0.05).max(50)),
    interpolation: z.enum(['linear', 'nearest']),
    outside,
  }),
  /** As many voxels over the same extent; `area`: the mean of what each covers. */
  z.strictObject({
    step: z.literal('resize'),
    size: Size,
    interpolation: z.enum(['linear', 'nearest', 'area']),
  }),
  /** The middle; axes that are smaller stay. */
  z.strictObject({ step: z.literal('crop'), size: Size }),
  /** Around it; axes that are larger stay. */
  z.strictObject({ step: z.literal('pad'), size: Size, outside }),
  /** Up to the next multiple of voxels. */
  z.strictObject({ step: z.literal('padToMultiple'), of: z.int().min(2).max(256), outside }),
  /** The bounding box of the values above a limit, with so many voxels around it. */
  z.strictObject({ step: z.literal('foreground'), above: z.number(), padding: z.int().min(0).max(128) }),
  /** Values cut off at two percentiles, linear between ranks as NumPy's. */
  z.strictObject({
    step: z.literal('clipPercentiles'),
    low: z.number().min(0).max(100),
    high: z.number().min(0).max(100),
    of,
  }),
  /** Values cut off at two values. */
  z.strictObject({ step: z.literal('clip'), low: z.number(), high: z.number() }),
  /** From the least to the greatest value: 0..1. */
  z.strictObject({ step: z.literal('minmax') }),
  /** A window in the unit of the series: 0..1. */
  z.strictObject({ step: z.literal('window'), ...FixedWindow.shape }),
  /** Mean 0, standard deviation 1 (of the voxels as a population). */
  z.strictObject({ step: z.literal('zscore'), of }),
  /** (v − mean) / std, with the values of the training set. */
  z.strictObject({ step: z.literal('standardise'), mean: z.number(), std: z.number().positive() }),
]);
export type Step = z.infer<typeof Step>;
export type FixedWindow = z.infer<typeof FixedWindow>;
