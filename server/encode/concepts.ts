import { CODES, type Code, code, PRIVATE_SCHEME } from '../dicom/code.ts';
import { deriveUid } from '../dicom/uid.ts';

const dcm = (value: string, meaning: string): Code => code(value, 'DCM', meaning);
const sct = (value: string, meaning: string): Code => code(value, 'SCT', meaning);

/** Standard codes that only the encoders need; what readers look for is in dicom/code.ts. */
export const CONCEPTS = {
  english: code('en', 'RFC5646', 'English'),
  observerType: dcm('121005', 'Observer Type'),
  device: dcm('121007', 'Device'),
  deviceUid: dcm('121012', 'Device Observer UID'),
  deviceName: dcm('121013', 'Device Observer Name'),
  deviceManufacturer: dcm('121014', 'Device Observer Manufacturer'),
  deviceModel: dcm('121015', 'Device Observer Model Name'),
  deviceSerial: dcm('121016', 'Device Observer Serial Number'),
  person: dcm('121006', 'Person'),
  personName: dcm('121008', 'Person Observer Name'),
  personOrganization: dcm('121009', "Person Observer's Organization Name"),
  procedureReported: dcm('121058', 'Procedure reported'),
  modality: dcm('121139', 'Modality'),
  frameOfReference: dcm('112227', 'Frame of Reference UID'),
  sourceSeries: dcm('121232', 'Source series for segmentation'),
  sourceOfRegion: dcm('121324', 'Source image'),
  sourceOfMeasurement: dcm('121112', 'Source of Measurement'),
  bestIllustration: dcm('121080', 'Best illustration of finding'),
  keyObjectDescription: dcm('113012', 'Key Object Description'),
  ofInterest: dcm('113000', 'Of Interest'),
  algorithmFamily: dcm('111000', 'Algorithm Family'),
  algorithmManufacturer: dcm('122405', 'Algorithm Manufacturer'),
  certainty: dcm('111012', 'Certainty of Finding'),
  qualitativeEvaluations: code('C0034375', 'UMLS', 'Qualitative Evaluations'),
  processingSummary: dcm('111017', 'CAD Processing and Findings Summary'),
  withoutFindings: dcm('111241', 'All algorithms succeeded; without findings'),
  withFindings: dcm('111242', 'All algorithms succeeded; with findings'),
  comment: dcm('121106', 'Comment'),
  measurementMethod: sct('370129005', 'Measurement Method'),
  recommendation: dcm('121075', 'Recommendation'),
  voxelSum: dcm('126030', 'Sum of segmented voxel method for volume'),
  segmentation: dcm('113076', 'Segmentation'),
  processingSource: dcm('121322', 'Source Image for Image Processing Operation'),
  pixelMask: dcm('113047', 'Pixel by pixel mask'),
  quantity: sct('246205007', 'Quantity'),
} as const satisfies Record<string, Code>;

const RADIOGRAPHY = sct('168537006', 'Plain radiography');
const IMAGING = sct('363679005', 'Imaging');

/** CID 29 and the procedure that it stands for when the source names none. */
const MODALITIES: Readonly<Record<string, readonly [meaning: string, procedure: Code]>> = {
  CR: ['Computed Radiography', RADIOGRAPHY],
  DX: ['Digital Radiography', RADIOGRAPHY],
  PX: ['Panoramic X-Ray', RADIOGRAPHY],
  MG: ['Mammography', sct('71651007', 'Mammography')],
  CT: ['Computed Tomography', sct('77477000', 'Computed tomography')],
  MR: ['Magnetic Resonance', sct('113091000', 'Magnetic resonance imaging')],
  PT: ['Positron emission tomography', IMAGING],
  NM: ['Nuclear Medicine', IMAGING],
  US: ['Ultrasound', sct('16310003', 'Diagnostic ultrasonography')],
  XA: ['X-Ray Angiography', sct('77343006', 'Angiography')],
  RF: ['Radiofluoroscopy', sct('44491008', 'Fluoroscopy')],
  XC: ['External-camera Photography', IMAGING],
  OP: ['Ophthalmic Photography', IMAGING],
};

export function modalityCode(modality: string): Code | undefined {
  const [meaning] = MODALITIES[modality] ?? [];
  return meaning ? dcm(modality, meaning) : undefined;
}

export const procedureCode = (modality: string): Code => MODALITIES[modality]?.[1] ?? IMAGING;

/** Anatomic regions (CID 4031) by Body Part Examined, for the sources of our models. */
const REGIONS: Readonly<Record<string, Code>> = {
  ABDOMEN: sct('818981001', 'Abdomen'),
  BRAIN: sct('12738006', 'Brain'),
  CHEST: sct('816094009', 'Chest'),
  HEAD: sct('69536005', 'Head'),
  NECK: sct('45048000', 'Neck'),
  PELVIS: sct('816092008', 'Pelvis'),
  SPINE: sct('421060004', 'Spine'),
};

export const regionCode = (bodyPart: string): Code =>
  REGIONS[bodyPart.toUpperCase()] ?? sct('38266002', 'Entire body');

/** A code as an item of a code sequence (PS3.3 §8.8); over 16 characters it is a Long Code Value. */
export const codeItem = ({ value, scheme, meaning }: Code) => ({
  ...(value.length <= 16 ? { CodeValue: value } : { LongCodeValue: value }),
  CodingSchemeDesignator: scheme,
  CodeMeaning: meaning,
});

/** Our scheme, as an object that uses it declares it (PS3.3 C.12.1). */
export const OUR_SCHEME = {
  CodingSchemeDesignator: PRIVATE_SCHEME,
  CodingSchemeUID: deriveUid('coding scheme', PRIVATE_SCHEME),
  CodingSchemeName: 'Pellucid explanation codes',
  CodingSchemeVersion: '1',
  CodingSchemeResponsibleOrganization: 'Pellucid',
};

/** A code of our scheme by its meaning: the known one, or none. */
export const knownCode = (meaning: string): Code | undefined =>
  Object.values(CODES).find((c) => c.scheme.startsWith('99') && c.meaning === meaning);
