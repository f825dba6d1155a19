import { z } from 'zod';
import { LATERALITIES } from '../dicom/code.ts';
import { key, optional } from './key.ts';

/** What a package calls its findings, with their codes. */

export const Code = z.strictObject({
  value: key('Code Value.', '39607008', z.string().min(1).max(16)),
  scheme: key('Coding Scheme Designator.', 'SCT', z.string().min(1).max(16)),
  meaning: key('Code Meaning, as the scheme has it.', 'Lung', z.string().min(1).max(64)),
});

const SIDES = Object.values(LATERALITIES);
const Laterality = Code.refine(
  ({ value, scheme }) => SIDES.some((s) => s.value === value && s.scheme === scheme),
  {
    error: `is none of CID 244: ${SIDES.map((s) => `${s.value} ${s.meaning}`).join(', ')}`,
  },
);

const ABNORMAL = { value: '49755003', scheme: 'SCT', meaning: 'Morphologically Abnormal Structure' };
const PNEUMONIA = { value: '233604007', scheme: 'SCT', meaning: 'Pneumonia' };
const LUNG = { value: '39607008', scheme: 'SCT', meaning: 'Lung' };
const channel = z.int().min(0).max(255);

export const Label = z.strictObject({
  label: key('Name that readers see.', 'Pneumonia', z.string().min(1).max(64)),
  category: key('The kind of thing that it is (Segmented Property Category).', ABNORMAL, Code),
  type: key('What it is (Segmented Property Type; Finding).', PNEUMONIA, Code),
  site: optional('Where in the body.', LUNG, { type: Code, leftOut: 'no place' }),
  laterality: optional(
    'The side of the site, of CID 244; of the type where there is no site. Only of what the model tells apart.',
    LATERALITIES.left,
    { type: Laterality, leftOut: 'no side' },
  ),
  rgb: key(
    'Colour that masks and marks are drawn in, 8 bits a channel.',
    [251, 155, 6],
    z.tuple([channel, channel, channel]),
  ),
});

/** Each under a name of its own, for a finding is followed by it through the studies of a patient (docs/decisions/0015). */
export const distinct = <T extends z.ZodType>(
  list: z.ZodArray<T>,
  nameOf: (one: z.output<T>) => string,
): z.ZodArray<T> =>
  list.refine((all) => new Set(all.map(nameOf)).size === all.length, { error: 'two have the same label' });

/** Volumes of a structure, of whom they are, and who says so. */
export const Range = z
  .strictObject({
    low: key('Least volume.', 12, z.number().min(0)),
    high: key('Greatest volume.', 30, z.number().positive()),
    unit: key('Always ml.', 'ml', z.literal('ml')),
    of: key('Of whom.', 'adults of 20 to 40 years', z.string().min(1)),
    source: key('Who says so.', 'a paper, with its year', z.string().min(1)),
  })
  .refine(({ low, high }) => low < high, { error: 'low must be under high' });

/** Structures that together are something that readers know. */
const Whole = z.strictObject({
  name: key('What they are together, as after “the”.', 'cerebrum', z.string().min(1).max(40)),
  labels: key(
    'Labels of this package; the structure itself may be among them.',
    ['Cerebral cortex', 'Cerebral white matter'],
    distinct(z.array(z.string()).min(1), (label) => label),
  ),
});

/** A structure's label: what its volume may be held against. */
export const Structure = Label.extend({
  paired: optional('There is one on each side under this one label: the halves are compared.', true, {
    type: z.boolean(),
    otherwise: false,
  }),
  expected: optional(
    'Every patient that the model is for has it: where it is not found, all results of the series are marked check before use.',
    true,
    { type: z.boolean(), otherwise: false },
  ),
  partOf: optional(
    'Its volume is said as a part of these structures’ together too, where all of them were found.',
    { name: 'cerebrum', labels: ['Cerebral cortex', 'Cerebral white matter'] },
    { type: Whole, leftOut: 'no part is said' },
  ),
  range: optional(
    'Usual volumes, which each result is held against; never without of whom and who says so.',
    { low: 12, high: 30, unit: 'ml', of: 'adults of 20 to 40 years', source: 'a paper, with its year' },
    { type: Range, leftOut: 'nothing is said of what is usual' },
  ),
  plausible: optional(
    'Volumes beyond which a mask is not believed, of whom they are, and who says so: all results of the series are then marked check before use.',
    {
      low: 2,
      high: 60,
      unit: 'ml',
      of: 'adults',
      source: 'half the least and twice the greatest of 40 adults',
    },
    { type: Range, leftOut: 'every volume is believed' },
  ),
});
