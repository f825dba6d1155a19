import { type Dataset, functionalGroup, type Part10, type PlaneKeyword } from '../../server/dicom/read.ts';

type Vector = readonly [number, number, number];

export interface SeriesOptions {
  readonly frames?: number;
  readonly rows?: number;
  readonly columns?: number;
  readonly bitsStored?: number;
  readonly signed?: boolean;
  readonly spacing?: Vector;
  /** Stored value of a pixel. */
  readonly value?: (frame: number, row: number, column: number) => number;
  /** Attributes that replace or add to the defaults, for all instances. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** A tilted, anisotropic plane: an identity geometry hides every bug. Rows run mostly to the left, columns mostly down. */
export const TILTED = {
  row: [0.8, 0.6, 0] as Vector,
  column: [0, 0, -1] as Vector,
  origin: [-12.5, 7.25, 90] as Vector,
};

/** Parsed MR instances in shuffled order, 16 bits, explicit little endian. `spacing` is column, row, frame in mm. */
export function mrSeries({
  frames = 4,
  rows = 5,
  columns = 3,
  bitsStored = 16,
  signed = false,
  spacing = [0.7, 1.3, 2.5],
  value = (f, r, c) => 100 * f + 10 * r + c,
  attributes = {},
}: SeriesOptions = {}): readonly Part10[] {
  const normal: Vector = [-0.6, 0.8, 0]; // row × column
  const order = Array.from({ length: frames }, (_, i) => (i * 3 + 1) % frames);
  const shuffled = new Set(order).size === frames ? order : order.map((_, i) => i);
  return shuffled.map((f) => {
    const position = TILTED.origin.map((o, k) => o + f * spacing[2] * (normal[k] as number));
    return instance({
      dataset: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
        SOPInstanceUID: `1.2.3.${f + 1}`,
        StudyInstanceUID: '1.2.3',
        SeriesInstanceUID: '1.2.3.0',
        FrameOfReferenceUID: '1.2.3.9',
        Modality: 'MR',
        PatientID: 'KIT-1',
        Rows: rows,
        Columns: columns,
        BitsAllocated: 16,
        BitsStored: bitsStored,
        HighBit: bitsStored - 1,
        PixelRepresentation: signed ? 1 : 0,
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        ImagePositionPatient: position,
        ImageOrientationPatient: [...TILTED.row, ...TILTED.column],
        PixelSpacing: [spacing[1], spacing[0]],
        ...attributes,
      },
      pixels: Uint16Array.from({ length: rows * columns }, (_, i) =>
        value(f, Math.floor(i / columns), i % columns),
      ),
    });
  });
}

/** One parsed instance whose decimal strings are those of its dataset. */
export const instance = ({
  dataset,
  pixels,
}: {
  dataset: Readonly<Record<string, unknown>>;
  pixels: Uint16Array;
}): Part10 => ({
  TransferSyntaxUID: '1.2.840.10008.1.2.1',
  dataset,
  decimals: (keyword, frame = 0) => [planeOf(dataset, keyword, frame) ?? []].flat().map(String),
  pixels: [new Uint8Array(pixels.buffer)],
});

/** The value of the frame's functional group, of the shared one, or of the image. */
function planeOf(dataset: Dataset, keyword: PlaneKeyword, frame: number): unknown {
  const group = {
    ImagePositionPatient: 'PlanePositionSequence',
    ImageOrientationPatient: 'PlaneOrientationSequence',
    PixelSpacing: 'PixelMeasuresSequence',
  }[keyword];
  return functionalGroup(dataset, frame, group)?.[keyword] ?? dataset[keyword];
}
