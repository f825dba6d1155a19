import type { Code } from './dicom/code.ts';
import type { Dataset } from './dicom/read.ts';
import type { SeriesInstanceUID, SOPInstanceUID, StudyInstanceUID } from './dicom/uid.ts';
import type { Voi } from './dicom/voi.ts';

/** The types that travel: SeriesArrived → ModelJob → Volume → Prediction → Explanation → DicomObject → Analysis. */

/** A series that has settled in the archive: nothing new came for the quiet time. */
export interface SeriesArrived {
  readonly StudyInstanceUID: StudyInstanceUID;
  readonly SeriesInstanceUID: SeriesInstanceUID;
  /** SHA-256 over the sorted instances and their content: another set of instances gives another value. */
  readonly fingerprint: string;
  readonly instanceCount: number;
  /** ISO 8601, UTC. */
  readonly settledAt: string;
}

/** Who made the result: a model package at one digest. New weights give a new digest and a new DeviceUID. */
export interface ModelIdentity {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly manufacturer: string;
  /** SHA-256 of all files of the package. */
  readonly digest: string;
  readonly DeviceUID: string;
  /** One plain sentence: what it is for, and for whom not. */
  readonly intendedUse: string;
  readonly limits: readonly string[];
  /** Why its explanation is fit for its use, as the package answers. */
  readonly answers?: ModelAnswers;
  /** Whether these files were accepted, when and by what, or why not: one sentence. */
  readonly acceptance?: string;
}

/** The framework's questions (Wang et al. 2024, arXiv 2310.01685). */
export interface ModelAnswers {
  readonly task: string;
  readonly users: string;
  readonly decision: string;
  readonly why: string;
  readonly faithfulness: string;
}

export const RUN_MODES = ['clinical', 'shadow'] as const;
export type RunMode = (typeof RUN_MODES)[number];

export interface ModelJob {
  /** Derived from series, fingerprint and model digest: the same work has the same id. */
  readonly analysisId: string;
  readonly arrived: SeriesArrived;
  readonly model: Pick<ModelIdentity, 'id' | 'version' | 'digest'>;
  /** Why this model runs on this series, in one sentence. */
  readonly why: string;
  /** In shadow the result is recorded, and nothing is written into the archive. */
  readonly mode: RunMode;
  /** ISO 8601, UTC. All dates in the results come from here, so that a retry writes the same bytes. */
  readonly createdAt: string;
}

export type { Dataset };

/** One source frame, in the order of the volume's frames. */
export interface SourceFrame {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: SOPInstanceUID;
  /** 1-based, only for multi-frame instances. */
  readonly frameNumber?: number;
  /** By which viewers and readers know the image; absent where it has none. */
  readonly InstanceNumber?: number;
  /** Decimal strings exactly as in the source, so that they are copied and not recomputed; absent on projections. */
  readonly ImagePositionPatient?: readonly string[];
}

/** Patient coordinates of a stack of planes. */
export interface Geometry {
  /** Row-major 4 × 4: (column, row, frame, 1) → millimetres in LPS, at pixel centres. Sheared where the gantry was tilted. */
  readonly affine: readonly number[];
  /** Of an irregular stack: where each frame lies along the affine's frame axis, from 0; frame k lies at k when it does not say. */
  readonly frameAt?: readonly number[];
  /** Decimal strings of the source. */
  readonly ImageOrientationPatient: readonly string[];
  /** Frame distance along the normal, mm; null with one frame or an irregular stack. */
  readonly spacingBetweenFrames: number | null;
  readonly FrameOfReferenceUID: string | null;
}

/** Pixels of one series after the modality LUT, in geometric order. */
export interface Volume {
  /** [frame, row, column] */
  readonly shape: readonly [number, number, number];
  /**
   * Length frame × row × column × samples. MONOCHROME1 is kept as stored values say: `inverted` tells. Colours are red, green
   * and blue from 0 to 255, pixel by pixel.
   */
  readonly data: Float32Array;
  /** 3 for colour; 1 when it does not say. */
  readonly samples?: 1 | 3;
  /** True for MONOCHROME1: low values are bright. */
  readonly inverted: boolean;
  /** Value of pixels that hold no image, after the modality LUT; null when none is declared. */
  readonly padding: number | null;
  /** Of the values: a code of UNITS, or null when arbitrary. */
  readonly unit: Code | null;
  /** How the first frame asks to be shown; absent when it does not say. */
  readonly voi?: Voi;
  /** Row and column spacing in mm, as decimal strings of the source; null when unknown: then no mm is ever reported. */
  readonly PixelSpacing: readonly [string, string] | null;
  /** Null for pictures that have no place in the patient: projections (CR, DX), ultrasound, photographs. */
  readonly geometry: Geometry | null;
  /** Of a cine: milliseconds from the first frame to each. */
  readonly frameTimes?: readonly number[];
  readonly frames: readonly SourceFrame[];
  readonly SeriesInstanceUID: SeriesInstanceUID;
  /** Do the images say that text is burned into their pixels (PS3.3 C.7.6.1)? NO only when all say so. */
  readonly burnedIn?: 'YES' | 'NO' | 'unknown';
  /** What was decided of the images, by name in plain words: written into the results. */
  readonly notes?: Readonly<Record<string, string>>;
  /** The dataset of the first frame's instance without pixels: patient, study and acquisition attributes. */
  readonly header: Dataset;
}

