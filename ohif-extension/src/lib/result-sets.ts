import type { Assessment, Result } from './result.ts';

/** The results of one model on one series: the newest, those that it supersedes, and what people said of it. */
export interface ResultSet {
  /** The same for every re-run. */
  readonly key: string;
  readonly newest: Result;
  readonly superseded: readonly Result[];
  /** The newest first. */
  readonly assessments: readonly Assessment[];
  /** As it was before its newest came. */
  readonly before?: ResultSet;
}

/**
 * By who looked at what: a model, by its identifier whatever its version, and the series that it was given; where a report does not say so, by the tracking
 * UIDs of its findings. A document that assesses one of the reports is no result of its own, but stands with that report. Ours come first.
 */
export function resultSets(results: readonly Result[]): readonly ResultSet[] {
  const sorted = [...results].sort(newestFirst);
  const known = new Set(results.map(({ SOPInstanceUID }) => SOPInstanceUID));
  const isAbout = ({ assessment }: Result): boolean => assessment !== undefined && known.has(assessment.of);
  const sets = new Map<string, Result[]>();
  for (const result of sorted.filter((each) => !isAbout(each) && each.findings.length > 0)) {
    const key = keyOf(result);
    sets.set(key, [...(sets.get(key) ?? []), result]);
  }
  return [...sets].flatMap(([key, held]) => setOf(key, held, sorted) ?? []).sort((a, b) => rank(a) - rank(b));
}

function setOf(key: string, held: readonly Result[], sorted: readonly Result[]): ResultSet | undefined {
  const [newest, ...superseded] = held;
  if (!newest) return undefined;
  const before = setOf(key, superseded, sorted);
  return {
    key,
    newest,
    superseded,
    assessments: assessmentsOf(newest, sorted),
    ...(before ? { before } : {}),
  };
}

/** As it was when a reader began with what is not finished yet; undefined where that is none of its reports, or the newest. */
export function unfinishedIn(
  { before }: ResultSet,
  isUnfinished: (report: string) => boolean,
): ResultSet | undefined {
  if (!before) return undefined;
  return isUnfinished(before.newest.SOPInstanceUID) ? before : unfinishedIn(before, isUnfinished);
}

const rank = ({ newest }: ResultSet): number => (newest.origin === 'explained' ? 0 : 1);

/** Of the report itself and of what followed it. */
function assessmentsOf(report: Result, sorted: readonly Result[]): readonly Assessment[] {
  const chain = new Set([report.SOPInstanceUID]);
  for (const { SOPInstanceUID, assessment } of [...sorted].reverse())
    if (assessment && chain.has(assessment.of)) chain.add(SOPInstanceUID);
  return sorted.flatMap(({ assessment }) => (assessment && chain.has(assessment.of) ? [assessment] : []));
}

const newestFirst = (a: Result, b: Result): number =>
  b.createdAt.localeCompare(a.createdAt) || b.SOPInstanceUID.localeCompare(a.SOPInstanceUID);

function keyOf({ model, source, findings, SOPInstanceUID }: Result): string {
  if (model.id !== undefined && source !== undefined) return `${model.id} ${source}`;
  const tracked = findings.map((finding) => finding.trackingUID).filter(Boolean);
  return tracked.length > 0 ? tracked.sort().join() : SOPInstanceUID;
}
