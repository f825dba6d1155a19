import { z } from 'zod';
import { key, optional } from './key.ts';

/** Which series a model is given, and for whom and what it is. */

/** Which series the model may see. A clause that is left out accepts everything. */
export const Accepts = z.strictObject({
  Modality: key('Modalities that it may read.', ['CR', 'DX'], z.array(z.string()).min(1)),
  SOPClassUID: key(
    'SOP Classes that it may read.',
    ['1.2.840.10008.5.1.4.1.1.1'],
    z.array(z.string()).min(1),
  ),
  BodyPartExamined: key(
    'Parts of the body that it may read.',
    { oneOf: ['CHEST'], orAbsent: false },
    z.strictObject({
      oneOf: key('Values of Body Part Examined, in capitals.', ['CHEST'], z.array(z.string()).min(1)),
      orAbsent: key('May a series be read that does not say?', false, z.boolean()),
    }),
  ),
  words: optional(
    'At least one of these words stands in SeriesDescription or ProtocolName, ignoring case.',
    ['t1', 'mpr'],
    { type: z.array(z.string().min(2)), leftOut: 'any description' },
  ),
  instances: key(
    'How many images the series has.',
    { min: 1, max: 1 },
    z.strictObject({
      min: key('At least.', 1, z.int().min(1)),
      max: key('At most.', 1, z.int().min(1)),
    }),
  ),
  burnedIn: optional(
    'Images that say that text is burned into their pixels: noted in the result, or refused.',
    'refuse',
    {
      type: z.enum(['warn', 'refuse']),
      otherwise: 'warn',
    },
  ),
  split: optional(
    'A series of several stacks, time points, echoes, b-values: refused, or one of its stacks is read.',
    'largest',
    { type: z.enum(['refuse', 'largest', 'first']), otherwise: 'refuse' },
  ),
  tilted: optional(
    'Slices that are sheared by a gantry tilt: refused, or made straight, which needs a step that resamples.',
    'resample',
    { type: z.enum(['refuse', 'resample']), otherwise: 'refuse' },
  ),
  irregular: optional(
    'Slices at uneven distances: refused, or interpolated at their smallest distance.',
    'resample',
    { type: z.enum(['refuse', 'resample']), otherwise: 'refuse' },
  ),
});
export type Accepts = z.infer<typeof Accepts>;

/** For whom and what the model is: held against each series; what is outside is marked `check before use`, not refused. */
export const Checks = z.strictObject({
  PatientAge: optional(
    'Years; held against PatientAge, else the dates of birth and study.',
    { from: 18, to: 120 },
    {
      type: z
        .strictObject({
          from: key('Youngest.', 18, z.number().min(0)),
          to: key('Oldest.', 120, z.number().max(150)),
        })
        .refine(({ from, to }) => from < to, { error: 'from must be under to' }),
      leftOut: 'any age',
    },
  ),
  ViewPosition: optional(
    'Views that the model is for.',
    { oneOf: ['AP', 'PA'] },
    {
      type: z.strictObject({
        oneOf: key('Values of View Position.', ['AP', 'PA'], z.array(z.string().min(1)).min(1)),
      }),
      leftOut: 'any view',
    },
  ),
  smallest: optional(
    'Of the source: a smaller matrix was enlarged for the model.',
    { rows: 224, columns: 224 },
    {
      type: z.strictObject({
        rows: key('Rows at least.', 224, z.int().min(1)),
        columns: key('Columns at least.', 224, z.int().min(1)),
      }),
      leftOut: 'any size',
    },
  ),
});
export type Checks = z.infer<typeof Checks>;
