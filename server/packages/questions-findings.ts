import { LATERALITIES } from '../dicom/code.ts';
import { MeasuredError, Plausible } from '../models/kind-quantities.ts';
import { Range } from '../models/labels.ts';
import { Actions, Calibration, ValueActions } from '../models/scores.ts';
import { codeFrom } from './known-codes.ts';
import { code, matches, NONE, oneOf, orNone, type Question, share, yaml, yesOrNo } from './question.ts';

/** What is asked of each thing that a model says: its codes, and what may be made of it. */

const SIDES = Object.keys(LATERALITIES);

const labelQuestions = (place: number, label: string, category: string): readonly Question[] => [
  {
    key: `type${place}`,
    ask: `Code of ${label}: value|scheme|meaning, or a name that is known`,
    why: 'Other systems find results by the code, not by the name.',
    ...(codeFrom(label) ? { otherwise: label } : {}),
    check: code,
  },
  {
    key: `category${place}`,
    ask: 'Code of the kind of thing that it is',
    why: 'DICOM wants one beside the code.',
    otherwise: category,
    check: code,
  },
  {
    key: `site${place}`,
    ask: 'Code of the place in the body, or none',
    why: 'A pneumothorax of a lung is found by the lung.',
    otherwise: NONE,
    check: orNone(code),
  },
  {
    key: `side${place}`,
    ask: `Its side, where that is fixed: ${SIDES.join(', ')}, or none`,
    why: 'Only of what the model tells apart, such as a left lung.',
    otherwise: NONE,
    check: oneOf(...SIDES, NONE),
  },
  {
    key: `colour${place}`,
    ask: 'Its colour: red, green and blue from 0 to 255, or auto',
    why: 'Masks and marks are drawn in it.',
    otherwise: 'auto',
    check: (a) => (a === 'auto' ? undefined : rgb(a)),
  },
];
const rgb = matches(/^(25[0-5]|2[0-4]\d|1?\d?\d)(,\s*(25[0-5]|2[0-4]\d|1?\d?\d)){2}$/, 'such as 251,155,6');

const ABNORMAL = '49755003|SCT|Morphologically Abnormal Structure';
const ANATOMY = '91723000|SCT|Anatomical Structure';

/** A score: of the class, or of the boxes of a class. */
export const scoreQuestions = (place: number, label: string): readonly Question[] => [
  ...labelQuestions(place, label, ABNORMAL),
  {
    key: `threshold${place}`,
    ask: `Score from which ${label} is called present`,
    why: 'The decision; the result says how far from it the score is.',
    otherwise: '0.5',
    check: share,
  },
  {
    key: `calibrated${place}`,
    ask: 'Is the score itself a probability, measured on other data? yes or no',
    why: 'Most scores are not, and the result says so.',
    otherwise: 'no',
    check: yesOrNo,
  },
  {
    key: `calibration${place}`,
    ask: 'Calibration, such as { method: temperature, temperature: 1.4, fittedOn: 500 images of other patients }, or none',
    why: 'With it the result says a probability, and of whom.',
    otherwise: NONE,
    check: orNone(yaml(Calibration)),
  },
  {
    key: `actions${place}`,
    ask: 'Next steps, such as [{ from: 0.5, text: Show it to a second reader, source: Rule 7 of our department }], or none',
    why: 'From which score what may be done next; never without who says so.',
    otherwise: NONE,
    check: orNone(yaml(Actions)),
  },
];

/** What may be done next at a value or a volume. */
const nextSteps = (place: number, of: string): Question => ({
  key: `actions${place}`,
  ask: `Next steps by ${of}, such as [{ from: 30, text: Show it to a second reader, source: Rule 7 of our department }], or none`,
  why: 'From where on what may be done next; never without who says so.',
  otherwise: NONE,
  check: orNone(yaml(ValueActions)),
});

/** A quantity that is read off an image. */
export const valueQuestions = (place: number, label: string): readonly Question[] => [
  ...labelQuestions(place, label, ABNORMAL),
  {
    key: `quantity${place}`,
    ask: 'Code of what is measured: value|scheme|meaning',
    why: 'A number without it is no measurement.',
    check: code,
  },
  {
    key: `unit${place}`,
    ask: 'Its unit, as value|UCUM|meaning, such as a|UCUM|year, or mm, ml, %',
    why: 'The value is written with it, and never changed.',
    check: (a) => (codeFrom(a)?.scheme === 'UCUM' ? undefined : 'a unit of UCUM, such as a|UCUM|year'),
  },
  {
    key: `plausible${place}`,
    ask: 'What it may be, such as { low: 0, high: 20 }',
    why: 'A value beyond it is marked: not to be relied on.',
    check: yaml(Plausible),
  },
  {
    key: `error${place}`,
    ask: 'How far it is off, such as { plusMinus: 1.5, measuredOn: 200 hands of other patients }, or none',
    why: 'The interval that held 95 of 100 values stands beside each.',
    otherwise: NONE,
    check: orNone(yaml(MeasuredError)),
  },
  nextSteps(place, 'value'),
];

/** A structure of a label map. */
export const structureQuestions = (place: number, label: string): readonly Question[] => [
  ...labelQuestions(place, label, ANATOMY),
  {
    key: `paired${place}`,
    ask: 'Is there one on each side, under this one label? yes or no',
    why: 'Then the two halves are compared.',
    otherwise: 'no',
    check: yesOrNo,
  },
  {
    key: `range${place}`,
    ask: 'Usual volumes, such as { low: 12, high: 30, unit: ml, of: adults, source: a paper }, or none',
    why: 'The volume is held against it; never without whose, and who says so.',
    otherwise: NONE,
    check: orNone(yaml(Range)),
  },
  {
    key: `expected${place}`,
    ask: 'Does every patient that the model is for have it? yes or no',
    why: 'Where it is not found, all results of the series are then marked.',
    otherwise: 'no',
    check: yesOrNo,
  },
  {
    key: `plausible${place}`,
    ask: 'Volumes beyond which its mask is not believed, such as { low: 2, high: 60, unit: ml, of: adults, source: a paper }, or none',
    why: 'A series that is cut, wrongly scaled or of something else is then marked.',
    otherwise: NONE,
    check: orNone(yaml(Range)),
  },
  nextSteps(place, 'volume in ml'),
];
