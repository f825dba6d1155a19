import type { DisplaySet } from '../host.ts';
import type { Finding } from './result.ts';

/** What the host has of a segmentation that a report refers to: the very object, for it lists one of a series, and that may be another. */
export const maskSetOf = (sets: readonly DisplaySet[], segment: Finding['segment']): DisplaySet | undefined =>
  segment && sets.find((set) => set.SOPInstanceUID === segment.SOPInstanceUID);

/** Whether the host draws these masks: it refuses those of shares instead of yes and no. */
export const isDrawable = (set: DisplaySet): boolean => set.instances?.[0]?.SegmentationType !== 'FRACTIONAL';

/** Whether a segmentation has a segment of this number; one whose header the host keeps to itself may have. */
export function hasSegment(set: DisplaySet, number: number): boolean {
  const said = set.instances?.[0]?.SegmentSequence;
  const segments: readonly unknown[] = Array.isArray(said) ? said : [said];
  const numbers = segments.map((segment) => Reflect.get(Object(segment), 'SegmentNumber'));
  return numbers.every((each) => each === undefined) || numbers.some((each) => Number(each) === number);
}
