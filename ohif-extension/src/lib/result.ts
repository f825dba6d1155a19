/** What the panel shows: one AI result as its report tells it. */

export interface Result {
  readonly SOPInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly StudyInstanceUID: string;
  /** Undefined when the report does not say whose it is, or when. */
  readonly subject?: Subject;
  /** The series that it was computed for; unknown in many reports of other programs. */
  readonly source?: string;
  readonly model: ModelFacts;
  /** Local to the archive, as written: `2026-11-25T12:00`. Empty when the report has none. */
  readonly createdAt: string;
  readonly verified: boolean;
  /** Of its words, RFC 5646; undefined where the report does not say. */
  readonly language?: string;
  /** Of ours with its explanation, or what another program or person reported. */
  readonly origin: 'explained' | 'other';
  readonly findings: readonly Finding[];
  /** When this document is what a person said of another. */
  readonly assessment?: Assessment;
}

/** Whose study a report belongs to, and when that was made. */
export interface Subject {
  readonly PatientID: string;
  /** Empty where none is named, as the next one. */
  readonly IssuerOfPatientID: string;
  readonly PatientBirthDate: string;
  /** Local, as `createdAt`. */
  readonly studiedAt: string;
}

/** What a person said of a result, in a document of its own. */
export interface Assessment {
  /** In words. */
  readonly verdict: string;
  readonly isRejected: boolean;
  /** SOP Instance UID of the report that was assessed. */
  readonly of: string;
  /** The document that says so. */
  readonly document?: Pick<Result, 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID'>;
  /** Of a correction: what the person put in the place of the findings. */
  readonly corrected?: readonly Finding[];
  readonly person?: string;
  readonly reason?: string;
  readonly note?: string;
}

export const ANSWERS = ['task', 'users', 'decision', 'why', 'faithfulness'] as const;
export type Answer = (typeof ANSWERS)[number];

export interface ModelFacts {
  readonly name: string;
  readonly version: string;
  readonly manufacturer?: string;
  readonly id?: string;
  readonly digest?: string;
  /** Why its explanation is fit for its use, in the package's words; none in reports made before it was said. */
  readonly answers?: Readonly<Partial<Record<Answer, string>>>;
  /** Whether it was accepted as it ran, when, or why not; none in reports made before it was said. */
  readonly acceptance?: string;
  /** Intended use and limits, in the maker's words. */
  readonly description?: string;
}

export interface ImageReference {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  /** Unknown when the report's evidence does not list the image. */
  readonly SeriesInstanceUID?: string;
}

export interface Finding {
  readonly label: string;
  readonly trackingUID: string;
  /** Undefined when the report does not say. */
  readonly present?: boolean;
  readonly sentence: string;
  readonly score?: Score;
  readonly volumeMl?: number;
  readonly segment?: ImageReference & { readonly number: number };
  readonly regions: readonly Region[];
  /** Its place, or a part of it, is given in coordinates of the patient, which are not drawn. */
  readonly isPlacedIn3D?: true;
  /** Its place, or a part of it, is given in a way that cannot be drawn. */
  readonly hasUndrawn?: true;
  /** Images that show the explanation of this finding. */
  readonly explanations: readonly ImageReference[];
  /** None in a report of another program. */
  readonly elements: readonly ElementCard[];
  /** Whether it may be used as it is: the first word of the panel where one failed. */
  readonly checks: readonly Check[];
  /** What the maker of the model asks for next, and who says so. */
  readonly nextStep?: string;
  /** What was measured beside scores and volumes, and all of a report of another program, in its own words. */
  readonly measurements: readonly Measurement[];
  readonly measures: readonly Measure[];
  readonly deletion?: DeletionCurve;
  /** `name=value`, as the report has them. */
  readonly parameters: readonly string[];
}

export interface Score {
  /** 0..1 */
  readonly value: number;
  readonly threshold?: number;
  readonly calibrated: boolean;
  /** 0..1; only where the model's package has a calibration. */
  readonly probability?: number;
}

/** A polygon, or a line, on a source image, in pixel edges: 0..columns, 0..rows. */
export interface Region {
  readonly name: string;
  readonly meaning: string;
  readonly SOPInstanceUID: string;
  /** From 1; undefined on a single-frame image. */
  readonly frame?: number;
  readonly points: readonly (readonly [column: number, row: number])[];
  /** A line from its first point to its last, not a polygon. */
  readonly isOpen?: true;
  /** Its name is drawn and its outline is not: a map shows where it is. */
  readonly isNameOnly?: true;
}

export const ELEMENTS = [
  'localization',
  'visualRecognizability',
  'physicalAttribution',
  'modelTransparency',
  'actionability',
] as const;
export type ElementName = (typeof ELEMENTS)[number];

export type ElementCard = { readonly name: ElementName } & (
  | { readonly state: 'given'; readonly sentence: string; readonly method?: string }
  | { readonly state: 'absent'; readonly reason?: string }
);

/** Scores from nothing of the image hidden to all of it, in even steps. */
export interface DeletionCurve {
  readonly strongestFirst: readonly number[];
  readonly randomOrder: readonly number[];
  /** What hiding did: `blurred`. */
  readonly hidden: string;
  /**
   * For each step but the first and the last: what is hidden has more than this in the finding's map, read between its cells in straight lines; null
   * where no value tells. Absent in reports that do not say.
   */
  readonly hiddenFrom?: readonly (number | null)[];
}

export interface Check {
  readonly name: string;
  readonly state: 'passed' | 'remark' | 'failed' | 'absent';
  readonly sentence: string;
}

/** A number with its unit, or what was judged by code. */
export interface Measurement {
  readonly name: string;
  readonly value: number | string;
  /** In words: `square centimeter`. */
  readonly unit?: string;
}

export interface Measure {
  readonly name: string;
  readonly sentence: string;
  readonly value?: number;
  /** UCUM; `1` is no unit. */
  readonly unit?: string;
}
