import type { Finding } from '../contracts.ts';
import type { ExplanationMap } from '../explanation.ts';
import { evidenceScale, weightOf } from '../shared/colour-map.ts';

/**
 * How strongly a value of the map is coloured, 0..1: 1 where the map is greatest, 0 at its floor, below it and in padding. Of a finding
 * that is not there as in the panel: on one scale with what speaks against, and where nothing does dimmed by how far the score is from
 * its threshold.
 */
export function colouring(map: ExplanationMap, findings: readonly Finding[]): (value: number) => number {
  const floor = Math.max(0, map.range[0]);
  const limit = map.range[1] - floor;
  const span = isBelowThreshold(map, findings) ? spanBelow(map, limit, findings) : limit;
  return (value) =>
    span > 0 && value !== map.padding ? Math.min(1, Math.max(0, (value - floor) / span)) : 0;
}

/** Is every finding that the map is of scored below its threshold? */
export function isBelowThreshold(map: ExplanationMap, findings: readonly Finding[]): boolean {
  const its = explained(map, findings);
  return its.length > 0 && its.every((finding) => finding.kind === 'classification' && !finding.positive);
}

function spanBelow(map: ExplanationMap, limit: number, findings: readonly Finding[]): number {
  let least = 0;
  for (const value of map.data) if (value < least && value !== map.padding) least = value;
  const scale = evidenceScale(map.range, least);
  if (scale.hasAgainst) return scale.limit;
  const weights = explained(map, findings).map((finding) =>
    finding.kind === 'classification' ? weightOf(finding.score, finding.threshold) : 1,
  );
  return limit / Math.max(...weights);
}

/** A map of no finding in particular is of all. */
const explained = ({ finding }: ExplanationMap, findings: readonly Finding[]): readonly Finding[] =>
  findings.filter((_, i) => finding === undefined || i === finding);
