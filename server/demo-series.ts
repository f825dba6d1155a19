import { deriveUid } from './dicom/uid.ts';
import { writePart10 } from './dicom/write.ts';
import { type Affine, applyAffine, multiplyAffine } from './shared/affine.ts';
import { sha256 } from './shared/digest.ts';
import { Fault } from './shared/fault.ts';
import { type Nifti, readNifti } from './shared/nifti.ts';
import { cross, dot, type Vector } from './shared/vector.ts';

/**
 * A head MR in a NIfTI file as MR Image Storage, one file a slice, so that it can be sent to an archive. Voxels are not resampled: axes are
 * turned round only as a reader expects them. What a NIfTI file does not say is absent; the patient is called DEMO. The same file
 * gives the same bytes and UIDs. Throws REQUEST_INVALID for sheared axes.
 */
export function mrSeriesOf(file: Uint8Array, description: string): readonly Uint8Array[] {
  const { shape, data, affine } = facingReader(readNifti(file));
  const [slices, rows, columns] = shape;
  const [row, column, normal] = [0, 1, 2].map((c) => axisOf(affine, c)) as [Vector, Vector, Vector];
  const [columnMm, rowMm, sliceMm] = [row, column, normal].map((v) => Math.hypot(...v)) as [
    number,
    number,
    number,
  ];
  const unit = (v: Vector, mm: number): number[] => v.map((x) => x / mm);
  if (Math.abs(dot(cross(row, column), normal)) < 0.999 * columnMm * rowMm * sliceMm)
    throw new Fault('REQUEST_INVALID', 'the axes of the NIfTI file are not perpendicular');
  const { stored, slope, intercept } = inSixteenBits(data);
  const digest = sha256(file);
  const uid = (...parts: readonly string[]): string => deriveUid('demo series', digest, ...parts);
  return Array.from({ length: slices }, (_, slice) =>
    writePart10({
      ...PATIENT,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
      SOPInstanceUID: uid('instance', String(slice)),
      StudyInstanceUID: uid('study'),
      SeriesInstanceUID: uid('series'),
      FrameOfReferenceUID: uid('frame of reference'),
      SeriesDescription: description,
      InstanceNumber: slice + 1,
      ImagePositionPatient: applyAffine(affine, [0, 0, slice]).map(decimal),
      ImageOrientationPatient: [...unit(row, columnMm), ...unit(column, rowMm)].map(decimal),
      PixelSpacing: [rowMm, columnMm].map(decimal),
      SliceThickness: decimal(sliceMm),
      SpacingBetweenSlices: decimal(sliceMm),
      Rows: rows,
      Columns: columns,
      ...(slope === 1 && intercept === 0
        ? {}
        : { RescaleSlope: decimal(slope), RescaleIntercept: decimal(intercept), RescaleType: 'US' }),
      PixelData: stored.subarray(slice * rows * columns, (slice + 1) * rows * columns),
    }),
  );
}

/** Types 1 and 2 of the MR image (PS3.3 A.4) of which a NIfTI file knows nothing: empty, or `research mode` and `none`. */
const PATIENT = {
  PatientName: { Alphabetic: 'Demo^Head' },
  PatientID: 'DEMO-HEAD',
  PatientBirthDate: null,
  PatientSex: null,
  StudyDate: null,
  StudyTime: null,
  StudyID: 'DEMO',
  AccessionNumber: null,
  ReferringPhysicianName: null,
  StudyDescription: 'Demo of Pellucid',
  SeriesNumber: 1,
  Modality: 'MR',
  Manufacturer: null,
  BodyPartExamined: 'HEAD',
  PatientPosition: null,
  PositionReferenceIndicator: null,
  ImageType: ['DERIVED', 'SECONDARY', 'OTHER'],
  DerivationDescription: 'Written from a NIfTI file without resampling',
  ScanningSequence: 'RM',
  SequenceVariant: 'NONE',
  ScanOptions: null,
  MRAcquisitionType: '3D',
  RepetitionTime: null,
  EchoTime: null,
  EchoTrainLength: null,
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  BitsAllocated: 16,
  BitsStored: 16,
  HighBit: 15,
  PixelRepresentation: 0,
};

const axisOf = (affine: Affine, c: number): Vector =>
  [0, 4, 8].map((r) => affine[r + c] as number) as unknown as Vector;

/** Rows run to the left or to posterior, columns to posterior or down, as images are hung. */
function facingReader({ shape, data, affine }: Nifti): Nifti {
  const [nk, nj, ni] = shape;
  const turned = [0, 1].map((c) => {
    const axis = axisOf(affine, c);
    const main = axis.findIndex((v) => Math.abs(v) === Math.max(...axis.map(Math.abs)));
    const wanted = main === 2 ? -1 : 1;
    return Math.sign(axis[main] as number) !== wanted;
  });
  const [i, j] = turned;
  if (!i && !j) return { shape, data, affine };
  const out = new Float32Array(data.length);
  for (let k = 0, at = 0; k < nk; k++)
    for (let row = 0; row < nj; row++)
      for (let column = 0; column < ni; column++, at++)
        out[at] = data[(k * nj + (j ? nj - 1 - row : row)) * ni + (i ? ni - 1 - column : column)] as number;
  // biome-ignore format: a matrix
  const turn = [i ? -1 : 1, 0, 0, i ? ni - 1 : 0, 0, j ? -1 : 1, 0, j ? nj - 1 : 0, 0, 0, 1, 0, 0, 0, 0, 1];
  return { shape, data: out, affine: multiplyAffine(affine, turn) };
}

/** As they are where they are whole numbers from 0 to 65535; else spread over them. */
function inSixteenBits(data: Float32Array): { stored: Uint16Array; slope: number; intercept: number } {
  let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (const v of data) {
    if (v < low) low = v;
    if (v > high) high = v;
    if (!Number.isInteger(v)) whole = false;
  }
  if (whole && low >= 0 && high <= 65_535) return { stored: Uint16Array.from(data), slope: 1, intercept: 0 };
  const slope = (high - low) / 65_535 || 1;
  return { stored: Uint16Array.from(data, (v) => Math.round((v - low) / slope)), slope, intercept: low };
}

/** A decimal string has at most 16 characters (PS3.5 §6.2). */
const decimal = (value: number): number => Number(Number(value.toFixed(12)).toPrecision(9));
