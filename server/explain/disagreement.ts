import { type Augmentation, UNSEEN } from './augmentation.ts';
import type { Attribution } from './subject.ts';

export interface StructureRange {
  readonly label: number;
  /** Places on the input as it is. */
  readonly places: number;
  /** Fewest and most over the augmentations and the input itself. */
  readonly fewest: number;
  readonly most: number;
}

/** The map is the share of augmentations, of those that see the place, under which its label is another: 0..1. */
export interface Disagreement extends Attribution {
  /** Of the labels that occur anywhere, ascending. */
  readonly structures: readonly StructureRange[];
}

interface Options {
  /** [c, …space] of the input. */
  readonly dims: readonly number[];
  readonly augmentations: readonly Augmentation[];
  /** Told before each run. */
  readonly progress?: (done: number, of: number) => void;
}

/**
 * How far a segmentation changes under changes that should not matter, each undone before labels are compared (test-time
 * augmentation; Wang 2019). Places that an augmentation moved out of the image keep their own label in its counts.
 */
export async function disagreement(
  segment: (input: Float32Array) => Promise<ArrayLike<number>>,
  input: Float32Array,
  { dims, augmentations, progress }: Options,
): Promise<Disagreement> {
  const spaceDims = dims.slice(1);
  const own = Int32Array.from(await segment(input));
  const seen = new Uint16Array(own.length);
  const differs = new Uint16Array(own.length);
  const runs = [countsOf(own)];
  for (const [done, augmentation] of augmentations.entries()) {
    progress?.(done, augmentations.length);
    const found = Int32Array.from(await segment(augmentation.apply(input, dims)));
    const labels = augmentation.undo(found, spaceDims);
    for (let i = 0; i < own.length; i++) {
      if (labels[i] === UNSEEN) continue;
      seen[i] = (seen[i] as number) + 1;
      if (labels[i] !== own[i]) differs[i] = (differs[i] as number) + 1;
    }
    runs.push(countsOf(labels.map((label, i) => (label === UNSEEN ? (own[i] as number) : label))));
  }
  const labels = [...new Set(runs.flatMap((counts) => [...counts.keys()]))].sort((a, b) => a - b);
  return {
    method: 'disagreement',
    dims: spaceDims,
    data: Float32Array.from(differs, (n, i) => (n === 0 ? 0 : n / (seen[i] as number))),
    parameters: { augmentations: augmentations.map(({ name }) => name).join('; ') },
    structures: labels.map((label) => {
      const places = runs.map((counts) => counts.get(label) ?? 0);
      return {
        label,
        places: places[0] as number,
        fewest: Math.min(...places),
        most: Math.max(...places),
      };
    }),
  };
}

function countsOf(labels: Int32Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
