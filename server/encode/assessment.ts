import type { DicomObject, ObjectKind } from '../contracts.ts';
import { CODES, type Code } from '../dicom/code.ts';
import { type Dataset, items, type Part10, text } from '../dicom/read.ts';
import { deriveUid, StudyInstanceUID } from '../dicom/uid.ts';
import { joined, part10Of, type Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { type Clock, clockOf } from './clock.ts';
import { OUR_SCHEME } from './concepts.ts';
import { withoutUnknown } from './patient.ts';
import { clip } from './text.ts';
import { ENCODER_VERSION, PACKAGER } from './version.ts';

export const VERDICTS = {
  accepted: CODES.accepted,
  modified: CODES.modified,
  rejected: CODES.rejected,
} as const satisfies Record<string, Code>;

/** What a person decided about a result. */
export interface Assessment {
  /** PN, `Family^Given`. */
  readonly person: string;
  readonly organization: string;
  readonly verdict: keyof typeof VERDICTS;
  readonly reason?: Code;
  readonly note?: string;
  /** When it was decided; ISO 8601. Every date of what is written comes from here. */
  readonly at: string;
  /** The verified report that it takes the place of; the report itself where it is the first. */
  readonly predecessor?: { readonly SeriesInstanceUID: string; readonly SOPInstanceUID: string };
}

/** What a new object says where it differs from the one that it follows. */
export interface Changes {
  readonly kind: ObjectKind;
  /** Which objects it was made from, so that other input has another UID. */
  readonly from: readonly string[];
  /** End of the Series Description. */
  readonly what: string;
  readonly body: Writable;
}

/** The time of an assessment in the zone of the object that it is about. */
export const clockOfAssessment = ({ at }: Assessment, { dataset }: Part10): Clock =>
  clockOf(at, text(dataset, 'TimezoneOffsetFromUTC'));

/**
 * A new object of a new series that keeps what `original` says but for the changes: equal input gives equal bytes. Private
 * attributes stay behind. Throws ENCODE_INVALID where the original breaks the standard.
 */
export function follow(original: Part10, assessment: Assessment, changes: Changes): DicomObject {
  const { dataset } = original;
  const { kind, from, what, body } = changes;
  const { date, time, offset } = clockOfAssessment(assessment, original);
  const uid = (part: string): string =>
    deriveUid(part, ...from, ENCODER_VERSION, JSON.stringify(Object.entries(assessment).sort()));
  const written: Writable = {
    ...(withoutUnknown(dataset) as Writable),
    ...PACKAGER,
    SOPInstanceUID: uid('assessed instance'),
    SeriesInstanceUID: uid('assessed series'),
    SeriesDescription: clip(`${clip(text(dataset, 'SeriesDescription') ?? kind, 50)} (${what})`, 64),
    InstanceNumber: 1,
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    SeriesDate: date,
    SeriesTime: time,
    ContentDate: date,
    ContentTime: time,
    TimezoneOffsetFromUTC: offset,
    CodingSchemeIdentificationSequence: schemes(dataset),
    ...body,
  };
  const parts = part10Of(written);
  return {
    kind,
    SOPClassUID: String(written.SOPClassUID),
    SOPInstanceUID: String(written.SOPInstanceUID),
    SeriesInstanceUID: String(written.SeriesInstanceUID),
    StudyInstanceUID: StudyInstanceUID.parse(dataset.StudyInstanceUID),
    parts,
    get bytes() {
      return joined(parts);
    },
  };
}

/** The schemes that the original declares, and ours. */
function schemes(dataset: Dataset): readonly unknown[] {
  const declared = items(dataset, 'CodingSchemeIdentificationSequence').filter(
    (item) => text(item, 'CodingSchemeDesignator') !== OUR_SCHEME.CodingSchemeDesignator,
  );
  return [...(withoutUnknown(declared) as readonly unknown[]), OUR_SCHEME];
}

/** A reference to an object, series by series, as documents hold it (PS3.3 C.17.2.3). */
export const referenceTo = (dataset: Dataset): Writable => ({
  StudyInstanceUID: text(dataset, 'StudyInstanceUID'),
  ReferencedSeriesSequence: [
    {
      SeriesInstanceUID: text(dataset, 'SeriesInstanceUID'),
      ReferencedSOPSequence: [instance(dataset)],
    },
  ],
});

export const instance = (dataset: Dataset): Writable => ({
  ReferencedSOPClassUID: text(dataset, 'SOPClassUID'),
  ReferencedSOPInstanceUID: text(dataset, 'SOPInstanceUID'),
});

/** Both objects must be of one study: an assessment never moves a result to another patient. */
export function assertSameStudy(a: Dataset, b: Dataset): void {
  for (const keyword of ['StudyInstanceUID', 'PatientID'])
    if (text(a, keyword) !== text(b, keyword))
      throw new Fault('ENCODE_INVALID', `${keyword}: the two objects are not of one patient and study`);
}
