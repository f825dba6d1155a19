import { z } from 'zod';
import { key, optional } from './key.ts';

/** How a volume becomes what a model reads: steps by name, in the order of model.yaml. Axes are those of the grid, slowest first. */

/** Values from `centre` − `width`/2 to `centre` + `width`/2, linearly (LINEAR_EXACT); only of series in this unit. */
export const FixedWindow = z.strictObject({
  centre: key('Middle of the window.', 40, z.number()),
  width: key('From its lower to its upper end.', 400, z.number().positive()),
  unit: key('Unit of the values; a series in another is refused.', 'HU', z.enum(['HU', 'SUVbw', 'Bq/ml'])),
});

const triple = <T extends z.ZodType>(of: T) => z.tuple([of, of, of]);
export const Size = triple(z.int().min(1).max(2048));
const size = key('Voxels along each axis, slowest first.', [64, 160, 160], Size);
const outside = optional('Value where the series has none.', 0, {
  type: z.number(),
  leftOut: 'the least value of the series',
});
const of = optional(
  'Over all voxels, or over those that are not 0: the others then stay as they are.',
  'nonzero',
  { type: z.enum(['all', 'nonzero']), otherwise: 'all' },
);
const named = <T extends string>(name: T, description: string) => key(description, name, z.literal(name));

export const Step = z.discriminatedUnion('step', [
  z.strictObject({
    step: named('orient', 'Axes turned and exchanged, never interpolated.'),
    axes: key(
      'Where each axis grows, slowest first: LPS has the first grow to the left, the second to posterior, the third up.',
      'LPS',
      z
        .string()
        .regex(/^(?=.*[LR])(?=.*[AP])(?=.*[IS])[LRAPIS]{3}$/, 'three letters, one each of L/R, A/P, I/S'),
    ),
  }),
  z.strictObject({
    step: named(
      'spacing',
      'Voxels of these millimetres along perpendicular axes, around the same centre, over the same extent.',
    ),
    mm: key('Distance of voxels along each axis.', [2, 1, 1], triple(z.number().min(0.05).max(50))),
    interpolation: key('How values between voxels are made.', 'linear', z.enum(['linear', 'nearest'])),
    outside,
  }),
  z.strictObject({
    step: named('resize', 'So many voxels over the same extent.'),
    size,
    interpolation: key(
      'How values between voxels are made; area is the mean of what each covers.',
      'linear',
      z.enum(['linear', 'nearest', 'area']),
    ),
  }),
  z.strictObject({ step: named('crop', 'The middle; axes that are smaller stay.'), size }),
  z.strictObject({ step: named('pad', 'Around it; axes that are larger stay.'), size, outside }),
  z.strictObject({
    step: named('padToMultiple', 'Up to the next multiple of voxels.'),
    of: key('The multiple, for every axis.', 16, z.int().min(2).max(256)),
    outside,
  }),
  z.strictObject({
    step: named('foreground', 'The bounding box of the values above a limit.'),
    above: key('The limit.', 0, z.number()),
    padding: key('Voxels kept around the box.', 0, z.int().min(0).max(128)),
  }),
  z.strictObject({
    step: named('clipPercentiles', 'Values cut off at two percentiles, linear between ranks as NumPy’s.'),
    low: key('Lower percentile.', 1, z.number().min(0).max(100)),
    high: key('Upper percentile.', 99, z.number().min(0).max(100)),
    of,
  }),
  z.strictObject({
    step: named('clip', 'Values cut off at two values.'),
    low: key('Lower value.', -160, z.number()),
    high: key('Upper value.', 240, z.number()),
  }),
  z.strictObject({ step: named('minmax', 'From the least to the greatest value: 0..1.') }),
  z.strictObject({
    step: named('window', 'A window in the unit of the series: 0..1.'),
    ...FixedWindow.shape,
  }),
  z.strictObject({
    step: named('zscore', 'Mean 0, standard deviation 1 (of the voxels as a population).'),
    of,
  }),
  z.strictObject({
    step: named('standardise', '(v − mean) / std, with the values of the training set.'),
    mean: key('Mean of the training set.', 99.4, z.number()),
    std: key('Its standard deviation.', 39.4, z.number().positive()),
  }),
]);
/** How a model that reads tiles of one size sees a larger grid. */
export const Tiles = z.strictObject({
  size: key('Voxels of a tile along each axis, slowest first.', [96, 96, 96], Size),
  overlap: key('Share of a tile that the next one covers too.', 0.5, z.number().min(0).max(0.9)),
  blend: key(
    'How logits are averaged where tiles overlap: equally, or by a Gaussian of an eighth of the tile about its middle.',
    'gaussian',
    z.enum(['constant', 'gaussian']),
  ),
  by: key(
    'Whose rule places and weighs the tiles. monai: a step apart, the last at the end, weights of at least 0.001; nnunet: evenly spread.',
    'monai',
    z.enum(['monai', 'nnunet']),
  ),
  outside: optional('Value around a grid that is smaller than a tile.', 0, {
    type: z.number(),
    otherwise: 0,
  }),
});
export type Tiles = z.infer<typeof Tiles>;
export type Step = z.infer<typeof Step>;
export type FixedWindow = z.infer<typeof FixedWindow>;
