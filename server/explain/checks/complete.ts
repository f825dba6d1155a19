import type { SegmentFinding } from '../../contracts.ts';
import type { StudyCheck } from '../../explanation.ts';
import { judged } from './judged.ts';

/**
 * Was everything found that the package says every patient has? What is missing tells of another part of the body, a part of it, or
 * images that the model cannot read. Nothing when the package expects nothing.
 */
export function checkComplete(
  segments: readonly SegmentFinding[],
  labels: readonly { readonly expected?: boolean }[],
): readonly StudyCheck[] {
  const expected = segments.filter((_, i) => labels[i]?.expected);
  if (expected.length === 0) return [];
  const missing = expected.filter(({ voxels }) => voxels === 0).map(({ label }) => label.label.toLowerCase());
  return [
    judged(
      'complete',
      missing.length === 0,
      missing.length === 0
        ? `All ${expected.length} structures that everyone has were found.`
        : `Not found, though everyone has it: ${missing.join(', ')}. The series may show a part of the body only, or be unlike those that the model knows.`,
    ),
  ];
}
