import type { Result } from './result.ts';

/** The results of one model on one series: the newest, and those that it supersedes. */
export interface ResultSet {
  readonly newest: Result;
  readonly superseded: readonly Result[];
}

/** By what was looked for in what: the findings' tracking UIDs stay the same on every re-run of a model on a series. */
export function resultSets(results: readonly Result[]): readonly ResultSet[] {
  const sets = new Map<string, Result[]>();
  for (const result of [...results].sort(newestFirst)) {
    const key = keyOf(result);
    sets.set(key, [...(sets.get(key) ?? []), result]);
  }
  return [...sets.values()].flatMap(([newest, ...superseded]) => (newest ? [{ newest, superseded }] : []));
}

const newestFirst = (a: Result, b: Result): number =>
  b.createdAt.localeCompare(a.createdAt) || b.SOPInstanceUID.localeCompare(a.SOPInstanceUID);

const keyOf = ({ findings, model }: Result): string =>
  findings
    .map((finding) => finding.trackingUID)
    .sort()
    .join() || `${model.name} ${model.manufacturer ?? ''}`;