/** Where the frames of a series lie, without their pixels. */
export type Planes = Pick<
  Volume,
  'shape' | 'PixelSpacing' | 'geometry' | 'frames' | 'SeriesInstanceUID' | 'header'
>;

/** One label of a model with its codes. */
export interface LabelSpec {
  readonly label: string;
  readonly category: Code;
  readonly type: Code;
  readonly site?: Code;
  /** Side of the site, or without one of the type: one of LATERALITIES. */
  readonly laterality?: Code;
  /** CIELab-free: 8-bit RGB, converted where DICOM wants it. */
  readonly rgb: readonly [number, number, number];
}

export interface ClassificationFinding {
  readonly kind: 'classification';
  readonly label: LabelSpec;
  /** 0..1, as the model gives it. */
  readonly score: number;
  /** Is that score a probability already? */
  readonly calibrated: boolean;
  /** By the package's calibration; absent without one: then nothing is called a probability. */
  readonly probability?: number;
  readonly threshold: number;
  readonly positive: boolean;
  /** Of a detection: those that reach the threshold, the strongest first. */
  readonly boxes?: readonly DetectedBox[];
}

/** In pixel edges of the source frame: 0..columns, 0..rows. */
export interface DetectedBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly score: number;
  /** Place of the score in the model's output. */
  readonly place: number;
}

export interface SegmentFinding {
  readonly kind: 'segment';
  readonly label: LabelSpec;
  /** Value of this segment in the label map, from 1. */
  readonly number: number;
  readonly voxels: number;
  readonly volumeMm3: number;
  /** Without its close calls, and with those of its neighbours that nearly went to it; absent of what is not there. */
  readonly volumeInterval?: readonly [low: number, high: number];
}

/** A quantity that a model reads off an image. */
export interface MeasurementFinding {
  readonly kind: 'measurement';
  readonly label: LabelSpec;
  readonly value: number;
  /** What is measured, and its UCUM unit. */
  readonly quantity: Code;
  readonly unit: Code;
  /** Holds 95 of 100 values of the patients that the package names; absent when it was not measured. */
  readonly interval?: readonly [low: number, high: number];
  /** Beyond it no value is to be relied on. */
  readonly plausible: readonly [low: number, high: number];
}

export type Finding = ClassificationFinding | SegmentFinding | MeasurementFinding;

/** Label map on the source grid: 0 is background, n is the segment with that number; 16 bits for more than 255 of them. */
export interface LabelMap {
  readonly shape: readonly [number, number, number];
  readonly data: Uint8Array | Uint16Array;
}

export interface Prediction {
  readonly model: ModelIdentity;
  readonly findings: readonly Finding[];
  /** Only of segmentation models. */
  readonly labelMap?: LabelMap;
  /** What the model saw of an image, [1, channel, row, column] wherever the model itself keeps its channels. */
  readonly input?: Tap;
  /** Of packages that name a network for it. */
  readonly anatomy?: Anatomy;
  /** What explain needs from the run: named float tensors, dims row-major. */
  readonly taps: Readonly<Record<string, Tap>>;
  /** What was done to the pixels. Written into the results, so the same run gives the same values: no times. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** Where structures lie in an image, by a second network of the package: each on the same grid over the whole image, 1 inside. */
export interface Anatomy {
  readonly rows: number;
  readonly columns: number;
  readonly structures: readonly { readonly name: string; readonly mask: Uint8Array }[];
  /** Who made the network, and how well it finds them. */
  readonly source: string;
}

/** Value of the `margin` tap, and padding of its map, where the model did not run: outside its range of 0..1. */
export const NOT_COMPUTED = -1;

/** Voxels whose best label is this little ahead of the next, in softmax probability, are close calls. */
export const CLOSE_CALL = 0.2;

export interface Tap {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Kinds of results; docs/result-format.md says when each is written. */
export const OBJECT_KINDS = ['SEG', 'LABELMAP', 'PM', 'SC', 'MAP', 'KOS', 'PDF', 'SR'] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** The kinds that a site chooses; the others are always written. */
export const OPTIONAL_KINDS = ['LABELMAP', 'KOS', 'PDF'] as const satisfies readonly ObjectKind[];
export type OptionalKind = (typeof OPTIONAL_KINDS)[number];

/** What can be stored: a Part 10 file and whose it is. Equal UID means equal bytes. */
export interface Storable {
  /** In a word, for messages. */
  readonly kind: string;
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly StudyInstanceUID: StudyInstanceUID;
  /** The file in pieces that follow each other; pixels are views of where they came from. */
  readonly parts: readonly Uint8Array[];
}

/** A finished result. */
export interface DicomObject extends Storable {
  readonly kind: ObjectKind;
  /** The file in one piece: a copy, which large pixels do not bear. */
  readonly bytes: Uint8Array;
}

/** How soon work is wanted, most urgent first; `off-peak` may wait for the night, `backfill` for everything else. */
export const PRIORITIES = ['urgent', 'normal', 'off-peak', 'backfill'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const STATES = [
  'queued',
  'retrieving',
  'inferring',
  'explaining',
  'encoding',
  'storing',
  'done',
  'skipped',
  'failed',
  'superseded',
  // By a person, with the reason.
  'cancelled',
] as const;
export type AnalysisState = (typeof STATES)[number];

/** The states that a worker passes through, in order. */
export type WorkState = 'retrieving' | 'inferring' | 'explaining' | 'encoding' | 'storing';
