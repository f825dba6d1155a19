import type { Dataset } from '../contracts.ts';
import { isKeyword } from '../dicom/dictionary.ts';
import { problemOf, type Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';

/** Patient and General Study attributes of Type 2: present even when the source has none (PS3.3 C.7.1.1, C.7.2.1). */
const TYPE_2 = [
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyDate',
  'StudyTime',
  'ReferringPhysicianName',
  'StudyID',
  'AccessionNumber',
] as const;

/** Of Type 1C and 3, with Patient Study (C.7.2.2) and what tells of de-identification. */
const TYPE_3 = [
  'IssuerOfPatientID',
  'TypeOfPatientID',
  'IssuerOfPatientIDQualifiersSequence',
  'PatientBirthTime',
  'QualityControlSubject',
  'OtherPatientIDs',
  'OtherPatientNames',
  'OtherPatientIDsSequence',
  'EthnicGroup',
  'EthnicGroupCodeSequence',
  'PatientSpeciesDescription',
  'PatientSpeciesCodeSequence',
  'PatientBreedDescription',
  'PatientBreedCodeSequence',
  'BreedRegistrationSequence',
  'ResponsiblePerson',
  'ResponsiblePersonRole',
  'ResponsibleOrganization',
  'PatientComments',
  'PatientIdentityRemoved',
  'DeidentificationMethod',
  'DeidentificationMethodCodeSequence',
  'LongitudinalTemporalInformationModified',
  'StudyDescription',
  'IssuerOfAccessionNumberSequence',
  'ReferringPhysicianIdentificationSequence',
  'ConsultingPhysicianName',
  'ProcedureCodeSequence',
  'PhysiciansOfRecord',
  'NameOfPhysiciansReadingStudy',
  'ReferencedStudySequence',
  'RequestingService',
  'RequestingServiceCodeSequence',
  'ReasonForPerformedProcedureCodeSequence',
  'AdmittingDiagnosesDescription',
  'AdmittingDiagnosesCodeSequence',
  'PatientAge',
  'PatientSize',
  'PatientWeight',
  'PatientBodyMassIndex',
  'MedicalAlerts',
  'Allergies',
  'Occupation',
  'SmokingStatus',
  'AdditionalPatientHistory',
  'PregnancyStatus',
  'LastMenstrualDate',
  'PatientSexNeutered',
  'ReasonForVisit',
  'AdmissionID',
  'PatientState',
] as const;

/** These say whose result it is: never altered, so a value that cannot be written is refused. */
const IDENTITY: readonly string[] = ['PatientID', 'StudyInstanceUID'];

/**
 * The patient and the study of the source, value for value. What the source wrote against its VR is left empty (Type 2) or out
 * (Type 3), and logged by keyword; a Patient ID or Study Instance UID that cannot be kept is ENCODE_INVALID.
 */
export function patientAndStudy(header: Dataset, StudyInstanceUID: string): Writable {
  if (header.StudyInstanceUID !== StudyInstanceUID)
    throw new Fault('ENCODE_INVALID', `StudyInstanceUID: the source is not of study ${StudyInstanceUID}`);
  const copied: Record<string, unknown> = { StudyInstanceUID };
  for (const keyword of TYPE_2) copied[keyword] = valid(header, keyword) ?? null;
  for (const keyword of TYPE_3) if (!isEmpty(header[keyword])) copied[keyword] = valid(header, keyword);
  return copied;
}

/** Where it need not be there, nothing is as good as no value, and some of Type 1C may not be empty. */
const isEmpty = (value: unknown): boolean =>
  [value].flat().every((v) => v === null || v === undefined || v === '');

/** The source's value where it is valid. */
function valid(header: Dataset, keyword: string): unknown {
  const value = withoutUnknown(header[keyword]);
  if (value === undefined || value === null) return undefined;
  const problem = problemOf({ [keyword]: value });
  if (!problem) return value;
  if (IDENTITY.includes(keyword)) throw problem;
  log.warn({ problem: problem.detail }, 'a source attribute breaks its VR and is not copied');
  return undefined;
}

/** A value as it was read, its items without private attributes and the reader's own notes. */
export function withoutUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnknown);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value;
  if ('Alphabetic' in value || 'Ideographic' in value || 'Phonetic' in value) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([keyword]) => isKeyword(keyword))
      .map(([keyword, v]) => [keyword, withoutUnknown(v)]),
  );
}
