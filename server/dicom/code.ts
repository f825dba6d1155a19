/** Coded concepts (PS3.3 §8.8). Values and meanings as in the standard's dictionaries. */

export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

export const code = (value: string, scheme: string, meaning: string): Code => ({ value, scheme, meaning });
const dcm = (value: string, meaning: string): Code => code(value, 'DCM', meaning);
const sct = (value: string, meaning: string): Code => code(value, 'SCT', meaning);

/** The product's own scheme, for what no standard code says; declared in each object that uses it. */
export const PRIVATE_SCHEME = '99PELLUCID';
const own = (value: string, meaning: string): Code => code(value, PRIVATE_SCHEME, meaning);

export const CODES = {
  // CID 217, Visual Explanation
  visualExplanation: dcm('130401', 'Visual explanation'),
  classActivation: dcm('130402', 'Class activation'),
  gradCam: dcm('130403', 'Gradient-weighted class activation'),
  saliency: dcm('130404', 'Saliency'),
  // TID 1500 and its parts
  imagingMeasurementReport: dcm('126000', 'Imaging Measurement Report'),
  language: dcm('121049', 'Language of Content Item and Descendants'),
  imagingMeasurements: dcm('126010', 'Imaging Measurements'),
  measurementGroup: dcm('125007', 'Measurement Group'),
  imageLibrary: dcm('111028', 'Image Library'),
  imageLibraryGroup: dcm('126200', 'Image Library Group'),
  imageRegion: dcm('111030', 'Image Region'),
  trackingIdentifier: dcm('112039', 'Tracking Identifier'),
  trackingUid: dcm('112040', 'Tracking Unique Identifier'),
  finding: dcm('121071', 'Finding'),
  findingCategory: sct('276214006', 'Finding category'),
  findingSite: sct('363698007', 'Finding Site'),
  laterality: sct('272741003', 'Laterality'),
  referencedSegment: dcm('121191', 'Referenced Segment'),
  sourceImage: dcm('121233', 'Source image for segmentation'),
  algorithmName: dcm('111001', 'Algorithm Name'),
  algorithmVersion: dcm('111003', 'Algorithm Version'),
  algorithmParameters: dcm('111002', 'Algorithm Parameters'),
  volume: sct('118565006', 'Volume'),
  present: sct('52101004', 'Present'),
  absent: sct('272519000', 'Absent'),
  artificialIntelligence: dcm('123110', 'Artificial Intelligence'),
  processingEquipment: dcm('109102', 'Processing Equipment'),
  // ours: the score, and the five elements of interpretability (Wang et al. 2024, arXiv 2310.01685)
  score: own('SCORE', 'Model score'),
  scoreScale: own('SCORE_SCALE', 'Scale of the model score'),
  scoreUncalibrated: own('UNCALIBRATED', 'Not calibrated'),
  scoreCalibrated: own('CALIBRATED', 'Calibrated'),
  threshold: own('THRESHOLD', 'Operating point of the score'),
  meanMargin: own('MEAN_MARGIN', 'Mean margin to the second label'),
  marginMap: own('MARGIN_MAP', 'Margin to the second label'),
  localization: own('LOCALIZATION', 'Localization'),
  visualRecognizability: own('RECOGNIZABILITY', 'Visual recognizability'),
  physicalAttribution: own('PHYSICAL', 'Physical attribution'),
  modelTransparency: own('TRANSPARENCY', 'Model transparency'),
  actionability: own('ACTIONABILITY', 'Actionability'),
  given: own('GIVEN', 'Given'),
  notGiven: own('NOT_GIVEN', 'Absent, with the reason'),
  summary: own('SUMMARY', 'Finding in words'),
  measure: own('FAITHFULNESS', 'Measure of faithfulness'),
  // whether the result may be used as it is: written by name of the check, each with its words
  use: own('USE', 'Use of this result'),
  checkFirst: own('CHECK_FIRST', 'Check before use'),
  checksPassed: own('CHECKS_PASSED', 'All checks passed'),
  passedRemarked: own('PASSED_REMARKED', 'Checks passed, with a remark'),
  notAllMade: own('NOT_ALL_MADE', 'Passed, not all checks could be made'),
  notChecked: own('NOT_CHECKED', 'Not checked'),
  passed: own('PASSED', 'Passed'),
  remark: own('REMARK', 'Passed with a remark'),
  failed: own('FAILED', 'Failed'),
  notMade: own('NOT_MADE', 'Could not be made'),
  deletionCurve: own('DELETION_CURVE', 'Scores while the strongest evidence is hidden'),
  // what a person says of a result; provisional until IHE AIRA's codes are public
  assessment: own('ASSESSMENT', 'Assessment of the AI result'),
  accepted: own('ACCEPTED', 'Accepted'),
  modified: own('MODIFIED', 'Modified'),
  rejected: own('REJECTED', 'Rejected'),
  reason: own('REASON', 'Reason of the assessment'),
  findingAssessment: own('FINDING_VERDICT', 'Assessment of one finding'),
  cannotTell: own('CANNOT_TELL', 'Cannot tell'),
  explanationRating: own('EXPL_RATING', 'Points to what the reader would point to, 1 to 5'),
} as const satisfies Record<string, Code>;

