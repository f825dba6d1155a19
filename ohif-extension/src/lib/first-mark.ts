import type { OverlaySettings } from '../hooks/use-overlay-settings.ts';
import type { Finding, Region } from './result.ts';

/** What is outlined beside the map. */
export type Shapes = 'masks' | 'regions' | 'none';

/**
 * The one mark that a finding is shown with, the rest waits for its switch: masks, the boxes of a detection, or the strongest part of its map; its
 * outlines where it has no map; nothing where nothing was found. Masks are one picture of all structures: of a missing one they show the others.
 */
export function firstMark(
  finding: Finding | undefined,
  findings: readonly Finding[],
): Pick<OverlaySettings, 'map' | 'regions'> {
  const isFound = finding?.segment
    ? findings.some(({ segment, present }) => segment && present !== false)
    : finding?.present !== false;
  const isOutlined = finding?.segment !== undefined || hasBoxes(finding);
  const map = isFound && !isOutlined && finding !== undefined && finding.explanations.length > 0;
  return { map, regions: isFound && !map };
}

/** What the switch beside that of the map shows with a finding: its own outlines, else the masks of the result. */
export function shapesOf(finding: Finding, findings: readonly Finding[]): Shapes {
  // A segment's region is the box of its key slice: where to look, and no outline of anything.
  if (!finding.segment && finding.regions.length > 0) return 'regions';
  return masksOf(finding, findings) ? 'masks' : 'none';
}

/** The finding's own, which may be in another object than the rest; without, those of the result. */
export const masksOf = (finding: Finding | undefined, findings: readonly Finding[]): Finding['segment'] =>
  finding?.segment ?? findings.find(({ segment }) => segment)?.segment;

/** A detection says the score of each of its boxes (docs/result-format.md). */
const hasBoxes = (finding: Finding | undefined): boolean =>
  finding?.measures.some(({ name }) => name.startsWith('Score of box ')) === true;

/** The name of the region that the sentences speak of, beside the map whose strongest part it is. */
export const nameOfStrongest = (regions: readonly Region[]): readonly Region[] =>
  regions.slice(0, 1).map((region) => ({ ...region, isNameOnly: true }));
