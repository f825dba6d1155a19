import type { OverlaySettings } from '../hooks/use-overlay-settings.ts';
import type { Finding, Region } from './result.ts';

/**
 * The one mark that a result is shown with, the rest waits for its switch: masks, the boxes of a detection, or the strongest part of a map; the
 * outlines of a report that has no map; nothing where nothing was found.
 */
export function firstMark(findings: readonly Finding[]): Pick<OverlaySettings, 'map' | 'regions'> {
  const isFound = findings.some(({ present }) => present !== false);
  const isOutlined = findings.some((finding) => finding.segment || hasBoxes(finding));
  const hasMap = findings.some(({ explanations }) => explanations.length > 0);
  const map = isFound && !isOutlined && hasMap;
  return { map, regions: isFound && !map };
}

/** A detection says the score of each of its boxes (docs/result-format.md). */
const hasBoxes = ({ measures }: Finding): boolean =>
  measures.some(({ name }) => name.startsWith('Score of box '));

/** The name of the region that the sentences speak of, beside the map whose strongest part it is. */
export const nameOfStrongest = (regions: readonly Region[]): readonly Region[] =>
  regions.slice(0, 1).map((region) => ({ ...region, isNameOnly: true }));
