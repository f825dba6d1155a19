import type { DisplaySet } from '../host.ts';
import type { Finding } from './result.ts';

/** What the host has of a segmentation that a report refers to: the very object, for it lists one of a series, and that may be another. */
export const maskSetOf = (sets: readonly DisplaySet[], segment: Finding['segment']): DisplaySet | undefined =>
  segment && sets.find((set) => set.SOPInstanceUID === segment.SOPInstanceUID);

/** Whether the host may draw these masks: not those of pictures, which lie in no plane of the patient. */
export function isDrawable(set: DisplaySet): boolean {
  const masks = set.instances?.[0];
  const groups = [masks?.SharedFunctionalGroupsSequence, masks?.PerFrameFunctionalGroupsSequence].map(first);
  const isKnown = groups.some((group) => group !== undefined);
  return !isKnown || groups.some((group) => first(Reflect.get(Object(group), 'PlaneOrientationSequence')));
}

/** The host may have one item for a list of one. */
const first = (sequence: unknown): unknown => (Array.isArray(sequence) ? sequence[0] : sequence);

/** Whether a segmentation has a segment of this number; one whose header the host keeps to itself may have. */
export function hasSegment(set: DisplaySet, number: number): boolean {
  const said = set.instances?.[0]?.SegmentSequence;
  const segments: readonly unknown[] = Array.isArray(said) ? said : [said];
  const numbers = segments.map((segment) => Reflect.get(Object(segment), 'SegmentNumber'));
  return numbers.every((each) => each === undefined) || numbers.some((each) => Number(each) === number);
}

/** ms */
const OFTEN = 250;
/** By then the host has begun to load what it was asked to draw, or never does, ms. */
const LONGEST = 60_000;

/** Calls back when the host fails to load masks that it was asked to draw, as those of shares instead of yes and no; answers how to stop waiting for that. */
export function onLoadFailure(set: DisplaySet, failed: () => void): () => void {
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearInterval(look);
    clearTimeout(late);
  };
  const look = setInterval(() => {
    // The host sets it when it begins.
    const { loadingPromise } = set;
    if (!loadingPromise) return;
    clearInterval(look);
    loadingPromise.catch(() => {
      if (!isOver) failed();
    });
  }, OFTEN);
  const late = setTimeout(() => clearInterval(look), LONGEST);
  return stop;
}
