import type { SegmentFinding } from '../../contracts.ts';
import type { StudyCheck } from '../../explanation.ts';
import type { Summary } from '../segment-summary.ts';
import { judged, notMade } from './judged.ts';

interface Structure {
  readonly segment: SegmentFinding;
  readonly summary: Pick<Summary, 'mean'>;
}

/**
 * Are the structures as bright, one after the other, as the package says (`order`, the brightest first)? Where they are not, the images have
 * another contrast than the model is for: weighted otherwise, or inverted. What was not found is told by `complete`. Nothing when the package
 * names no order.
 */
export function checkBrightness(
  structures: readonly Structure[],
  order: readonly string[] = [],
): readonly StudyCheck[] {
  if (order.length === 0) return [];
  const found = order.flatMap(
    (name) => structures.find(({ segment: { label, voxels } }) => label.label === name && voxels > 0) ?? [],
  );
  if (found.length < 2)
    return [notMade('brightness', 'Fewer than two of the structures whose brightness is known were found.')];
  const pairs = found.slice(1).map((darker, i) => [found[i] as Structure, darker] as const);
  const wrong = pairs.filter(([brighter, darker]) => brighter.summary.mean <= darker.summary.mean);
  const said = (of: readonly Structure[], than: string): string =>
    of.map(({ segment }) => segment.label.label.toLowerCase()).join(than);
  return [
    judged(
      'brightness',
      wrong.length === 0,
      wrong.length === 0
        ? `The contrast is one that the model is for: ${said(found, ' is brighter than ')}.`
        : `Not brighter, as it must be: ${wrong.map((pair) => said(pair, ' than ')).join(', ')}. The images are weighted otherwise than those that the model is for, or inverted.`,
    ),
  ];
}
