import type { Finding, Result } from './result.ts';

/** The finding that a reader chose, and in which report. */
export interface Chosen {
  readonly report: string;
  readonly index: number;
  readonly trackingUID: string;
}

export const choice = ({ SOPInstanceUID: report, findings }: Result, index: number): Chosen => ({
  report,
  index,
  trackingUID: findings[index]?.trackingUID ?? '',
});

/** Index of what was chosen: in another report the same finding, whatever its place; else the first that is listed. */
export function indexOf(chosen: Chosen | undefined, result: Result, order: readonly number[]): number {
  const isIt = ({ trackingUID }: Finding) => trackingUID !== '' && trackingUID === chosen?.trackingUID;
  const index = chosen?.report === result.SOPInstanceUID ? chosen.index : result.findings.findIndex(isIt);
  return index < 0 ? (order[0] ?? 0) : index;
}
