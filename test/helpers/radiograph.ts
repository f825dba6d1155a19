import { writePart10 } from '../../server/dicom/write.ts';
import { GREY } from './grey.ts';

export interface RadiographOptions {
  readonly study: string;
  readonly series?: number;
  readonly Modality?: string;
  /** More attributes, or others. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** A chest radiograph of grey steps, 256 × 256: for tests in which it does not matter what a model makes of it. */
export const radiograph = ({
  study,
  series = 1,
  Modality = 'CR',
  attributes = {},
}: RadiographOptions): Buffer =>
  Buffer.from(
    writePart10({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.1',
      SOPInstanceUID: `${study}.${series}.1`,
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.${series}`,
      PatientID: 'TEST-1',
      Modality,
      BodyPartExamined: 'CHEST',
      InstanceNumber: 1,
      Rows: 256,
      Columns: 256,
      ...GREY,
      PixelData: Uint16Array.from({ length: 256 * 256 }, (_, i) => (i % 256) * 16),
      ...attributes,
    }),
  );
