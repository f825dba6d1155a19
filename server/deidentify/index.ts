import type { Storable } from '../contracts.ts';
import { type Dataset, type Part10, text } from '../dicom/read.ts';
import { syntaxOf } from '../dicom/syntax.ts';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { part10Of, type Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { cleanDataset } from './clean.ts';
import { withoutComments } from './comments.ts';
import { assertGone, identifyingIn } from './identifying.ts';
import { assertPixelsTellNothing } from './pixels.ts';
import { type Pseudonyms, pseudonymsOf } from './pseudonym.ts';

export interface DeidentifyOptions {
  /** Of the site: equal secrets give equal pseudonyms. */
  readonly secret: string;
  /** It is a result that we made: then its report may be cleaned, and its pixels are ours. */
  readonly own: boolean;
}

export interface Copy extends Storable {
  /** Whether the image says that nothing is written in its pixels; what is absent is said by nobody. */
  readonly saysNoText: boolean;
}

const METHOD = 'Pellucid: PS3.15 Annex E, edition 2026c';

/**
 * An image or one of our results as a de-identified copy: by the Basic Application Level Confidentiality Profile (PS3.15 Annex E, code 113100), a
 * report of ours also by the Clean Structured Content Option (113104). Pixels stay as they are. Nothing is guessed: what cannot be cleaned, or may
 * show its patient in its pixels, is refused. Throws COPY_REFUSED, ENCODE_INVALID.
 */
export function deidentify(original: Part10, { secret, own }: DeidentifyOptions): Copy {
  const { dataset } = original;
  assertPixelsTellNothing(original, own);
  const pseudonyms = pseudonymsOf(secret);
  const identifying = identifyingIn(dataset);
  const copy = {
    ...cleanDataset(dataset, { pseudonyms, identifying, ownReport: own }),
    ...patientOf(dataset, pseudonyms),
    ...howOf(own && text(dataset, 'Modality') === 'SR'),
  };
  assertGone(copy, identifying);
  return {
    kind: text(dataset, 'Modality') ?? 'image',
    ...uidsOf(copy),
    parts: part10Of({ ...copy, ...pixelsOf(original) }, syntaxFor(original)),
    saysNoText: own || text(dataset, 'BurnedInAnnotation') === 'NO',
  };
}

function patientOf(dataset: Dataset, pseudonyms: Pseudonyms): Writable {
  // Without an ID nobody knows that two studies are of one patient: nor does who has the copies.
  const known = text(dataset, 'PatientID') ?? `study ${text(dataset, 'StudyInstanceUID')}`;
  const pseudonym = pseudonyms.patient(known, text(dataset, 'IssuerOfPatientID') ?? '');
  return { PatientID: pseudonym, PatientName: pseudonym };
}

/** PS3.3 C.7.1.1, CID 7050. */
const howOf = (report: boolean): Writable => ({
  PatientIdentityRemoved: 'YES',
  DeidentificationMethod: METHOD,
  DeidentificationMethodCodeSequence: [
    code('113100', 'Basic Application Confidentiality Profile'),
    ...(report ? [code('113104', 'Clean Structured Content Option')] : []),
  ],
  LongitudinalTemporalInformationModified: 'REMOVED',
});

const code = (CodeValue: string, CodeMeaning: string): Writable => ({
  CodeValue,
  CodingSchemeDesignator: 'DCM',
  CodeMeaning,
});

function uidsOf(
  copy: Writable,
): Pick<Storable, 'SOPClassUID' | 'SOPInstanceUID' | 'SeriesInstanceUID' | 'StudyInstanceUID'> {
  const one = (keyword: string): string => text(copy, keyword) ?? '';
  return {
    SOPClassUID: one('SOPClassUID'),
    SOPInstanceUID: one('SOPInstanceUID'),
    SeriesInstanceUID: one('SeriesInstanceUID'),
    StudyInstanceUID: studyOf(copy),
  };
}

function studyOf(copy: Writable): Storable['StudyInstanceUID'] {
  const study = StudyInstanceUID.safeParse(text(copy, 'StudyInstanceUID'));
  if (study.success) return study.data;
  throw new Fault('COPY_REFUSED', 'it has no StudyInstanceUID');
}

const KEYWORDS = { integer: 'PixelData', float: 'FloatPixelData', double: 'DoubleFloatPixelData' } as const;

function pixelsOf({ pixels, pixelType = 'integer', TransferSyntaxUID }: Part10): Writable {
  if (pixels.length === 0) return {};
  const clean = syntaxOf(TransferSyntaxUID).encapsulated
    ? pixels.map((frame) => withoutComments(frame, TransferSyntaxUID))
    : pixels;
  return { [KEYWORDS[pixelType]]: clean };
}

/** What the reader unpacked is written as Explicit VR Little Endian; compressed frames stay compressed. */
const syntaxFor = ({ TransferSyntaxUID }: Part10): { TransferSyntaxUID?: string } =>
  syntaxOf(TransferSyntaxUID).encapsulated ? { TransferSyntaxUID } : {};
