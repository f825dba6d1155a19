import { asCorrected, correctionAmong } from './corrected.ts';
import type { Finding, ModelFacts, Result, Subject } from './result.ts';
import type { ResultSet } from './result-sets.ts';

/** What an earlier study of the same patient said of a finding. */
export interface Prior {
  readonly StudyInstanceUID: string;
  readonly SOPInstanceUID: string;
  /** Local: `2025-05-03T10:11:12`. */
  readonly studiedAt: string;
  readonly finding: Finding;
  /** The version of the model where that is another one: its numbers are on another scale. */
  readonly otherVersion?: string;
  /** A check failed, or a person rejected it. */
  readonly isDoubtful: boolean;
  /** By a person, and so not the model's own. */
  readonly isCorrected: boolean;
  /** From then to now: of a score the difference, of anything else the part that it grew by. Undefined where the two cannot be compared. */
  readonly change?: number;
}

/**
 * The same finding in earlier studies of the patient, the newest first. Whose it is is never guessed: Patient ID, issuer and birth date are
 * those of the open report. The same by its tracking UID, or, in our reports, by model and label.
 */
export function priorsOf(finding: Finding, open: Result, earlier: readonly ResultSet[]): readonly Prior[] {
  return earlier
    .filter(({ newest }) => isEarlierOf(open, newest))
    .flatMap((set) => priorIn(set, finding, open))
    .sort((a, b) => b.studiedAt.localeCompare(a.studiedAt));
}

const isEarlierOf = ({ subject, StudyInstanceUID }: Result, before: Result): boolean =>
  subject !== undefined &&
  before.subject !== undefined &&
  before.StudyInstanceUID !== StudyInstanceUID &&
  before.subject.studiedAt < subject.studiedAt &&
  isSamePatient(subject, before.subject);

const isSamePatient = (a: Subject, b: Subject): boolean =>
  a.PatientID === b.PatientID &&
  a.IssuerOfPatientID === b.IssuerOfPatientID &&
  a.PatientBirthDate === b.PatientBirthDate;

function priorIn({ newest, assessments }: ResultSet, finding: Finding, open: Result): readonly Prior[] {
  const isSameModel = open.model.id !== undefined && newest.model.id === open.model.id;
  const correctedBy = correctionAmong(assessments);
  const { findings } = asCorrected(newest, correctedBy);
  const found =
    findings.find(({ trackingUID }) => trackingUID !== '' && trackingUID === finding.trackingUID) ??
    findings.find(({ label }) => isSameModel && label === finding.label);
  if (!found || !newest.subject) return [];
  const isSame = isSameVersion(newest.model, open.model);
  const isDoubtful =
    assessments[0]?.isRejected === true || found.checks.some(({ state }) => state === 'failed');
  const change = isSame && !isDoubtful ? changeOf(found, finding) : undefined;
  return [
    {
      StudyInstanceUID: newest.StudyInstanceUID,
      SOPInstanceUID: newest.SOPInstanceUID,
      studiedAt: newest.subject.studiedAt,
      finding: found,
      isDoubtful,
      isCorrected: correctedBy !== undefined && !newest.findings.includes(found),
      ...(isSame ? {} : { otherVersion: newest.model.version }),
      ...(change === undefined ? {} : { change }),
    },
  ];
}

/** Scores of one version of a model are on one scale. */
export const isSameVersion = (a: ModelFacts, b: ModelFacts): boolean =>
  a.name === b.name && a.version === b.version && a.digest === b.digest;

function changeOf(then: Finding, now: Finding): number | undefined {
  if (then.score && now.score) return now.score.value - then.score.value;
  const [before, after] = [sizeOf(then), sizeOf(now)];
  if (!before || !after || before.name !== after.name || before.unit !== after.unit) return undefined;
  return before.value > 0 ? after.value / before.value - 1 : undefined;
}

function sizeOf({
  volumeMl,
  measurements,
}: Finding): { name?: string; value: number; unit?: string } | undefined {
  if (volumeMl !== undefined) return { value: volumeMl };
  const first = measurements.find(({ value }) => typeof value === 'number');
  return first && { ...first, value: Number(first.value) };
}
