import { type Changes, changesSince } from '../../ohif-extension/src/lib/changes.ts';
import type { Check, Finding, ModelFacts, Region, Result } from '../../ohif-extension/src/lib/result.ts';
import { FINDING } from '../helpers/finding.ts';

const MODEL: ModelFacts = { name: 'Chest', version: '1.0.0', id: 'chest', digest: 'ab' };
const REGION: Region = {
  name: 'A',
  meaning: '',
  SOPInstanceUID: '1.2',
  points: [
    [1, 1],
    [5, 1],
    [5, 4],
  ],
};
const PNEUMONIA: Finding = {
  ...FINDING,
  present: true,
  score: { value: 0.83, threshold: 0.5, calibrated: false },
  regions: [REGION],
};
const LOBE: Finding = { ...FINDING, label: 'Left lobe', trackingUID: '2', present: true, volumeMl: 2.75 };

const result = (findings: readonly Finding[], model: Partial<ModelFacts> = {}): Result => ({
  SOPInstanceUID: '1.9',
  SeriesInstanceUID: '1.8',
  StudyInstanceUID: '1',
  model: { ...MODEL, ...model },
  createdAt: '2026-11-24T10:00:00',
  verified: false,
  origin: 'explained',
  findings,
});
const scored = (value: number, more: Partial<Finding> = {}): Finding => ({
  ...PNEUMONIA,
  score: { value, threshold: 0.5, calibrated: false },
  present: value >= 0.5,
  ...more,
});
const lobe = (volumeMl: number, more: Partial<Finding> = {}): Finding => ({ ...LOBE, volumeMl, ...more });
const outlined = (...regions: readonly Region[]): Finding => ({ ...PNEUMONIA, regions });
const checked = (finding: Finding, state: Check['state']): Finding => ({
  ...finding,
  checks: [{ name: 'Contrast', state, sentence: '' }],
});
const measuring = (value: number, unit = 'mm'): Finding => ({
  ...FINDING,
  measurements: [{ name: 'Length', value, unit }],
});

const NOTHING: Changes = {
  isOtherScale: false,
  foundThen: [],
  foundNow: [],
  askedThen: [],
  askedNow: [],
  failedThen: [],
  failedNow: [],
  scores: [],
  volumes: [],
  values: [],
  outlines: [],
  details: [],
};

