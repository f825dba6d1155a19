import type { SegmentFinding } from '../../contracts.ts';
import type { StudyCheck } from '../../explanation.ts';
import type { SegmentationSpec } from '../../models/schema.ts';
import { judged } from './judged.ts';

type Labels = SegmentationSpec['output']['labels'];
type Bounds = NonNullable<Labels[number]['plausible']>;

/**
 * Has each structure a volume that it may have? One that no patient has tells of images unlike those that the model knows, cut or wrongly
 * scaled. What was not found is told by `complete`. Nothing when the package names no such volumes.
 */
export function checkVolumes(
  segments: readonly SegmentFinding[],
  labels: readonly Pick<Labels[number], 'plausible'>[],
): readonly StudyCheck[] {
  const bounded = segments.flatMap((segment, i) => {
    const bounds = labels[i]?.plausible;
    return bounds && segment.voxels > 0 ? [{ segment, bounds }] : [];
  });
  const [first] = bounded;
  if (!first) return [];
  const whose = [...new Set(bounded.map(({ bounds }) => `${bounds.of}; ${bounds.source}`))].join('; ');
  const beyond = bounded.filter(({ segment, bounds }) => !isWithin(segment, bounds));
  return [
    judged(
      'plausible',
      beyond.length === 0,
      beyond.length === 0
        ? `Each of ${bounded.length} volumes is one that its structure may have (${whose}).`
        : `Not a volume that it may have: ${beyond.map(words).join(', ')} (${whose}). The series may be cut or wrongly scaled, or unlike those that the model knows.`,
    ),
  ];
}

const isWithin = ({ volumeMm3 }: SegmentFinding, { low, high }: Bounds): boolean =>
  volumeMm3 / 1000 >= low && volumeMm3 / 1000 <= high;

const words = ({ segment, bounds }: { readonly segment: SegmentFinding; readonly bounds: Bounds }): string =>
  `${segment.label.label.toLowerCase()} ${(segment.volumeMm3 / 1000).toFixed(1)} ml, not ${bounds.low} to ${bounds.high}`;
