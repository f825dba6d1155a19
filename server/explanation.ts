import type { CHECK_CODES, Code } from './dicom/code.ts';

/** What an explanation holds: maps, the five elements of each finding, measures, and the checks of the study. */

/** A map that says where: on the whole extent of the source planes, on its own grid. */
export interface ExplanationMap {
  readonly name: string;
  /** Index into Prediction.findings of the finding that it explains; absent when it serves all. */
  readonly finding?: number;
  readonly method: string;
  /** CID 217 or ours. */
  readonly quantity: Code;
  readonly unit: Code;
  /** [frame, row, column]; frames equal the source's, rows and columns may be coarser. */
  readonly shape: readonly [number, number, number];
  readonly data: Float32Array;
  readonly range: readonly [number, number];
  /** Value where the map was not computed; absent when it covers everything. Outside `range`. */
  readonly padding?: number;
}

export type ElementName =
  | 'localization'
  | 'visualRecognizability'
  | 'physicalAttribution'
  | 'modelTransparency'
  | 'actionability';

/** One of the five elements: given with a sentence and its method, or absent with the reason. Never guessed. */
export type Element =
  | { readonly state: 'given'; readonly sentence: string; readonly method: string }
  | { readonly state: 'absent'; readonly reason: string };

/** Axis-aligned box on a source frame, in pixel edges: 0..columns, 0..rows. */
export interface Region {
  readonly name: string;
  /** Index into Volume.frames. */
  readonly frame: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly meaning: string;
}

export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: Code;
  /** What it tells, in one plain sentence. */
  readonly sentence: string;
}

export interface FindingExplanation {
  /** Index into Prediction.findings. */
  readonly finding: number;
  /** The finding in one plain sentence. */
  readonly sentence: string;
  readonly elements: Readonly<Record<ElementName, Element>>;
  readonly regions: readonly Region[];
  readonly measures: readonly Measure[];
  readonly deletion?: DeletionCurve;
  /** What the package says a reader may do next at this result; in the words of actionability too. */
  readonly nextStep?: NextStep;
  /** Kept in the record of the analysis, never in objects: the same input gives the same bytes. */
  readonly cost?: ExplanationCost;
}

export interface NextStep {
  readonly text: string;
  readonly code?: Code;
  /** Who says so. */
  readonly source: string;
}

/** How the score follows when the image is hidden place by place: scores, 0..1, from nothing hidden to all, in even steps. */
export interface DeletionCurve {
  readonly strongestFirst: readonly number[];
  readonly randomOrder: readonly number[];
  /** What hiding does: `blurred`. */
  readonly hidden: string;
  /**
   * For each step but the first and the last: what is hidden has more than this in the finding's map as it is stored, read between its cells in straight
   * lines; null where no value tells. Absent where none does.
   */
  readonly hiddenFrom?: readonly (number | null)[];
}

/** What an explanation took. */
export interface ExplanationCost {
  /** The method that was used, by the name of METHODS. */
  readonly method: string;
  readonly ms: number;
  /** Largest resident memory of the worker process so far, MiB. */
  readonly peakMemoryMb: number;
}

/** What is checked of an image or a result before anyone may rely on it. */
export type CheckName = keyof typeof CHECK_CODES;

/**
 * One check: a failed one marks the result `check before use`; a remark is worth knowing and marks nothing; one that could not be made
 * says why.
 */
export interface StudyCheck {
  readonly name: CheckName;
  /** Index into Prediction.findings; absent when it is of the images and so of all findings. */
  readonly finding?: number;
  readonly state: 'passed' | 'remark' | 'failed' | 'absent';
  /** What was found, or why nothing could be, in one plain sentence; never a value of the header: it is also kept in the record. */
  readonly sentence: string;
}

export interface Explanation {
  readonly findings: readonly FindingExplanation[];
  readonly maps: readonly ExplanationMap[];
  readonly checks: readonly StudyCheck[];
}