/** Why a person accepts or rejects a result; provisional as the verdicts are. */
export const ASSESSMENT_REASONS = {
  falsePositive: own('FALSE_POSITIVE', 'False positive'),
  falseNegative: own('FALSE_NEGATIVE', 'Missed by the model'),
  wrongSite: own('WRONG_SITE', 'Wrong side or site'),
  badImage: own('BAD_IMAGE', 'Bad image'),
  outOfScope: own('OUT_OF_SCOPE', 'Out of scope'),
  artefact: own('ARTEFACT', 'Artefact'),
  segmentation: own('SEG_ERROR', 'Segmentation error'),
  measurement: own('MEASURE_ERROR', 'Measurement error'),
  misleading: own('MISLEADING', 'Explanation misleading'),
  other: own('OTHER', 'Other reason'),
} as const satisfies Record<string, Code>;

/** Checks of an image or a result: the name of a CODE (passed, failed, could not be made) and of the TEXT that follows it. */
export const CHECK_CODES = {
  features: own('CHECK_FEATURES', 'Likeness as the model sees it'),
  texture: own('CHECK_TEXTURE', 'Fine detail as the model sees it'),
  layout: own('CHECK_LAYOUT', 'Layout of the picture'),
  greys: own('CHECK_GREYS', 'Greys of the picture'),
  age: own('CHECK_AGE', 'Age of the patient'),
  view: own('CHECK_VIEW', 'View'),
  matrix: own('CHECK_MATRIX', 'Number of pixels'),
  saturation: own('CHECK_SATURATION', 'Greys cut off'),
  border: own('CHECK_BORDER', 'Empty border'),
  contrast: own('CHECK_CONTRAST', 'Contrast'),
  methods: own('CHECK_METHODS', 'Agreement of two methods'),
  baselines: own('CHECK_BASELINES', 'Effect of hiding the evidence'),
  stability: own('CHECK_STABILITY', 'Stability of the decision'),
  outline: own('CHECK_OUTLINE', 'Certainty of the outline'),
  plausible: own('CHECK_PLAUSIBLE', 'Plausible value'),
  complete: own('CHECK_COMPLETE', 'Structures that everyone has'),
  brightness: own('CHECK_BRIGHTNESS', 'Order of brightness'),
  edge: own('CHECK_EDGE', 'Edge of the images'),
} as const satisfies Record<string, Code>;

/** Checks of whether the model has a ground to judge from at all: the rest speak of the map, the outline or the picture. */
export const GROUNDS: ReadonlySet<keyof typeof CHECK_CODES> = new Set([
  'features',
  'texture',
  'layout',
  'greys',
  'age',
  'view',
  'stability',
  'plausible',
  'complete',
  'brightness',
]);

/** What a package answers to the framework's questions: TEXT items of the whole report. */
export const ANSWER_CODES = {
  task: own('MODEL_TASK', 'Question that the model answers'),
  users: own('MODEL_USERS', 'Who uses the answer'),
  decision: own('MODEL_DECISION', 'Decision that the answer serves'),
  why: own('MODEL_WHY', 'Why an explanation is needed'),
  faithfulness: own('MODEL_FAITHFUL', 'How the explanation is known to be faithful'),
} as const satisfies Record<string, Code>;

/** Whether the package was accepted as it ran: a TEXT item of the whole report, too. */
export const ACCEPTANCE_CODE = own('MODEL_ACCEPTED', 'Acceptance of the model');

/** The sides that something paired may be on (PS3.16 CID 244). */
export const LATERALITIES = {
  right: sct('24028007', 'Right'),
  left: sct('7771000', 'Left'),
  both: sct('51440002', 'Bilateral'),
  one: sct('66459002', 'Unilateral'),
} as const satisfies Record<string, Code>;

/** UCUM units by the code that is also what is written (PS3.16 CID 82). */
export const UNITS = {
  one: code('1', 'UCUM', 'no units'),
  percent: code('%', 'UCUM', 'Percent'),
  mm: code('mm', 'UCUM', 'millimeter'),
  mm2: code('mm2', 'UCUM', 'square millimeter'),
  mm3: code('mm3', 'UCUM', 'cubic millimeter'),
  ml: code('ml', 'UCUM', 'milliliter'),
  hu: code("[hnsf'U]", 'UCUM', 'Hounsfield unit'),
  bqml: code('Bq/ml', 'UCUM', 'Becquerels/milliliter'),
  suvbw: code('g/ml{SUVbw}', 'UCUM', 'Standardized Uptake Value body weight'),
} as const satisfies Record<string, Code>;
