import { firstMark, shapesOf } from '../../ohif-extension/src/lib/first-mark.ts';
import { keyNumber } from '../../ohif-extension/src/lib/key-number.ts';
import { ELEMENTS, type Finding } from '../../ohif-extension/src/lib/result.ts';
import { sentencesOf } from '../../ohif-extension/src/lib/sentences.ts';
import { FINDING } from '../helpers/finding.ts';

const measures = (values: Readonly<Record<string, number>>): Finding['measures'] =>
  Object.entries(values).map(([name, value]) => ({ name, value, sentence: '' }));
const image = { SOPClassUID: '1', SOPInstanceUID: '2' };
const MAPPED: Finding = { ...FINDING, present: true, explanations: [image] };

const SEGMENT: Finding = { ...MAPPED, segment: { ...image, number: 1 } };
const NEGATIVE: Finding = { ...MAPPED, present: false };

test.each<[string, readonly Finding[], ReturnType<typeof firstMark>]>([
  ['the map of evidence, and no box around it', [MAPPED], { map: true, regions: false }],
  [
    'the boxes of a detection, not what made them',
    [{ ...MAPPED, measures: measures({ 'Score of box A': 0.9 }) }],
    { map: false, regions: true },
  ],
  ['masks', [SEGMENT], { map: false, regions: true }],
  [
    'of a missing structure the masks of the others',
    [{ ...SEGMENT, present: false }, SEGMENT],
    { map: false, regions: true },
  ],
  ['no masks where no structure is', [{ ...SEGMENT, present: false }], { map: false, regions: false }],
  ['the map of what was found, whatever else was not', [MAPPED, NEGATIVE], { map: true, regions: false }],
  ['nothing of what was not found, whatever else was', [NEGATIVE, MAPPED], { map: false, regions: false }],
  ['the map of one among structures', [MAPPED, SEGMENT], { map: true, regions: false }],
  ['masks of a structure beside one with a map', [SEGMENT, MAPPED], { map: false, regions: true }],
  ['the outlines of a report without a map', [FINDING], { map: false, regions: true }],
  ['nothing where nothing was found', [NEGATIVE], { map: false, regions: false }],
])('at first there is one mark: %s', (_, findings, mark) => {
  expect(firstMark(findings[0], findings)).toEqual(mark);
});

const OUTLINED: Finding = {
  ...FINDING,
  regions: [{ name: 'A', meaning: '', SOPInstanceUID: '2', points: [] }],
};

test.each<[string, readonly Finding[], ReturnType<typeof shapesOf>]>([
  ['its outlines', [OUTLINED], 'regions'],
  ['its outlines, in a report with masks of others too', [OUTLINED, SEGMENT], 'regions'],
  [
    'the masks, of a structure with the box of its key slice',
    [{ ...OUTLINED, segment: { ...image, number: 1 } }, OUTLINED],
    'masks',
  ],
  ['the masks of others, where it has no place of its own', [MAPPED, SEGMENT], 'masks'],
  ['nothing', [MAPPED], 'none'],
])('one switch shows of a finding %s', (_, findings, shapes) => {
  expect(shapesOf(findings[0] as Finding, findings)).toBe(shapes);
});

const SCORED: Finding = {
  ...FINDING,
  present: true,
  score: { value: 0.91, threshold: 0.5, calibrated: false },
};
const REGION = {
  'Completeness gap': 8.6e-7,
  'Score without region A': 0.34,
  'Part of the picture in region A': 18.4,
  'Contrast of region A': -0.57,
};

test.each<[string, Finding, readonly (string | undefined)[]]>([
  [
    'a score without a size in the patient',
    { ...SCORED, measures: measures(REGION) },
    ['18 % of the image', '0.6 SD darker', '0.91 → 0.34 without A', 'exact sum', '0.41 above threshold'],
  ],
  [
    'a score with size and anatomy, of a map that does not add up',
    {
      ...SCORED,
      measures: measures({
        ...REGION,
        'Completeness gap': -0.12,
        'Long axis of region A': 63.4,
        'Short axis of region A': 44.4,
        'Evidence in Heart': 0.1,
        'Evidence in Lungs': 0.81,
        'Evidence on plain black or white': 0.99,
      }),
    },
    ['18 % of the image', '81 % in Lungs', '63 × 44 mm', 'sum off by −0.12', '0.41 above threshold'],
  ],
  [
    'a map that promises no sum',
    {
      ...SCORED,
      measures: measures({
        'Score without region A': 0.34,
        'Long axis of region A': 63,
        'Short axis of region A': 44,
      }),
    },
    [undefined, undefined, '63 × 44 mm', '0.91 → 0.34 without A', '0.41 above threshold'],
  ],
  [
    'a box',
    {
      ...SCORED,
      measures: measures({
        'Width of box A': 32.1,
        'Height of box A': 27.8,
        'Part of the picture in region A': 2,
      }),
    },
    ['32 × 28 mm', undefined, undefined, undefined, '0.41 above threshold'],
  ],
  [
    'a negative, whose strongest place is none',
    {
      ...SCORED,
      present: false,
      score: { value: 0.1, threshold: 0.5, calibrated: false },
      measures: measures({ ...REGION, 'Score without region A': 0.08 }),
    },
    [undefined, undefined, '0.10 → 0.08 without A', 'exact sum', '0.40 below threshold'],
  ],
  [
    'a structure',
    {
      ...FINDING,
      present: true,
      volumeMl: 2.612,
      measures: measures({
        'Slices with the mask': 19,
        'Share of close calls': 0.004,
        'Contrast of the border': 1.04,
      }),
    },
    ['19 slices', 'border 1.0 ×', '2.61 ml', '< 1 % close calls', undefined],
  ],
  [
    'a structure that is not there',
    { ...FINDING, present: false, volumeMl: 0 },
    [undefined, undefined, undefined, undefined, undefined],
  ],
  [
    'a quantity',
    {
      ...FINDING,
      measurements: [{ name: 'Bone age', value: 120.25, unit: 'mo' }],
      measures: measures({ 'Value without region A': 96, 'Part of the picture in region A': 0.2 }),
    },
    ['< 1 % of the image', undefined, '120.3 → 96 mo without A', undefined, undefined],
  ],
  ['a report without numbers', FINDING, [undefined, undefined, undefined, undefined, undefined]],
])('the number of each card: %s', (_, finding, keys) => {
  expect(ELEMENTS.map((name) => keyNumber(name, finding))).toEqual(keys);
});

test.each<[string, readonly string[]]>([
  ['A covers 19 % of it. Under 1 % lies beside.', ['A covers 19 % of it.', 'Under 1 % lies beside.']],
  ['It lies in the left zone (A). 95 of 100 do.', ['It lies in the left zone (A).', '95 of 100 do.']],
  ['The score is 0.61, e.g. 3 above. So it is.', ['The score is 0.61, e.g. 3 above.', 'So it is.']],
  ['No full stop', ['No full stop']],
  ['', []],
])('sentences of %p', (text, sentences) => {
  expect(sentencesOf(text)).toEqual(sentences);
});
