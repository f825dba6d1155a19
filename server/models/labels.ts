import { z } from 'zod';
import { LATERALITIES } from '../dicom/code.ts';

/** What a package calls its findings, with their codes. */

export const Code = z.strictObject({
  value: z.string().min(1).max(16),
  scheme: z.string().min(1).max(16),
  meaning: z.string().min(1).max(64),
});

const SIDES = Object.values(LATERALITIES);
const Laterality = Code.refine(
  ({ value, scheme }) => SIDES.some((s) => s.value === value && s.scheme === scheme),
  {
    error: `is none of CID 244: ${SIDES.map((s) => `${s.value} ${s.meaning}`).join(', ')}`,
  },
);

export const Label = z.strictObject({
  label: z.string().min(1).max(64),
  category: Code,
  type: Code,
  site: Code.exactOptional(),
  /** The side of the site; of the type where there is no site. */
  laterality: Laterality.exactOptional(),
  /** Display colour, 8 bits a channel. */
  rgb: z.tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)]),
});

/** A structure's label: what its volume may be held against. */
export const Structure = Label.extend({
  /** There is one on each side under this one label: the halves are compared. */
  paired: z.boolean().exactOptional(),
  /** Volumes that are usual, of whom, and who says so. */
  range: z
    .strictObject({
      low: z.number().min(0),
      high: z.number().positive(),
      unit: z.literal('ml'),
      of: z.string().min(1),
      source: z.string().min(1),
    })
    .refine(({ low, high }) => low < high, { error: 'low must be under high' })
    .exactOptional(),
});
