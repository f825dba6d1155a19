/** The DICOM JSON model (PS3.18 annex F), read tolerantly: what is absent or odd is undefined. */

export interface DicomElement {
  readonly vr?: string;
  readonly Value?: readonly unknown[];
}
export type DicomJson = Readonly<Record<string, DicomElement>>;

/** Tags of the attributes that the panel reads. */
export const TAG = {
  NumberOfSeriesRelatedInstances: '00201209',
  SOPClassUID: '00080016',
  SOPInstanceUID: '00080018',
  StudyDate: '00080020',
  StudyTime: '00080030',
  SeriesDate: '00080021',
  SeriesTime: '00080031',
  ContentDate: '00080023',
  ContentTime: '00080033',
  Manufacturer: '00080070',
  SeriesDescription: '0008103E',
  ContentDescription: '00700081',
  PatientID: '00100020',
  IssuerOfPatientID: '00100021',
  PatientBirthDate: '00100030',
  Modality: '00080060',
  StudyInstanceUID: '0020000D',
  SeriesInstanceUID: '0020000E',
  ManufacturerModelName: '00081090',
  DeviceSerialNumber: '00181000',
  SoftwareVersions: '00181020',
  ContributionDescription: '0018A003',
  ContributionDateTime: '0018A002',
  DeviceUID: '00181002',
  DerivationDescription: '00082111',
  SourceImageSequence: '00082112',
  SourceInstanceSequence: '00420013',
  ReferencedSeriesSequence: '00081115',
  ReferencedSOPSequence: '00081199',
  ReferencedSOPClassUID: '00081150',
  ReferencedSOPInstanceUID: '00081155',
  SegmentSequence: '00620002',
  SegmentNumber: '00620004',
  SegmentLabel: '00620005',
  SegmentAlgorithmType: '00620008',
  SegmentAlgorithmName: '00620009',
  ReferencedSegmentNumber: '0062000B',
  ReferencedFrameNumber: '00081160',
  CurrentRequestedProcedureEvidenceSequence: '0040A375',
  ContributingEquipmentSequence: '0018A001',
  PurposeOfReferenceCodeSequence: '0040A170',
  VerificationFlag: '0040A493',
  ConceptNameCodeSequence: '0040A043',
  ConceptCodeSequence: '0040A168',
  ContentSequence: '0040A730',
  ValueType: '0040A040',
  RelationshipType: '0040A010',
  TextValue: '0040A160',
  UID: '0040A124',
  MeasuredValueSequence: '0040A300',
  NumericValue: '0040A30A',
  NumericValueQualifierCodeSequence: '0040A301',
  FloatingPointValue: '0040A161',
  MeasurementUnitsCodeSequence: '004008EA',
  GraphicData: '00700022',
  GraphicType: '00700023',
  PersonName: '0040A123',
  PredecessorDocumentsSequence: '0040A360',
  VerifyingObserverSequence: '0040A073',
  VerifyingObserverName: '0040A075',
  VerificationDateTime: '0040A030',
  CodeValue: '00080100',
  CodingSchemeDesignator: '00080102',
  CodeMeaning: '00080104',
  LongCodeValue: '00080119',
  Rows: '00280010',
  Columns: '00280011',
  NumberOfFrames: '00280008',
  BitsAllocated: '00280100',
  PixelRepresentation: '00280103',
  PixelPaddingValue: '00280120',
  WindowCenter: '00281050',
  WindowWidth: '00281051',
  FrameOfReferenceUID: '00200052',
  SharedFunctionalGroupsSequence: '52009229',
  PerFrameFunctionalGroupsSequence: '52009230',
  PixelMeasuresSequence: '00289110',
  PixelSpacing: '00280030',
  PlaneOrientationSequence: '00209116',
  ImageOrientationPatient: '00200037',
  PlanePositionSequence: '00209113',
  ImagePositionPatient: '00200032',
  FrameVOILUTSequence: '00289132',
  DerivationImageSequence: '00089124',
  FloatPixelPaddingValue: '00280122',
  LUTExplanation: '00283003',
  LUTLabel: '00409210',
  RealWorldValueMappingSequence: '00409096',
  RealWorldValueSlope: '00409225',
  RealWorldValueIntercept: '00409224',
  QuantityDefinitionSequence: '00409220',
} as const;
export type Keyword = keyof typeof TAG;

const valuesOf = (dataset: DicomJson, keyword: Keyword): readonly unknown[] => {
  const value = dataset[TAG[keyword]]?.Value;
  return Array.isArray(value) ? value : [];
};

/** The first value as trimmed text. */
export const text = (dataset: DicomJson, keyword: Keyword): string | undefined => texts(dataset, keyword)[0];

export const texts = (dataset: DicomJson, keyword: Keyword): readonly string[] =>
  valuesOf(dataset, keyword)
    .filter((v) => typeof v === 'string' || typeof v === 'number')
    .map((v) => String(v).trim())
    .filter((v) => v !== '');

/** A person's name as it is read: `Family^Given` becomes `Given Family` (PS3.5 §6.2.1). */
export function person(dataset: DicomJson, keyword: Keyword): string | undefined {
  const first = valuesOf(dataset, keyword)[0];
  const name = typeof first === 'object' && first !== null ? Reflect.get(first, 'Alphabetic') : first;
  if (typeof name !== 'string' || name.trim() === '') return undefined;
  const [family = '', given = '', middle = '', prefix = ''] = name.split('^');
  return [prefix, given, middle, family].filter(Boolean).join(' ');
}

/** The first value as a finite number. */
export function number(dataset: DicomJson, keyword: Keyword): number | undefined {
  const first = finite(valuesOf(dataset, keyword)[0]);
  return Number.isFinite(first) ? first : undefined;
}

/** All values; none where one is not a finite number, for the next would take its place. */
export function numbers(dataset: DicomJson, keyword: Keyword): readonly number[] {
  const values = valuesOf(dataset, keyword).map(finite);
  return values.every(Number.isFinite) ? values : [];
}

const finite = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
    ? Number(value)
    : Number.NaN;

/** Items of a sequence. */
export const items = (dataset: DicomJson, keyword: Keyword): readonly DicomJson[] =>
  valuesOf(dataset, keyword).filter((v): v is DicomJson => typeof v === 'object' && v !== null);

export interface CodedConcept {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** The first item of a code sequence. */
export function codeOf(dataset: DicomJson, keyword: Keyword): CodedConcept | undefined {
  const item = items(dataset, keyword)[0];
  const value = item && (text(item, 'CodeValue') ?? text(item, 'LongCodeValue'));
  if (!item || !value) return undefined;
  return {
    value,
    scheme: text(item, 'CodingSchemeDesignator') ?? '',
    meaning: text(item, 'CodeMeaning') ?? value,
  };
}

/** Codes are equal by value and scheme; the meaning is for people. */
export const sameCode = (
  a: Pick<CodedConcept, 'value' | 'scheme'> | undefined,
  b: Pick<CodedConcept, 'value' | 'scheme'>,
): boolean => a?.value === b.value && a.scheme === b.scheme;

/** `2026-11-25T12:00:00`; empty without a date. */
export function momentOf(written: string | undefined, clock: string | undefined): string {
  const date = /^(\d{4})(\d{2})(\d{2})$/.exec(written ?? '');
  if (!date) return '';
  const time = /^(\d{2})(\d{2})(\d{2})?/.exec(clock ?? '');
  const [, year, month, day] = date;
  return `${year}-${month}-${day}T${time ? `${time[1]}:${time[2]}:${time[3] ?? '00'}` : '00:00:00'}`;
}
