import { z } from 'zod';
import { Common } from './every-package.ts';
import { key, optional } from './key.ts';
import { Code, distinct, Label } from './labels.ts';
import { explanation, input } from './picture.ts';
import { valueActions } from './scores.ts';

/** Packages whose models give quantities with units. */

const lowHigh = (low: number, high: number) =>
  z
    .strictObject({
      low: key('Least value.', low, z.number()),
      high: key('Greatest value.', high, z.number()),
    })
    .refine((range) => range.low < range.high, { error: 'low must be under high' });

/** What the values may be: beyond it a result is not to be relied on. */
export const Plausible = lowHigh(0, 20);
/** Half the width of the interval that held 95 of 100 values of other patients, and of which. */
export const MeasuredError = z.strictObject({
  plusMinus: key(
    'Half the width of the interval that held 95 of 100 values of other patients.',
    1.5,
    z.number().positive(),
  ),
  measuredOn: key('On which images that was measured.', '200 hands of other patients', z.string().min(1)),
});

const Quantity = z.strictObject({
  place: key('Place of the value in the output, from 0.', 0, z.int().min(0)),
  label: key('What it is called, with its codes.', { label: 'Bone age' }, Label),
  quantity: key('What is measured.', { value: '445518008', scheme: 'SCT', meaning: 'Age' }, Code),
  unit: key(
    'Its unit, of UCUM.',
    { value: 'a', scheme: 'UCUM', meaning: 'year' },
    Code.refine(({ scheme }) => scheme === 'UCUM', { error: 'is not of UCUM' }),
  ),
  plausible: key(
    'What the values may be: beyond it a result is not to be relied on.',
    { low: 0, high: 20 },
    Plausible,
  ),
  error: optional(
    'How far it is off, where that was measured: the interval stands beside each value.',
    { plusMinus: 1.5, measuredOn: '200 hands of other patients' },
    { type: MeasuredError, leftOut: 'no interval is said' },
  ),
  actions: valueActions,
});

/** An image becomes numbers, each a quantity with its unit. */
export const Regression = z.strictObject({
  ...Common,
  kind: key('One image becomes quantities with units.', 'regression', z.literal('regression')),
  input,
  output: key(
    'Where the values are, and what they are of.',
    { values: 'years' },
    z.strictObject({
      values: key('The output that holds the values.', 'years', z.string()),
      targets: key(
        'The quantities.',
        [{ place: 0, label: { label: 'Bone age' }, plausible: { low: 0, high: 20 } }],
        distinct(z.array(Quantity).min(1).max(64), ({ label }) => label.label),
      ),
    }),
  ),
  explanation,
});
