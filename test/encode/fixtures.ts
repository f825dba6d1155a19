import type {
  LabelSpec,
  ModelIdentity,
  ModelJob,
  Prediction,
  SourceFrame,
  Volume,
} from '../../server/contracts.ts';
import { CODES, code, LATERALITIES, UNITS } from '../../server/dicom/code.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { SeriesInstanceUID, SOPInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { type Writable, writePart10 } from '../../server/dicom/write.ts';
import type { Results } from '../../server/encode/index.ts';
import type { Element, Explanation, FindingExplanation } from '../../server/explanation.ts';
import { GREY } from '../helpers/grey.ts';

/** Results as the stages before would give them, small, tilted and anisotropic, with the source files that they came from. */
export interface Case extends Results {
  readonly sources: readonly Uint8Array[];
}

const STUDY = StudyInstanceUID.parse('1.2.826.0.1.3680043.8.498.1');
const MODEL: ModelIdentity = {
  id: 'test-model',
  name: 'Test model for encoders',
  version: '1.2.3',
  manufacturer: 'Pellucid tests',
  digest: 'ab'.repeat(32),
  DeviceUID: '2.25.4711',
  intendedUse: 'Shows how results are encoded; for nobody.',
  limits: ['Not for adults.', 'Not for children.'],
};
const PATIENT = {
  PatientName: 'Müller^Jörg',
  PatientID: 'TEST-1',
  PatientBirthDate: '19700102',
  PatientSex: 'O',
  PatientAge: '056Y',
  PatientWeight: '70.50',
  StudyInstanceUID: STUDY,
  StudyDate: '20261124',
  StudyTime: '101112.5',
  StudyDescription: 'Étude',
  StudyID: 'S1',
  AccessionNumber: 'A1',
  ReferringPhysicianName: 'Ärztin^A',
};

const job = (series: SeriesInstanceUID, instanceCount: number): ModelJob => ({
  analysisId: `analysis of ${series}`,
  arrived: {
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: series,
    fingerprint: 'f',
    instanceCount,
    settledAt: '2026-11-25T02:29:00.000Z',
  },
  model: MODEL,
  why: 'a test',
  mode: 'clinical',
  createdAt: '2026-11-25T02:30:00.000Z',
});

const given = (sentence: string): Element => ({ state: 'given', sentence, method: 'by hand' });
const explained = (finding: number, over: Partial<FindingExplanation> = {}): FindingExplanation => ({
  finding,
  sentence: `Finding ${finding} in one plain sentence.`,
  elements: {
    localization: given('The evidence is there.'),
    visualRecognizability: { state: 'absent', reason: 'No reference cases.' },
    physicalAttribution: { state: 'absent', reason: 'No pixel spacing is known.' },
    modelTransparency: given('The parts add up to the logit.'),
    actionability: given('The score is 0.4 above its threshold.'),
  },
  regions: [],
  measures: [
    {
      name: 'Completeness gap',
      value: 1.25e-6,
      unit: UNITS.one,
      sentence: 'What the map leaves unexplained.',
    },
    { name: CODES.meanMargin.meaning, value: 0.3, unit: UNITS.one, sentence: 'How sure the labels are.' },
  ],
  ...over,
});

