import { CLOSE_CALL, type LabelMap, type Tap, type Volume } from '../contracts.ts';

/** What is counted over the voxels of one segment. */
export interface Summary {
  readonly marginSum: number;
  readonly close: number;
  /** Voxels, and close calls among them, on each frame. */
  readonly perFrame: Uint32Array;
  readonly closePerFrame: Uint32Array;
  /** Box on each frame: left, top, right, bottom in pixels, inclusive. */
  readonly boxes: ReadonlyMap<number, readonly [number, number, number, number]>;
  /** Of the values that the source has there. */
  readonly mean: number;
  readonly deviation: number;
  /** How much neighbouring pixels differ in the plane, in the mean: over its border, and inside. */
  readonly acrossBorder: Step;
  readonly inside: Step;
}

/** A mean absolute difference. */
export interface Step {
  readonly count: number;
  readonly mean: number;
}

interface Counting {
  marginSum: number;
  close: number;
  readonly perFrame: Uint32Array;
  readonly closePerFrame: Uint32Array;
  readonly boxes: Map<number, [number, number, number, number]>;
  voxels: number;
  sum: number;
  squares: number;
  borders: number;
  borderSum: number;
  insides: number;
  insideSum: number;
}

/** One pass over the label map, for the segments 1 to `count`. */
export function summarise(
  { shape: [frames, rows, columns], data }: LabelMap,
  { volume, margin, count }: { readonly volume: Volume; readonly margin: Tap; readonly count: number },
): readonly Summary[] {
  const counting = Array.from({ length: count + 1 }, () => counterOf(frames));
  const values = volume.data;
  for (let frame = 0, at = 0; frame < frames; frame++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at++) {
        const label = data[at] as number;
        const right = column + 1 < columns ? (data[at + 1] as number) : label;
        const below = row + 1 < rows ? (data[at + columns] as number) : label;
        // Most of a volume is in no segment.
        if (label === 0 && right === 0 && below === 0) continue;
        if (column + 1 < columns) step(counting, label, right, difference(values, at, at + 1));
        if (row + 1 < rows) step(counting, label, below, difference(values, at, at + columns));
        const own = label === 0 ? undefined : counting[label];
        if (!own) continue;
        const value = values[at] as number;
        own.voxels++;
        own.sum += value;
        own.squares += value * value;
        const sure = margin.data[at] as number;
        own.marginSum += sure;
        own.perFrame[frame] = (own.perFrame[frame] as number) + 1;
        if (sure < CLOSE_CALL) {
          own.close++;
          own.closePerFrame[frame] = (own.closePerFrame[frame] as number) + 1;
        }
        widen(own.boxes, frame, row, column);
      }
    }
  }
  return counting.slice(1).map(summaryOf);
}

const counterOf = (frames: number): Counting => ({
  marginSum: 0,
  close: 0,
  perFrame: new Uint32Array(frames),
  closePerFrame: new Uint32Array(frames),
  boxes: new Map(),
  voxels: 0,
  sum: 0,
  squares: 0,
  borders: 0,
  borderSum: 0,
  insides: 0,
  insideSum: 0,
});

const difference = (values: Float32Array, a: number, b: number): number =>
  Math.abs((values[a] as number) - (values[b] as number));

/** Two neighbours in the plane: both in one segment, or on the border of each that one of them is in. */
function step(counting: readonly Counting[], a: number, b: number, by: number): void {
  if (a === 0 && b === 0) return;
  if (a === b) {
    const own = counting[a];
    if (!own) return;
    own.insides++;
    own.insideSum += by;
    return;
  }
  for (const label of [a, b]) {
    const own = label === 0 ? undefined : counting[label];
    if (!own) continue;
    own.borders++;
    own.borderSum += by;
  }
}

function widen(boxes: Counting['boxes'], frame: number, row: number, column: number): void {
  const box = boxes.get(frame);
  if (!box) {
    boxes.set(frame, [column, row, column, row]);
    return;
  }
  if (column < box[0]) box[0] = column;
  if (column > box[2]) box[2] = column;
  box[3] = row;
}

function summaryOf(of: Counting): Summary {
  const mean = of.voxels > 0 ? of.sum / of.voxels : 0;
  const { marginSum, close, perFrame, closePerFrame, boxes } = of;
  return {
    marginSum,
    close,
    perFrame,
    closePerFrame,
    boxes,
    mean,
    deviation: of.voxels > 0 ? Math.sqrt(Math.max(0, of.squares / of.voxels - mean * mean)) : 0,
    acrossBorder: { count: of.borders, mean: of.borders > 0 ? of.borderSum / of.borders : 0 },
    inside: { count: of.insides, mean: of.insides > 0 ? of.insideSum / of.insides : 0 },
  };
}
