import type { SegmentFinding } from '../../server/contracts.ts';
import { deriveUid, SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { type Writable, writePart10 } from '../../server/dicom/write.ts';
import { encode, type Results } from '../../server/encode/index.ts';
import type { ExplanationMap } from '../../server/explanation.ts';
import { fetchSeries } from '../../server/retrieve/series.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import type { Origin } from '../../server/shared/http.ts';
import { store } from '../../server/store/index.ts';
import { brainCase, chestCase } from '../encode/fixtures.ts';
import { type SeriesInArchive, sendBytes, seriesOf } from '../helpers/archive.ts';

const DICOMWEB = '/dicom-web';

interface Box {
  /** First and last, inclusive. */
  readonly frames: readonly [number, number];
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** Grey, with one white box; a result on it whose map is hot in the same box, and nowhere else. */
export interface Marked {
  readonly name: string;
  readonly modality: keyof typeof SOP_CLASS;
  readonly shape: readonly [frames: number, rows: number, columns: number];
  readonly box: Box;
  /** Another series of the same study; else the first. */
  readonly series?: string;
  /** Another study of the same patient: its name and its day, `20250503`. */
  readonly study?: readonly [name: string, StudyDate: string];
  /** The images alone. */
  readonly withoutResult?: boolean;
  /** Of frame f; absent on a projection. */
  readonly plane?: (f: number) => Writable;
}

const SOP_CLASS = {
  CR: '1.2.840.10008.5.1.4.1.1.1',
  CT: '1.2.840.10008.5.1.4.1.1.2',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  /** Ultrasound, all frames in one object. */
  US: '1.2.840.10008.5.1.4.1.1.3.1',
  /** A photograph in colour. */
  XC: '1.2.840.10008.5.1.4.1.1.77.1.4',
} as const;

export const MARKED: Readonly<Record<Marked['modality'], Marked>> = {
  CR: {
    name: 'marked radiograph',
    modality: 'CR',
    shape: [1, 480, 640],
    box: { frames: [0, 0], rows: [160, 179], columns: [360, 379] },
  },
  CT: {
    name: 'marked CT',
    modality: 'CT',
    shape: [24, 96, 128],
    box: { frames: [9, 12], rows: [30, 41], columns: [70, 85] },
    plane: (f) => ({
      ImagePositionPatient: ['-60', '-40', String(f * 3)],
      ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'],
      PixelSpacing: ['1.2', '0.9'],
    }),
  },
  US: {
    name: 'marked cine',
    modality: 'US',
    shape: [6, 240, 320],
    box: { frames: [2, 3], rows: [60, 79], columns: [200, 219] },
  },
  XC: {
    name: 'marked photograph',
    modality: 'XC',
    shape: [1, 480, 640],
    box: { frames: [0, 0], rows: [300, 319], columns: [120, 139] },
  },
  MR: {
    name: 'marked oblique MR',
    modality: 'MR',
    shape: [24, 96, 128],
    box: { frames: [13, 16], rows: [50, 61], columns: [40, 55] },
    plane: (f) => ({
      ImagePositionPatient: [0.36, -0.48, 0.8].map((n, i) => (n * f * 2.5 - 40 - i).toFixed(3)),
      ImageOrientationPatient: ['0.8', '0.6', '0', '-0.48', '0.64', '0.6'],
      PixelSpacing: ['0.8', '1.1'],
    }),
  },
};

/** Sends a marked series and stores its result, once for each of `changes` as that leaves it. */
export async function sendMarked(
  archive: Origin,
  marked: Marked,
  ...changes: readonly ((results: Results) => Results)[]
): Promise<SeriesInArchive> {
  const [, rows, columns] = marked.shape;
  const [study, StudyDate] = marked.study ?? [marked.name, '20261124'];
  const isWhite = (f: number, i: number): boolean =>
    isIn(marked.box, f, Math.floor(i / columns), i % columns);
  let id = '';
  for (const image of imagesOf(marked, isWhite)) {
    const number = String(image.InstanceNumber);
    const bytes = writePart10({
      PatientName: `Marked^${marked.modality}`,
      // Without spaces: the viewer asks for the patient's studies by it.
      PatientID: marked.name.replaceAll(' ', '-'),
      StudyInstanceUID: deriveUid('study', study),
      SeriesInstanceUID: deriveUid('series', study, marked.series ?? ''),
      SOPInstanceUID: deriveUid('image', study, marked.series ?? '', number),
      SOPClassUID: SOP_CLASS[marked.modality],
      Modality: marked.modality,
      StudyDate,
      StudyTime: '101112',
      SeriesNumber: marked.series ? 2 : 1,
      SeriesDescription: marked.series ?? marked.name,
      Rows: rows,
      Columns: columns,
      PixelRepresentation: 0,
      ...(marked.plane ? { FrameOfReferenceUID: deriveUid('frame', study), SliceThickness: '2' } : {}),
      ...image,
    });
    id = (await sendBytes(archive, bytes)).ParentSeries;
  }
  const series = await seriesOf(archive, id);
  if (marked.withoutResult) return series;
  const results = await resultOn(archive, series, marked);
  for (const change of changes.length > 0 ? changes : [(same: Results) => same])
    await store(archive, DICOMWEB, encode(change(results)));
  return series;
}

/** What each object of the series has of its own: one for each frame, or one for all. `isWhite` says it of a frame's pixels. */
function imagesOf(
  { modality, shape: [frames, rows, columns], plane }: Marked,
  isWhite: (f: number, i: number) => boolean,
): readonly Writable[] {
  const size = rows * columns;
  if (modality === 'US' || modality === 'XC') {
    const samples = modality === 'XC' ? 3 : 1;
    const pixels = Uint8Array.from({ length: frames * size * samples }, (_, i) => {
      const pixel = Math.floor(i / samples);
      return isWhite(Math.floor(pixel / size), pixel % size) ? 255 : 115;
    });
    return [
      {
        InstanceNumber: 1,
        ...(modality === 'US'
          ? { NumberOfFrames: frames, FrameTime: '40', PhotometricInterpretation: 'MONOCHROME2' }
          : { PhotometricInterpretation: 'RGB', PlanarConfiguration: 0 }),
        SamplesPerPixel: samples,
        BitsAllocated: 8,
        BitsStored: 8,
        HighBit: 7,
        PixelData: pixels,
      },
    ];
  }
  return Array.from({ length: frames }, (_, f) => ({
    InstanceNumber: f + 1,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    WindowCenter: '1000',
    WindowWidth: '2000',
    ...plane?.(f),
    PixelData: Uint16Array.from({ length: size }, (_, i) => (isWhite(f, i) ? 2000 : 900)),
  }));
}

const isIn = ({ frames, rows, columns }: Box, f: number, r: number, c: number): boolean =>
  f >= frames[0] && f <= frames[1] && r >= rows[0] && r <= rows[1] && c >= columns[0] && c <= columns[1];

async function resultOn(
  archive: Origin,
  series: SeriesInArchive,
  { shape, box, plane }: Marked,
): Promise<Results> {
  const made = plane ? brainCase({ segments: 1 }) : chestCase();
  const arrived = {
    ...made.job.arrived,
    StudyInstanceUID: StudyInstanceUID.parse(series.StudyInstanceUID),
    SeriesInstanceUID: SeriesInstanceUID.parse(series.SeriesInstanceUID),
    instanceCount: series.instanceCount,
  };
  const volume = await assembleVolume(await fetchSeries(archive, DICOMWEB, arrived));
  const job = { ...made.job, analysisId: series.SeriesInstanceUID, arrived };
  const region = {
    name: 'Box',
    frame: (box.frames[0] + box.frames[1]) >> 1,
    left: box.columns[0],
    right: box.columns[1] + 1,
    top: box.rows[0],
    bottom: box.rows[1] + 1,
    meaning: 'The white box.',
  };
  const explanation = {
    ...made.explanation,
    findings: made.explanation.findings.map((finding) => ({ ...finding, regions: [region] })),
    maps: [
      {
        ...(made.explanation.maps[0] as ExplanationMap),
        ...(plane ? marginIn(box, shape) : cellsIn(box, shape)),
      },
    ],
  };
  if (!plane) return { job, volume, prediction: made.prediction, explanation };
  const [frames, rows, columns] = shape;
  const data = new Uint8Array(frames * rows * columns);
  eachOf(shape, (at, f, r, c) => {
    if (isIn(box, f, r, c)) data[at] = 1;
  });
  const voxels = data.reduce((a, b) => a + b, 0);
  const finding = { ...(made.prediction.findings[0] as SegmentFinding), voxels, volumeMm3: voxels };
  return {
    job,
    volume,
    prediction: { ...made.prediction, findings: [finding], labelMap: { shape, data } },
    explanation,
  };
}

function eachOf(shape: Marked['shape'], visit: (at: number, f: number, r: number, c: number) => void): void {
  const [frames, rows, columns] = shape;
  for (let f = 0, at = 0; f < frames; f++)
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++, at++) visit(at, f, r, c);
}

/** Sure everywhere but in the box. */
function marginIn(box: Box, shape: Marked['shape']): Pick<ExplanationMap, 'shape' | 'data'> {
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  eachOf(shape, (at, f, r, c) => {
    data[at] = isIn(box, f, r, c) ? 0.02 : 0.95;
  });
  return { shape, data };
}

/** One hot cell of 20 × 20 pixels on each frame of the box: the box. */
function cellsIn(
  { frames, rows, columns }: Box,
  [count, height, width]: Marked['shape'],
): Pick<ExplanationMap, 'shape' | 'data' | 'range'> {
  const shape = [count, height / 20, width / 20] as const;
  const data = new Float32Array(count * shape[1] * shape[2]);
  for (let f = frames[0]; f <= frames[1]; f++)
    data[(f * shape[1] + rows[0] / 20) * shape[2] + columns[0] / 20] = 1;
  return { shape, data, range: [0, 1] };
}