/** Rows and columns are odd on purpose; values are a ramp. */
export function chestCase({
  positive = true,
  frames = 1,
  inverted = false,
  rows = 61,
  columns = 83,
  header = {},
}: {
  positive?: boolean;
  frames?: number;
  inverted?: boolean;
  rows?: number;
  columns?: number;
  header?: Writable;
} = {}): Case {
  const series = SeriesInstanceUID.parse('1.2.826.0.1.3680043.8.498.2');
  const ramp = Uint16Array.from({ length: rows * columns }, (_, i) => (i * 7) % 4096);
  const sources = Array.from({ length: frames }, (_, i) =>
    writePart10({
      ...PATIENT,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.1',
      SOPInstanceUID: `1.2.826.0.1.3680043.8.498.2.${i + 1}`,
      SeriesInstanceUID: series,
      Modality: 'CR',
      SeriesNumber: 1,
      InstanceNumber: i + 1,
      BodyPartExamined: 'CHEST',
      ViewPosition: 'PA',
      Rows: rows,
      Columns: columns,
      SamplesPerPixel: 1,
      PhotometricInterpretation: inverted ? 'MONOCHROME1' : 'MONOCHROME2',
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      ...header,
      PixelData: ramp,
    }),
  );
  const label: LabelSpec = {
    label: 'Pneumonia',
    category: code('64572001', 'SCT', 'Disease'),
    type: code('233604007', 'SCT', 'Pneumonia'),
    site: code('39607008', 'SCT', 'Lung'),
    rgb: [255, 0, 0],
  };
  const volume: Volume = {
    shape: [frames, rows, columns],
    data: Float32Array.from({ length: frames * ramp.length }, (_, i) => ramp[i % ramp.length] as number),
    inverted,
    padding: null,
    unit: null,
    PixelSpacing: null,
    geometry: null,
    frames: sources.map((s) => frameOf(s)),
    SeriesInstanceUID: series,
    header: readPart10(sources[0] as Uint8Array).dataset,
  };
  return {
    sources,
    volume,
    job: job(series, frames),
    prediction: {
      model: MODEL,
      findings: [
        {
          kind: 'classification',
          label,
          score: positive ? 0.7252 : 0.1,
          calibrated: false,
          threshold: 0.3252,
          positive,
        },
      ],
      taps: {},
      parameters: { resize: 'area 224×224', runMs: 12 },
    },
    explanation: {
      checks: [],
      findings: [
        explained(0, {
          regions: [
            {
              name: 'Top region',
              frame: 0,
              left: 10,
              top: 5.5,
              right: 40,
              bottom: 30,
              meaning: 'Carries most of the score.',
            },
            {
              name: 'Second region',
              frame: 0,
              left: 50,
              top: 5,
              right: 60,
              bottom: 30,
              meaning: 'Carries the rest.',
            },
          ],
        }),
      ],
      maps: [
        {
          name: 'Class activation',
          method: 'Exact class activation map (global average pooling and one linear layer)',
          quantity: CODES.classActivation,
          unit: UNITS.one,
          shape: [frames, 14, 14],
          data: Float32Array.from({ length: frames * 196 }, (_, i) => Math.sin(i / 9) * 3 - 0.5),
          range: [-3.5, 2.5],
        },
      ],
    },
  };
}

const TILT = ['0.8', '0.6', '0', '-0.48', '0.64', '0.6'];
const NORMAL = [0.36, -0.48, 0.8];

