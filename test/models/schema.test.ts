import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ModelSpec } from '../../server/models/schema.ts';

const chest = parse(readFileSync('models/chest-xr-pneumonia/model.yaml', 'utf8'));
const head = parse(readFileSync('models/head-mr-structures/model.yaml', 'utf8'));
const fittedOn = 'held out patients';

const withTarget = (more: object) => ({
  ...chest,
  output: { ...chest.output, targets: [{ ...chest.output.targets[0], calibrated: false, ...more }] },
});
/** Its first label alone, so no order of several. */
const { brightness: _, ...ofOneLabel } = head.output;
const withLabel = (more: object) => ({
  ...head,
  output: { ...ofOneLabel, labels: [{ ...head.output.labels[0], ...more }] },
});
const range = { low: 2, high: 4, unit: 'ml', of: 'adults', source: 'Someone 2020' };

test.each([
  ['a temperature', withTarget({ calibration: { method: 'temperature', temperature: 1.5, fittedOn } })],
  [
    'knots',
    withTarget({
      calibration: {
        method: 'isotonic',
        knots: [
          [0, 0.1],
          [0.5, 0.1],
          [1, 0.9],
        ],
        fittedOn,
      },
    }),
  ],
  [
    'actions',
    withTarget({
      actions: [
        { from: 0, text: 'Read.', source: 's' },
        { from: 0.5, text: 'Look.', source: 's' },
      ],
    }),
  ],
  [
    'actions of a structure, by ml',
    withLabel({
      actions: [
        { from: 0, text: 'Look.', source: 's' },
        { from: 30, text: 'Measure.', source: 's' },
      ],
    }),
  ],
  [
    'an order of brightness',
    { ...head, output: { ...head.output, brightness: ['Cerebral white matter', 'Cerebral cortex'] } },
  ],
  [
    'a part of the cerebrum',
    withLabel({ partOf: { name: 'cerebrum', labels: [head.output.labels[0].label] } }),
  ],
  ['a range of a paired structure', withLabel({ range, paired: true })],
  [
    'ages and views',
    { ...chest, checks: { PatientAge: { from: 0, to: 17 }, ViewPosition: { oneOf: ['AP'] } } },
  ],
])('%s may stand in a package', (_, spec) => {
  expect(ModelSpec.safeParse(spec).error).toBeUndefined();
});

test.each([
  [
    'a temperature of 0',
    withTarget({ calibration: { method: 'temperature', temperature: 0, fittedOn } }),
    'temperature',
  ],
  [
    'a calibration that does not say of what',
    withTarget({ calibration: { method: 'temperature', temperature: 1 } }),
    'fittedOn',
  ],
  [
    'scores that do not rise',
    withTarget({
      calibration: {
        method: 'isotonic',
        knots: [
          [0.5, 0.1],
          [0.5, 0.2],
        ],
        fittedOn,
      },
    }),
    'scores must rise',
  ],
  [
    'probabilities that fall',
    withTarget({
      calibration: {
        method: 'isotonic',
        knots: [
          [0, 0.5],
          [1, 0.2],
        ],
        fittedOn,
      },
    }),
    'must not fall',
  ],
  [
    'a calibration of a probability',
    withTarget({ calibrated: true, calibration: { method: 'temperature', temperature: 2, fittedOn } }),
    'needs no calibration',
  ],
  ['an action without its source', withTarget({ actions: [{ from: 0, text: 'Treat.' }] }), 'source'],
  [
    'actions out of order',
    withTarget({ actions: [0.5, 0.2].map((from) => ({ from, text: 't', source: 's' })) }),
    'in the order',
  ],
  [
    'actions of a structure out of order',
    withLabel({ actions: [30, 12].map((from) => ({ from, text: 't', source: 's' })) }),
    'in the order of their values',
  ],
  [
    'a brightness of what is no label',
    { ...head, output: { ...head.output, brightness: ['Cerebral white matter', 'Skull'] } },
    'brightness names what is no label',
  ],
  ['a part of what is no label', withLabel({ partOf: { name: 'skull', labels: ['Skull'] } }), 'partOf names'],
  ['a range without its source', withLabel({ range: { ...range, source: undefined } }), 'source'],
  [
    'a range that ends before it begins',
    withLabel({ range: { ...range, high: 1 } }),
    'low must be under high',
  ],
  [
    'ages that end before they begin',
    { ...chest, checks: { PatientAge: { from: 18, to: 2 } } },
    'from must be under to',
  ],
  [
    'two findings of one name',
    { ...chest, output: { ...chest.output, targets: [0, 0].map((i) => chest.output.targets[i]) } },
    'two have the same label',
  ],
  [
    'two structures of one name',
    { ...head, output: { ...head.output, labels: [0, 0].map((i) => head.output.labels[i]) } },
    'two have the same label',
  ],
  ['a misspelt check', { ...chest, checks: { Age: { from: 18, to: 90 } } }, 'Age'],
])('%s is refused, and named', (_, spec, words) => {
  const { error } = ModelSpec.safeParse(spec);
  expect(JSON.stringify(error?.issues)).toContain(words);
});
