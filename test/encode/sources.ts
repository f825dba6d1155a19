import type { Prediction, SegmentFinding, Volume } from '../../server/contracts.ts';
import { CODES, code, UNITS } from '../../server/dicom/code.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { StudyInstanceUID } from '../../server/dicom/uid.ts';
import { type Writable, writePart10 } from '../../server/dicom/write.ts';
import type { Explanation } from '../../server/explanation.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { GREY } from '../helpers/grey.ts';
import { brainCase, type Case } from './fixtures.ts';

/** Results over each kind of source, read by the product from files of that kind: a label map and a map with values of their own. */

export const SOURCES = [
  'CT',
  'CT without a frame of reference',
  'tilted CT',
  'irregular CT',
  'CT of one slice',
  'enhanced CT',
  'enhanced MR',
  'enhanced PET',
  'CR',
  'DX',
  'MG',
  'US cine',
  'photograph',
  'eye photograph',
] as const;
export type SourceKind = (typeof SOURCES)[number];

const STUDY = StudyInstanceUID.parse('1.2.826.0.1.3680043.8.498.50');
const SERIES = '1.2.826.0.1.3680043.8.498.51';
const FRAME_OF_REFERENCE = '1.2.826.0.1.3680043.8.498.52';
const ROWS = 7;
const COLUMNS = 5;
const FRAMES = 4;
const ORIENTATION = ['0.8', '0.6', '0', '-0.48', '0.64', '0.6'];
const NORMAL = [0.36, -0.48, 0.8];

export async function sourceCase(kind: SourceKind, segments = 3): Promise<Case> {
  const sources = filesOf(kind);
  const volume = await assembleVolume(sources.map(readPart10), sources.length, {
    tilted: 'resample',
    irregular: 'resample',
  });
  return resultsOver(volume, sources, { name: kind, segments });
}

/** A label map of some segments and one map over any volume. */
export function resultsOver(
  volume: Volume,
  sources: readonly Uint8Array[],
  { name, segments = 3 }: { name: string; segments?: number },
): Case {
  const base = brainCase();
  const arrived = {
    ...base.job.arrived,
    StudyInstanceUID: StudyInstanceUID.parse(volume.header.StudyInstanceUID),
    SeriesInstanceUID: volume.SeriesInstanceUID,
    instanceCount: sources.length,
  };
  const prediction = segmentationOf(base.prediction, volume, segments);
  return {
    sources,
    volume,
    job: { ...base.job, analysisId: `analysis of ${name}`, arrived },
    prediction,
    explanation: explanationOf(base.explanation, volume, prediction),
  };
}

/** Asymmetric in every direction and another pattern in each frame; the last frame is empty when there are several. */
function segmentationOf(base: Prediction, { shape }: Volume, segments: number): Prediction {
  const [frames, rows, columns] = shape;
  const size = rows * columns;
  const data = Uint8Array.from({ length: frames * size }, (_, i) => {
    const frame = Math.floor(i / size);
    return frame > 0 && frame === frames - 1
      ? 0
      : ((i % size) * (frame + 2) + (i % columns)) % (segments + 1);
  });
  const findings = Array.from({ length: segments }, (_, i): SegmentFinding => {
    const voxels = data.filter((v) => v === i + 1).length;
    return {
      kind: 'segment',
      label: {
        label: `Structure ${i + 1}`,
        category: code('91723000', 'SCT', 'Anatomical Structure'),
        type: code('85756007', 'SCT', 'Tissue'),
        rgb: [(40 * i) % 256, 200, 100],
      },
      number: i + 1,
      voxels,
      volumeMm3: voxels,
    };
  });
  return { ...base, findings, labelMap: { shape, data } };
}

function explanationOf(base: Explanation, { shape }: Volume, prediction: Prediction): Explanation {
  const [template] = base.findings;
  if (!template) throw new Error('the fixture has findings');
  return {
    findings: prediction.findings.map((_, finding) => ({ ...template, finding, regions: [] })),
    checks: [],
    maps: [
      {
        name: 'Saliency',
        method: 'A ramp',
        quantity: CODES.saliency,
        unit: UNITS.one,
        shape,
        data: Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => Math.sin(i) / 3),
        range: [-1, 1],
      },
    ],
  };
}