/** A tilted, anisotropic series; label n fills a block of its own, unless `empty`. */
export function brainCase({
  shape = [4, 5, 7],
  segments = 2,
  empty = false,
  frameOfReference = true,
  labels,
  mapShape,
  modality = 'MR',
  header = {},
}: {
  shape?: readonly [number, number, number];
  segments?: number;
  empty?: boolean;
  frameOfReference?: boolean;
  labels?: Uint8Array;
  mapShape?: readonly [number, number, number];
  modality?: 'MR' | 'CT';
  header?: Writable;
} = {}): Case {
  const series = SeriesInstanceUID.parse('1.2.826.0.1.3680043.8.498.3');
  const [frames, rows, columns] = shape;
  const size = frames * rows * columns;
  const FrameOfReferenceUID = frameOfReference ? '1.2.826.0.1.3680043.8.498.4' : null;
  const positions = Array.from({ length: frames }, (_, f) =>
    NORMAL.map((n, i) => (n * f * 2.5 - 100 - i).toFixed(3)),
  );
  const sources = positions.map((position, i) =>
    writePart10({
      ...PATIENT,
      SOPClassUID: modality === 'MR' ? '1.2.840.10008.5.1.4.1.1.4' : '1.2.840.10008.5.1.4.1.1.2',
      SOPInstanceUID: `1.2.826.0.1.3680043.8.498.3.${i + 1}`,
      SeriesInstanceUID: series,
      Modality: modality,
      SeriesNumber: 1,
      InstanceNumber: frames - i,
      BodyPartExamined: 'BRAIN',
      ...(FrameOfReferenceUID ? { FrameOfReferenceUID, PositionReferenceIndicator: null } : {}),
      ImagePositionPatient: position,
      ImageOrientationPatient: TILT,
      PixelSpacing: ['0.500', '0.75'],
      SliceThickness: '2.0',
      Rows: rows,
      Columns: columns,
      ...GREY,
      ...header,
      PixelData: new Uint16Array(rows * columns),
    }),
  );
  const labelData =
    labels ??
    Uint8Array.from({ length: size }, (_, i) =>
      empty ? 0 : Math.floor((i * 3 * (segments + 1)) / size) % (segments + 1),
    );
  const grid = mapShape ?? shape;
  const gridSize = grid[0] * grid[1] * grid[2];
  const prediction: Prediction = {
    model: MODEL,
    findings: Array.from({ length: segments }, (_, i) => {
      const voxels = labelData.filter((v) => v === i + 1).length;
      return {
        kind: 'segment',
        label: structure(i),
        number: i + 1,
        voxels,
        volumeMm3: voxels * 0.5 * 0.75 * 2.5,
      };
    }),
    labelMap: { shape, data: labelData },
    taps: {},
    parameters: { conform: '256³, 1 mm' },
  };
  const explanation: Explanation = {
    checks: [],
    findings: prediction.findings.map((_, i) =>
      explained(i, {
        regions: [
          { name: 'Key slice', frame: 0, left: 1, top: 1, right: 4, bottom: 3, meaning: 'Look here first.' },
        ],
      }),
    ),
    maps: [
      {
        name: 'Margin to the second label',
        method: 'Difference of the two greatest probabilities',
        quantity: CODES.marginMap,
        unit: UNITS.one,
        shape: grid,
        data: Float32Array.from({ length: gridSize }, (_, i) => i / gridSize),
        range: [0, 1],
        padding: -1,
      },
    ],
  };
  return {
    sources,
    job: job(series, frames),
    prediction,
    explanation,
    volume: {
      shape,
      data: new Float32Array(size),
      inverted: false,
      padding: null,
      unit: null,
      PixelSpacing: ['0.500', '0.75'],
      geometry: {
        affine: [0.6, -0.24, 0.9, -100, 0.45, 0.32, -1.2, -101, 0, 0.3, 2, -102, 0, 0, 0, 1],
        ImageOrientationPatient: TILT,
        spacingBetweenFrames: frames > 1 ? 2.5 : null,
        FrameOfReferenceUID,
      },
      frames: sources.map((s, i) => frameOf(s, positions[i])),
      SeriesInstanceUID: series,
      header: readPart10(sources[0] as Uint8Array).dataset,
    },
  };
}

/** The findings by turns at a left site, right without a site, and as they were. */
export const withSides = <C extends Case>(results: C): C => {
  const said: readonly Pick<LabelSpec, 'site' | 'laterality'>[] = [
    { site: code('39607008', 'SCT', 'Lung'), laterality: LATERALITIES.left },
    { laterality: LATERALITIES.right },
    {},
  ];
  const findings = results.prediction.findings.map((f, i) => ({
    ...f,
    label: { ...f.label, ...said[i % said.length] },
  }));
  return { ...results, prediction: { ...results.prediction, findings } };
};

const structure = (i: number): LabelSpec => ({
  label: `Structure ${i + 1}`,
  category: code('91723000', 'SCT', 'Anatomical Structure'),
  type: [code('12738006', 'SCT', 'Brain'), code('389081007', 'SCT', 'Gray matter')][
    i % 2
  ] as LabelSpec['type'],
  rgb: [(40 * i) % 256, 200, 100],
});

function frameOf(source: Uint8Array, ImagePositionPatient?: readonly string[]): SourceFrame {
  const { dataset } = readPart10(source);
  return {
    SOPClassUID: String(dataset.SOPClassUID),
    SOPInstanceUID: SOPInstanceUID.parse(dataset.SOPInstanceUID),
    ...(ImagePositionPatient ? { ImagePositionPatient } : {}),
  };
}

export const ANSWERS = {
  task: 'Signs of pneumonia, yes or no.',
  users: 'Whoever writes the encoders.',
  decision: 'Whether the objects are right.',
  why: 'A reader must see what is written.',
  faithfulness: 'It is made up, and says so.',
} as const;

export const ACCEPTANCE = 'Accepted on 2026-11-24: all 3 checks passed, measured on 4 images.';

/** Results of a package that answers the framework's questions, and says how it was accepted. */
export const answered = (results: Case): Case => ({
  ...results,
  prediction: {
    ...results.prediction,
    model: { ...results.prediction.model, answers: ANSWERS, acceptance: ACCEPTANCE },
  },
});
