import { PNG } from 'pngjs';
import type { z } from 'zod';
import { Case, CaseFinding } from '../../server/review/contract/case.ts';
import type { CaseLine } from '../../server/review/contract/worklist.ts';

/** Cases as the server tells them, made by code: for the states that a real server is hard to bring into. */

export type MadeCase = z.output<typeof Case>;

const FLAGS = [
  ['The map lies outside the lungs.'],
  ['The image is unlike those that the model knows.', 'Small changes of the image move the score.'],
  [],
  [],
  [],
];
const SIZE = 256;

/** `n` of them; every third is of a head with several findings. */
export const madeCases = (n: number): readonly MadeCase[] =>
  Array.from({ length: n }, (_, i) => Case.parse(i % 3 === 2 ? headCase(i) : chestCase(i)));

function chestCase(i: number): MadeCase {
  const score = ((i * 37) % 100) / 100;
  const positive = score >= 0.5;
  const sentence = positive
    ? 'The model sees signs of pneumonia, mainly in the right lower lung.'
    : 'The model sees no sign of pneumonia. It does not rule it out.';
  return {
    ...common(i, sentence),
    model: { id: 'chest-pneumonia', version: '1.2.0' },
    headline: { label: 'Pneumonia', sentence, positive, score, threshold: 0.5 },
    findings: 1,
    pictures: [picture(i, 0, 1)],
    allFindings: [
      CaseFinding.parse({
        label: 'Pneumonia',
        code: { value: '233604007', scheme: 'SCT', meaning: 'Pneumonia' },
        sentence,
        present: positive,
        score,
        threshold: 0.5,
        measurements: [{ name: 'Area of region A', value: 20.6, unit: 'cm2' }],
        elements: elements(),
        checks: [
          {
            name: 'features',
            state: i % 5 === 1 ? 'failed' : 'passed',
            sentence: 'The image is like those known.',
          },
          { name: 'stability', state: 'passed', sentence: 'Small changes leave the score where it is.' },
        ],
        measures: [
          {
            name: 'Deletion',
            sentence: 'Hiding the strongest 10 % lowers the score from 0.87 to 0.42.',
            value: 0.42,
          },
        ],
        deletion: {
          strongestFirst: [score, 0.3, 0.2, 0.1],
          randomOrder: [score, 0.6, 0.4, 0.1],
          hidden: 'blurred',
        },
        regions: [
          {
            name: 'A',
            meaning: 'strongest evidence',
            picture: 0,
            points: [
              [50, 120],
              [110, 120],
              [110, 190],
              [50, 190],
            ],
          },
          {
            name: 'B',
            meaning: 'second',
            picture: 0,
            points: [
              [150, 60],
              [190, 60],
              [190, 110],
              [150, 110],
            ],
          },
        ],
        overlays: ['map', 'uncertainty'],
        keyPicture: 0,
      }),
    ],
  };
}

function headCase(i: number): MadeCase {
  const labels = ['Left hippocampus', 'Right hippocampus', 'Left thalamus', 'Brain stem'];
  return {
    ...common(i, 'Left hippocampus: 2.61 ml.'),
    model: { id: 'head-mr-structures', version: '2.0.0' },
    headline: {
      label: 'Left hippocampus',
      sentence: 'Left hippocampus: 2.61 ml.',
      positive: true,
      volumeMl: 2.61,
    },
    findings: labels.length,
    pictures: [0, 1, 2, 3, 4].map((n) => picture(i, n, 5)),
    allFindings: labels.map((label, at) =>
      CaseFinding.parse({
        label,
        sentence: `${label}: ${(2.61 + at).toFixed(2)} ml.`,
        present: true,
        measurements: [{ name: 'Volume', value: 2.61 + at, unit: 'ml' }],
        elements: elements(),
        checks: [],
        measures: [],
        regions: [],
        overlays: ['mask'],
        keyPicture: at,
      }),
    ),
  };
}