test.each<[string, readonly Finding[], readonly Finding[], Partial<Changes>]>([
  ['all the same', [PNEUMONIA, LOBE], [PNEUMONIA, LOBE], {}],
  ['another order', [PNEUMONIA, LOBE], [LOBE, PNEUMONIA], {}],
  ['other objects', [LOBE], [{ ...LOBE, segment: { SOPClassUID: '1', SOPInstanceUID: '2', number: 1 } }], {}],
  ['a score', [scored(0.83)], [scored(0.91)], { scores: [{ label: 'Pneumonia', was: 0.83, now: 0.91 }] }],
  ['a score by what arithmetic leaves', [scored(0.83)], [scored(0.830001)], {}],
  [
    'a score over its threshold',
    [scored(0.43)],
    [scored(0.61)],
    { foundNow: ['Pneumonia'], scores: [{ label: 'Pneumonia', was: 0.43, now: 0.61 }] },
  ],
  [
    'a score of another calibration',
    [scored(0.83)],
    [{ ...PNEUMONIA, score: { value: 0.6, threshold: 0.5, calibrated: true } }],
    { isOtherScale: true },
  ],
  ['a volume', [lobe(2.75)], [lobe(2.61)], { volumes: [{ label: 'Left lobe', was: 2.75, now: 2.61 }] }],
  ['a volume by less than 1 mm³', [lobe(2.75)], [lobe(2.7503)], {}],
  ['a structure that is gone', [lobe(2.75)], [lobe(0, { present: false })], { foundThen: ['Left lobe'] }],
  ['a finding that the newest does not list', [PNEUMONIA, LOBE], [PNEUMONIA], { foundThen: ['Left lobe'] }],
  ['a finding that the older does not list', [PNEUMONIA], [PNEUMONIA, LOBE], { foundNow: ['Left lobe'] }],
  ['a finding listed without a word of whether it is there', [FINDING], [], { foundThen: ['Pneumonia'] }],
  [
    'a finding listed as not there, in the one and then in the other',
    [PNEUMONIA, lobe(0, { present: false })],
    [PNEUMONIA, { ...LOBE, label: 'Effusion', trackingUID: '3', present: false }],
    { askedThen: ['Left lobe'], askedNow: ['Effusion'] },
  ],
  [
    'a tracking UID: the label is the same',
    [scored(0.83)],
    [scored(0.91, { trackingUID: '9' })],
    { scores: [{ label: 'Pneumonia', was: 0.83, now: 0.91 }] },
  ],
  [
    'a label: the tracking UID is the same, and goes before the label',
    [lobe(1, { label: 'B' }), lobe(2, { label: 'A', trackingUID: '3' })],
    [lobe(1, { label: 'A' }), lobe(2, { label: 'B', trackingUID: '3' })],
    {},
  ],
  [
    'a check that failed then',
    [checked(PNEUMONIA, 'failed')],
    [checked(PNEUMONIA, 'passed')],
    { failedThen: [{ check: 'Contrast', labels: [] }] },
  ],
  [
    'a check that failed now, of one finding',
    [checked(PNEUMONIA, 'absent'), LOBE],
    [checked(PNEUMONIA, 'failed'), LOBE],
    { failedNow: [{ check: 'Contrast', labels: ['Pneumonia'] }] },
  ],
  ['a check that failed both times', [checked(LOBE, 'failed')], [checked(LOBE, 'failed')], {}],
  [
    'a corner of an outline',
    [PNEUMONIA],
    [
      outlined({
        ...REGION,
        points: [
          [1, 1],
          [6, 1],
          [5, 4],
        ],
      }),
    ],
    { outlines: ['Pneumonia'] },
  ],
  [
    'an outline on another frame',
    [PNEUMONIA],
    [outlined({ ...REGION, frame: 2 })],
    { outlines: ['Pneumonia'] },
  ],
  [
    'an outline on another image',
    [PNEUMONIA],
    [outlined({ ...REGION, SOPInstanceUID: '1.3' })],
    { outlines: ['Pneumonia'] },
  ],
  ['one outline more', [PNEUMONIA], [outlined(REGION, REGION)], { outlines: ['Pneumonia'] }],
  [
    'a length',
    [measuring(41)],
    [measuring(42)],
    {
      values: [
        {
          label: 'Pneumonia',
          name: 'Length',
          was: { name: 'Length', value: 41, unit: 'mm' },
          now: { name: 'Length', value: 42, unit: 'mm' },
        },
      ],
    },
  ],
  [
    'a threshold',
    [PNEUMONIA],
    [{ ...PNEUMONIA, score: { value: 0.83, threshold: 0.6, calibrated: false } }],
    { details: ['Pneumonia'] },
  ],
  ['a sentence', [PNEUMONIA], [{ ...PNEUMONIA, sentence: 'Otherwise.' }], { details: ['Pneumonia'] }],
  [
    'a check that was not made',
    [checked(LOBE, 'passed')],
    [checked(LOBE, 'absent')],
    { details: ['Left lobe'] },
  ],
  [
    'a sentence, beside a number that says as much',
    [lobe(2.75)],
    [lobe(2.61, { sentence: '2.61 ml.' })],
    { volumes: [{ label: 'Left lobe', was: 2.75, now: 2.61 }] },
  ],
])('of one version: %s', (_, then, now, expected) => {
  expect(changesSince(result(then), result(now))).toEqual({ ...NOTHING, ...expected });
});

test.each<[string, Partial<ModelFacts>, Finding, Finding, Partial<Changes>]>([
  [
    'scores are not compared, and words that hold them are not either',
    { version: '1.1.0', digest: 'cd' },
    scored(0.83),
    scored(0.91, { sentence: '0.91' }),
    { version: { was: '1.0.0', now: '1.1.0' }, isOtherScale: true },
  ],
  [
    'other words are no change worth a line',
    { version: '1.1.0' },
    FINDING,
    { ...FINDING, sentence: 'Otherwise.' },
    { version: { was: '1.0.0', now: '1.1.0' } },
  ],
  [
    'scores of another file are not compared',
    { digest: 'cd' },
    scored(0.83),
    scored(0.83),
    { version: { was: '1.0.0', now: '1.0.0' }, isOtherScale: true },
  ],
  [
    'what was found is',
    { version: '1.1.0' },
    scored(0.83),
    scored(0.2),
    { version: { was: '1.0.0', now: '1.1.0' }, isOtherScale: true, foundThen: ['Pneumonia'] },
  ],
  [
    'ml are ml, and no scale',
    { version: '1.1.0' },
    lobe(2.75),
    lobe(2.61),
    {
      version: { was: '1.0.0', now: '1.1.0' },
      volumes: [{ label: 'Left lobe', was: 2.75, now: 2.61 }],
    },
  ],
])('of two versions: %s', (_, model, then, now, expected) => {
  expect(changesSince(result([then]), result([now], model))).toEqual({ ...NOTHING, ...expected });
});

test('the greatest change comes first: of scores by their difference, of volumes by their part', () => {
  const named = (label: string, finding: Finding): Finding => ({ ...finding, label, trackingUID: label });
  const { scores, volumes } = changesSince(
    result([named('A', scored(0.9)), named('B', scored(0.9)), named('C', lobe(100)), named('D', lobe(1))]),
    result([named('A', scored(0.8)), named('B', scored(0.6)), named('C', lobe(110)), named('D', lobe(2))]),
  );
  expect([scores, volumes].map((list) => list.map(({ label }) => label))).toEqual([
    ['B', 'A'],
    ['D', 'C'],
  ]);
});
