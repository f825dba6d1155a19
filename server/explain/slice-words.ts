import type { Volume } from '../contracts.ts';

export interface SliceWords {
  /** Of one frame, by its index: `image 45`. */
  readonly one: (frame: number) => string;
  /** From one frame to another: `images 40 to 52`. */
  readonly several: (first: number, last: number) => string;
}

/**
 * By which words a reader finds a frame in any viewer: by the number that the image itself bears (Instance Number; the frame of a multi-frame
 * object), for viewers count slices from either end. Where the numbers are missing or follow no order, slices are counted from an end that is named.
 */
export function sliceWords({
  frames,
  geometry,
}: {
  readonly frames: readonly Pick<Volume['frames'][number], 'frameNumber' | 'InstanceNumber'>[];
  readonly geometry: Pick<NonNullable<Volume['geometry']>, 'affine'> | null;
}): SliceWords {
  const numbers = frames.map(
    ({ frameNumber, InstanceNumber }) => frameNumber ?? InstanceNumber ?? Number.NaN,
  );
  const steps = numbers.slice(1).map((n, i) => n - (numbers[i] as number));
  const isOrdered =
    numbers.every(Number.isInteger) && (steps.every((step) => step > 0) || steps.every((step) => step < 0));
  if (!isOrdered) {
    const end = endOf(geometry);
    return {
      one: (frame) => `slice ${frame + 1} from ${end}`,
      several: (first, last) => `slices ${first + 1} to ${last + 1} from ${end}`,
    };
  }
  const at = (frame: number): number => numbers[frame] as number;
  return {
    one: (frame) => `image ${at(frame)}`,
    several: (first, last) => {
      const [from, to] = [at(first), at(last)].sort((a, b) => a - b);
      return `images ${from} to ${to}`;
    },
  };
}

/** Where the first frame lies, in LPS: x grows to the left, y to the back, z to the head. */
const ENDS = [
  ['the right', 'the left'],
  ['the front', 'the back'],
  ['the feet', 'the head'],
] as const;

function endOf(geometry: Pick<NonNullable<Volume['geometry']>, 'affine'> | null): string {
  if (!geometry) return 'the first image';
  const along = [2, 6, 10].map((i) => geometry.affine[i] as number);
  const axis = along.reduce((best, step, i) => (Math.abs(step) > Math.abs(along[best] ?? 0) ? i : best), 0);
  return ENDS[axis]?.[(along[axis] as number) < 0 ? 1 : 0] ?? 'the first image';
}
