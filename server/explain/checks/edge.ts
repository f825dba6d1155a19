import type { SegmentFinding, Volume } from '../../contracts.ts';
import type { StudyCheck } from '../../explanation.ts';
import type { Summary } from '../segment-summary.ts';
import { judged } from './judged.ts';

interface Structure {
  readonly segment: SegmentFinding;
  readonly summary: Pick<Summary, 'boxes'>;
  /** The package says that everyone has it. */
  readonly expected: boolean;
}

/** mm from the edge of the images; how it was chosen: docs/elements.md. */
const NEAR = 3;

/**
 * Do structures that everyone has end where the images end? Then a part of them lies beyond, and their volumes are short. One alone may
 * go on, as the brain stem does. Nothing when the package expects fewer than two.
 */
export function checkEdge(structures: readonly Structure[], volume: Volume): readonly StudyCheck[] {
  const expected = structures.filter((it) => it.expected && it.segment.voxels > 0);
  if (expected.length < 2) return [];
  const atEdge = expected.filter(({ summary }) => toEdge(summary, volume) < NEAR);
  const isWhole = atEdge.length < 2;
  const names = atEdge.map(({ segment }) => segment.label.label.toLowerCase()).join(', ');
  return [
    judged(
      'edge',
      isWhole,
      isWhole
        ? `The images reach beyond the ${expected.length} structures that everyone has.`
        : `Within ${NEAR} mm of where the images end: ${names}. The series may be cut, and their volumes short.`,
    ),
  ];
}

/** mm from a structure to the nearest slice, row or column that is an outermost one. */
function toEdge(
  { boxes }: Structure['summary'],
  { shape: [frames, rows, columns], geometry }: Volume,
): number {
  const affine = geometry?.affine ?? [];
  const [perColumn = 0, perRow = 0, perFrame = 0] = [0, 1, 2].map((axis) =>
    Math.hypot(affine[axis] ?? 0, affine[4 + axis] ?? 0, affine[8 + axis] ?? 0),
  );
  const place = (frame: number): number => geometry?.frameAt?.[frame] ?? frame;
  return Math.min(
    ...[...boxes].flatMap(([frame, [left, top, right, bottom]]) => [
      (place(frame) - place(0)) * perFrame,
      (place(frames - 1) - place(frame)) * perFrame,
      Math.min(left, columns - 1 - right) * perColumn,
      Math.min(top, rows - 1 - bottom) * perRow,
    ]),
  );
}
