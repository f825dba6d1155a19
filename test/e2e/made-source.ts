import { type Dataset, items, readPart10, text, texts } from '../../server/dicom/read.ts';
import { deriveUid } from '../../server/dicom/uid.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import { GREY } from '../helpers/grey.ts';

/**
 * Images in the place of those that a Segmentation of another maker was drawn on and that the kit does not hold: same identity, same planes; grey, and
 * brighter from slice to slice. `another` names a series that it was not drawn on, beside it in the study.
 */
export function sourceOfSegmentation(segmentation: Uint8Array, another?: string): readonly Uint8Array[] {
  const { dataset } = readPart10(segmentation);
  const [shared = {}] = items(dataset, 'SharedFunctionalGroupsSequence');
  const [measures = {}] = items(shared, 'PixelMeasuresSequence');
  const [orientation = {}] = items(shared, 'PlaneOrientationSequence');
  const [series = {}] = items(dataset, 'ReferencedSeriesSequence');
  const [rows, columns] = [Number(text(dataset, 'Rows')), Number(text(dataset, 'Columns'))];
  return items(dataset, 'PerFrameFunctionalGroupsSequence').map((frame, i) => {
    const [derivation = {}] = items(frame, 'DerivationImageSequence');
    const [source = {}] = items(derivation, 'SourceImageSequence');
    const [position = {}] = items(frame, 'PlanePositionSequence');
    return writePart10({
      ...of(dataset, 'PatientID', 'StudyInstanceUID', 'StudyDate', 'StudyTime', 'FrameOfReferenceUID'),
      PatientName: 'Source^Made',
      SOPClassUID: text(source, 'ReferencedSOPClassUID'),
      SOPInstanceUID: text(source, 'ReferencedSOPInstanceUID'),
      ...of(series, 'SeriesInstanceUID'),
      Modality: 'PT',
      SeriesNumber: 1,
      ...(another === undefined
        ? {}
        : {
            SOPInstanceUID: deriveUid(another, String(i)),
            SeriesInstanceUID: deriveUid(another),
            SeriesNumber: 2,
            SeriesDescription: another,
          }),
      InstanceNumber: i + 1,
      ImagePositionPatient: [...texts(position, 'ImagePositionPatient')],
      ImageOrientationPatient: [...texts(orientation, 'ImageOrientationPatient')],
      PixelSpacing: [...texts(measures, 'PixelSpacing')],
      ...of(measures, 'SliceThickness'),
      Rows: rows,
      Columns: columns,
      ...GREY,
      WindowCenter: '1000',
      WindowWidth: '2000',
      PixelData: new Uint16Array(rows * columns).fill(500 + 40 * i),
    });
  });
}

const of = (from: Dataset, ...keywords: readonly string[]): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(keywords.map((keyword) => [keyword, text(from, keyword)]));
