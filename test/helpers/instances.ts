import { writePart10 } from '../../server/dicom/write.ts';

/** The smallest Part 10 files that an archive takes, for tests that never look at pixels. */

const patient = { PatientID: 'TEST-1', PatientName: { Alphabetic: 'Test' } };

export interface SliceOptions {
  readonly study: string;
  readonly series: string;
  readonly number: number;
  /** Another value gives other bytes under the same UID. */
  readonly value?: number;
  /** YYYYMMDD. */
  readonly date?: string;
}

/** One 2 × 2 MR slice. */
export const slice = ({ study, series, number, value = 1, date }: SliceOptions): Uint8Array =>
  writePart10({
    ...patient,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
    SOPInstanceUID: `${series}.${number}`,
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    Modality: 'MR',
    ...(date ? { StudyDate: date } : {}),
    InstanceNumber: number,
    Rows: 2,
    Columns: 2,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
    PixelData: Uint16Array.from({ length: 4 }, () => value),
  });

export interface ResultOptions {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
  readonly SOPClassUID?: string;
  readonly Modality?: string;
}

/** A result object without content; by default a segmentation. */
export const segmentation = ({
  StudyInstanceUID,
  SeriesInstanceUID,
  SOPInstanceUID,
  SOPClassUID = '1.2.840.10008.5.1.4.1.1.66.4',
  Modality = 'SEG',
}: ResultOptions): Uint8Array =>
  writePart10({ ...patient, SOPClassUID, SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID, Modality });