function common(i: number, sentence: string) {
  const analysis = (i + 1).toString(16).padStart(32, '0');
  const two = i % 2 === 0;
  return {
    analysis,
    name: `S-${20431 - i}`,
    StudyInstanceUID: `2.25.${1000 + i}`,
    state: 'unread' as const,
    flags: FLAGS[i % FLAGS.length] ?? [],
    context: {
      modality: i === 20 ? 'CT' : i % 3 === 2 ? 'MR' : 'DX',
      bodyPart: i % 3 === 2 ? 'HEAD' : 'CHEST',
      ...(i % 3 === 2 ? {} : { view: 'PA' }),
      manufacturer: 'Sample Maker',
      scanner: `DR-${'ABC'[i % 3]}`,
      site: i % 2 ? 'South' : 'North',
      ageYears: (i * 13) % 90,
      sex: i % 2 ? ('F' as const) : ('M' as const),
      inputs: {},
    },
    sampled: [
      { plan: 'p1', name: 'All flagged' },
      { plan: 'p2', name: 'Within 0.10 of threshold' },
      { plan: 'p3', name: '5 % of negatives' },
    ].slice(i % 3, (i % 3) + 1),
    readers: {
      wanted: two ? 2 : 1,
      signed: 0,
      mine: false,
      blind: two,
      assigned: [] as CaseLine['readers']['assigned'],
    },
    at: new Date(Date.UTC(2026, 10, 24, 14) - i * 3_600_000).toISOString(),
    reportUID: `2.25.${5000 + i}`,
    tree: {
      name: 'Imaging Measurement Report',
      code: '126000 DCM',
      children: [
        { name: 'Algorithm', value: 'Chest pneumonia 1.2.0', code: '111001 DCM', children: [] },
        {
          name: 'Measurement Group',
          code: '125007 DCM',
          children: [
            {
              name: 'Finding',
              value: 'Pneumonia',
              code: '121071 DCM',
              valueCode: '233604007 SCT',
              children: [],
            },
            { name: 'Comment', value: sentence, code: '121106 DCM', children: [] },
          ],
        },
      ],
    },
    objects: [
      {
        kind: 'SR',
        SOPInstanceUID: `2.25.${5000 + i}`,
        state: 'valid' as const,
        words: 'Comprehensive 3D SR',
      },
      { kind: 'PM', SOPInstanceUID: `2.25.${6000 + i}`, state: 'valid' as const, words: 'Parametric Map' },
    ],
    provenance: [
      { name: 'Version', value: '1.2.0' },
      { name: 'Threshold', value: '0.50' },
      { name: 'Device UID', value: '2.25.77' },
    ],
    modelFacts: {
      name: 'Chest pneumonia',
      version: '1.2.0',
      intendedUse: 'Frontal chest radiographs of children, as an example.',
      limits: ['Not for lateral views.'],
      card: '# Chest pneumonia\n\nTrained on a public set.',
    },
    earlier: [],
    priors: [],
    readings: [],
    hidden: 0,
    maySign: { may: true, as: 'reader' as const },
    viewer: `/viewer?StudyInstanceUIDs=2.25.${1000 + i}`,
  };
}

const elements = () => ({
  localization: {
    state: 'given' as const,
    sentence: 'Most evidence is in the right lower zone (A).',
    method: 'exact CAM',
  },
  visualRecognizability: { state: 'given' as const, sentence: 'A is brighter than the left side.' },
  physicalAttribution: {
    state: 'given' as const,
    sentence: 'A covers 20.6 cm²; without it the score is 0.34.',
  },
  modelTransparency: {
    state: 'given' as const,
    sentence: 'The regions add up exactly to the score.',
    method: 'exact CAM',
  },
  actionability: { state: 'absent' as const, reason: 'this model names no next step' },
});

const picture = (i: number, n: number, of: number) => ({
  SOPInstanceUID: `2.25.${9000 + i}.${n}`,
  SeriesInstanceUID: `2.25.${8000 + i}`,
  rows: SIZE,
  columns: SIZE,
  name: `Image ${n + 1} of ${of}`,
});

const drawn = new Map<string, Buffer>();

/** A disc with its own grey, and a patch of colour. */
export function madePicture(n: number, kind: 'picture' | 'map' | 'mask' | 'uncertainty'): Buffer {
  const key = `${n} ${kind === 'picture'}`;
  const png = drawn.get(key) ?? draw(n, kind);
  drawn.set(key, png);
  return png;
}

function draw(n: number, kind: 'picture' | 'map' | 'mask' | 'uncertainty'): Buffer {
  const png = new PNG({ width: SIZE, height: SIZE });
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++) {
      const at = 4 * (y * SIZE + x);
      const distance = Math.hypot(x - 80, y - 155);
      const isBody = Math.hypot(x - 128, y - 128) < 120;
      const grey = isBody ? 70 + ((x * 3 + y * 2 + n * 40) % 90) : 0;
      const strength = Math.max(0, 1 - distance / 40);
      png.data.set(
        kind === 'picture'
          ? [grey, grey, grey, 255]
          : [252, Math.round(80 + 150 * strength), 30, strength > 0 ? 230 : 0],
        at,
      );
    }
  return PNG.sync.write(png);
}
