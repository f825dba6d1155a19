import type { DicomObject } from '../contracts.ts';
import { CODES } from '../dicom/code.ts';
import { codeItem } from './concepts.ts';
import { type Context, finish } from './context.ts';
import { drawPage } from './page.ts';
import { instancesOf } from './references.ts';

export const ENCAPSULATED_PDF_STORAGE = '1.2.840.10008.5.1.4.1.1.104.1';

/** The result as one page, for archives and viewers that show nothing else: Encapsulated PDF (PS3.3 A.45.1). */
export function encodeReportPdf(context: Context): DicomObject {
  const pdf = drawPage(context);
  return finish(context, {
    kind: 'PDF',
    SOPClassUID: ENCAPSULATED_PDF_STORAGE,
    Modality: 'DOC',
    what: 'page',
    body: {
      ConversionType: 'WSD',
      AcquisitionDateTime: null,
      BurnedInAnnotation: 'YES',
      SourceInstanceSequence: instancesOf(context.volume.frames),
      DocumentTitle: 'AI result, research use',
      ConceptNameCodeSequence: [codeItem(CODES.imagingMeasurementReport)],
      VerificationFlag: 'UNVERIFIED',
      MIMETypeOfEncapsulatedDocument: 'application/pdf',
      EncapsulatedDocumentLength: pdf.length,
      EncapsulatedDocument: pdf,
    },
  });
}
