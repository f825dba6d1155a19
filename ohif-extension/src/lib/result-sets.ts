import type { Assessment, Result } from './result.ts';

/** The results of one model on one series: the newest, those that it supersedes, and what people said of it. */
export interface ResultSet {
  readonly newest: Result;
  readonly superseded: readonly Result[];
  /** The newest first. */
  readonly assessments: readonly Assessment[];
}

/**
 * By what was looked for in what: the findings' tracking UIDs stay the same on every re-run of a model on a series. A document that assesses
 * one of the reports is no result of its own, but stands with that report. Ours come first.
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
  return [...sets.values()]
    .flatMap(([newest, ...superseded]) =>
      newest ? [{ newest, superseded, assessments: assessmentsOf(newest, sorted) }] : [],
    )
    .sort((a, b) => rank(a) - rank(b));
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

const keyOf = ({ findings, SOPInstanceUID }: Result): string =>
  findings
    .map((finding) => finding.trackingUID)
    .filter(Boolean)
    .sort()
    .join() || SOPInstanceUID;
