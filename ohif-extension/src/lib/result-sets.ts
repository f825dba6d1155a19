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
 * UIDs of its findings, and in a report of another program by its maker too. A document that assesses one of the reports is no result of its own, but stands with that report. Ours come first.
 */
export function resultSets(results: readonly Result[]): readonly ResultSet[] {
  const sorted = [...results].sort(newestFirst);
  const known = new Map(results.map((result) => [result.SOPInstanceUID, result]));
  /** Documents that are about each other are about no report: each stands by itself. */
  const isAbout = (result: Result): boolean => {
    const seen = new Set<Result>();
    let at: Result | undefined = result;
    while (at && !seen.has(at)) {
      seen.add(at);
      const before: Result | undefined = at.assessment && known.get(at.assessment.of);
      if (!before) return at !== result;
      at = before;
    }
    return false;
  };
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
  // By what they refer to, for clocks differ.
  for (let before = 0; before < chain.size; ) {
    before = chain.size;
    for (const { SOPInstanceUID, assessment } of sorted)
      if (assessment && chain.has(assessment.of)) chain.add(SOPInstanceUID);
  }
  return sorted.flatMap(({ assessment }) => (assessment && chain.has(assessment.of) ? [assessment] : []));
}

const newestFirst = (a: Result, b: Result): number =>
  b.createdAt.localeCompare(a.createdAt) || b.SOPInstanceUID.localeCompare(a.SOPInstanceUID);

function keyOf({ model, source, findings, origin, SOPInstanceUID }: Result): string {
  if (model.id !== undefined && source !== undefined) return `${model.id} ${source}`;
  const tracked = findings.map((finding) => finding.trackingUID).filter(Boolean);
  if (tracked.length === 0) return SOPInstanceUID;
  // Two readers follow one lesion under one UID, and neither supersedes the other.
  const maker = origin === 'other' ? `${model.name} ${model.manufacturer ?? ''} ${source ?? ''} ` : '';
  return maker + tracked.sort().join();
}