function filesOf(kind: SourceKind): readonly Uint8Array[] {
  switch (kind) {
    case 'CT':
      return slices(IN_SPACE);
    case 'tilted CT':
      return slices(IN_SPACE, (f) => positionOf(f).map((v, i) => (i === 0 ? String(Number(v) + f) : v)));
    case 'irregular CT':
      return slices(IN_SPACE, (f) => positionOf(f === 3 ? 4 : f));
    case 'CT of one slice':
      return slices(IN_SPACE).slice(0, 1);
    case 'CT without a frame of reference':
      return slices({});
    case 'enhanced CT':
      return [enhanced('CT', '1.2.840.10008.5.1.4.1.1.2.1')];
    case 'enhanced MR':
      return [enhanced('MR', '1.2.840.10008.5.1.4.1.1.4.1')];
    case 'enhanced PET':
      return [enhanced('PT', '1.2.840.10008.5.1.4.1.1.130')];
    case 'CR':
      return [picture('CR', '1.2.840.10008.5.1.4.1.1.1')];
    case 'DX':
      return [picture('DX', '1.2.840.10008.5.1.4.1.1.1.1', { ImagerPixelSpacing: ['0.14', '0.14'] })];
    case 'MG':
      return [picture('MG', '1.2.840.10008.5.1.4.1.1.1.2', { ImagerPixelSpacing: ['0.07', '0.07'] })];
    case 'US cine':
      return [
        picture('US', '1.2.840.10008.5.1.4.1.1.3.1', {
          NumberOfFrames: FRAMES,
          FrameTime: 40,
          FrameIncrementPointer: 0x00181063,
          LossyImageCompression: '01',
          LossyImageCompressionRatio: 12,
          LossyImageCompressionMethod: 'ISO_10918_1',
        }),
      ];
    case 'photograph':
      return [picture('XC', '1.2.840.10008.5.1.4.1.1.77.1.4', COLOUR)];
    case 'eye photograph':
      return [picture('OP', '1.2.840.10008.5.1.4.1.1.77.1.5.1', { ...COLOUR, ImageLaterality: 'R' })];
  }
}

const IN_SPACE: Writable = { FrameOfReferenceUID: FRAME_OF_REFERENCE, PositionReferenceIndicator: null };

const PATIENT_AND_STUDY: Writable = {
  PatientName: 'Müller^Jörg',
  PatientID: 'TEST-2',
  PatientBirthDate: '19700102',
  PatientSex: 'O',
  StudyInstanceUID: STUDY,
  StudyDate: '20261124',
  StudyTime: '101112.5',
  StudyID: 'S2',
  AccessionNumber: 'A2',
  ReferringPhysicianName: '',
  SeriesInstanceUID: SERIES,
  SeriesNumber: 1,
};

const COLOUR: Writable = {
  SamplesPerPixel: 3,
  PhotometricInterpretation: 'RGB',
  PlanarConfiguration: 0,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
};

const grey = (frames: number): Writable => ({
  Rows: ROWS,
  Columns: COLUMNS,
  ...GREY,
  PixelData: Uint16Array.from({ length: frames * ROWS * COLUMNS }, (_, i) => (i * 37) % 4096),
});

const positionOf = (frame: number): string[] => NORMAL.map((n, i) => (n * frame * 2.5 - 100 - i).toFixed(3));

/** Single-frame images, their instance numbers against their positions. */
const slices = (over: Writable, at = positionOf): Uint8Array[] =>
  Array.from({ length: FRAMES }, (_, f) =>
    writePart10({
      ...PATIENT_AND_STUDY,
      ...grey(1),
      ...over,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      SOPInstanceUID: `${SERIES}.${f + 1}`,
      Modality: 'CT',
      InstanceNumber: FRAMES - f,
      ImagePositionPatient: at(f),
      ImageOrientationPatient: ORIENTATION,
      PixelSpacing: ['0.500', '0.75'],
      SliceThickness: '2.0',
      RescaleSlope: 1,
      RescaleIntercept: -1024,
    }),
  );

/** One multi-frame image, its frames against their positions. */
const enhanced = (Modality: string, SOPClassUID: string): Uint8Array =>
  writePart10({
    ...PATIENT_AND_STUDY,
    ...grey(FRAMES),
    SOPClassUID,
    SOPInstanceUID: `${SERIES}.1`,
    Modality,
    InstanceNumber: 1,
    NumberOfFrames: FRAMES,
    FrameOfReferenceUID: FRAME_OF_REFERENCE,
    PositionReferenceIndicator: null,
    SharedFunctionalGroupsSequence: [
      {
        PixelMeasuresSequence: [{ PixelSpacing: ['0.500', '0.75'], SliceThickness: '2.0' }],
        PlaneOrientationSequence: [{ ImageOrientationPatient: ORIENTATION }],
        PixelValueTransformationSequence: [{ RescaleSlope: 1, RescaleIntercept: 0, RescaleType: 'US' }],
      },
    ],
    PerFrameFunctionalGroupsSequence: Array.from({ length: FRAMES }, (_, f) => ({
      PlanePositionSequence: [{ ImagePositionPatient: positionOf(FRAMES - f) }],
      FrameContentSequence: [{ DimensionIndexValues: [f + 1] }],
    })),
  });

function picture(Modality: string, SOPClassUID: string, over: Writable = {}): Uint8Array {
  const samples = Number(over.SamplesPerPixel ?? 1);
  const count = Number(over.NumberOfFrames ?? 1) * ROWS * COLUMNS * samples;
  const pixels = samples === 3 ? new Uint8Array(count).map((_, i) => (i * 31) % 256) : undefined;
  return writePart10({
    ...PATIENT_AND_STUDY,
    ...grey(Number(over.NumberOfFrames ?? 1)),
    SOPClassUID,
    SOPInstanceUID: `${SERIES}.1`,
    Modality,
    InstanceNumber: 1,
    ...over,
    ...(pixels ? { PixelData: pixels } : {}),
  });
}
