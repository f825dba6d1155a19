import { CODES } from '../../../server/dicom/code.ts';
import { codeOf, type DicomJson, items, sameCode, text } from './dicom-json.ts';

/** The series of each image that a document refers to (PS3.3 C.17.2.1). */
export const evidenceOf = (document: DicomJson): ReadonlyMap<string, string> =>
  new Map(
    items(document, 'CurrentRequestedProcedureEvidenceSequence')
      .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
      .flatMap((series) =>
        items(series, 'ReferencedSOPSequence').map((image): [string, string] => [
          text(image, 'ReferencedSOPInstanceUID') ?? '',
          text(series, 'SeriesInstanceUID') ?? '',
        ]),
      ),
  );

/** The model that made an object: the contributing equipment that processed the images (PS3.3 C.12.1.1.5). */
export const modelEquipmentOf = (object: DicomJson): DicomJson | undefined =>
  items(object, 'ContributingEquipmentSequence').find((item) =>
    sameCode(codeOf(item, 'PurposeOfReferenceCodeSequence'), CODES.processingEquipment),
  );

/**
 * Whether an object is of the same analysis as a report that does not cite it: the same model at the same moment, and no image that the report does not
 * name. Models may give their results of two series in one second.
 */
export function isWrittenWith(report: DicomJson, object: DicomJson, images: readonly string[]): boolean {
  const [one, other] = [report, object].map((each) => {
    const equipment = modelEquipmentOf(each);
    const [model, at] = (['DeviceUID', 'ContributionDateTime'] as const).map(
      (keyword) => equipment && text(equipment, keyword),
    );
    return model && at ? `${model} ${at}` : undefined;
  });
  if (one === undefined || one !== other || images.length === 0) return false;
  const named = evidenceOf(report);
  return images.every((image) => named.has(image));
}
