import type { Accepts } from '../models/accepts.ts';
import { Fault } from '../shared/fault.ts';
import { minus, times, type Vector } from '../shared/vector.ts';
import { type Frame, otherDimension } from './frame.ts';

/** Direction cosines that differ by less belong to one orientation. */
export const COSINE_TOLERANCE = 1e-4;
/** A slice may lie this share of the spacing away from its place in a regular stack. */
const POSITION_TOLERANCE = 0.01;
/** An irregular stack is read at its smallest distance, but not finer than this share of its usual one; */
const MAX_REFINEMENT = 4;
/** a gap of more than this many usual ones is not bridged. */
const MAX_GAP = 3;
/** Beyond 60 degrees it is no tilt of a gantry. */
const MIN_TILT_COSINE = 0.5;

/** What a package takes that is no regular stack: refused when it does not say. */
export type StackPolicy = Pick<Accepts, 'tilted' | 'irregular'>;

export interface Placed {
  readonly frame: Frame;
  readonly position: Vector;
  /** Along the normal, mm. */
  readonly depth: number;
}

/** How the frames follow each other. */
export interface Course {
  /** From one frame to the next; of an irregular stack from one to the next place along its axis. */
  readonly step: Vector;
  readonly frameAt?: readonly number[];
  readonly note?: string;
}

/** The steps from frame to frame, along the normal unless `policy` takes a tilt. Two or more, in order of their depth. */
export function courseOf(placed: readonly Placed[], { tilted, irregular }: StackPolicy): Course {
  const gaps = placed.slice(1).map((p, i) => p.depth - (placed[i] as Placed).depth);
  for (const [i, gap] of gaps.entries()) if (gap < 1e-3) ambiguous(sharedPlace(placed, i));
  const first = placed[0] as Placed;
  const last = placed[placed.length - 1] as Placed;
  const depth = last.depth - first.depth;
  const line = minus(last.position, first.position).map((v) => v / depth) as unknown as Vector;
  const tilt = tiltOf(line);
  const even = placed.map((_, i) => (i * depth) / (placed.length - 1));
  const isEven = placed.every(
    (p, i) => beside(p, first, times(line, even[i] as number)) <= slack(depth, placed),
  );
  if (!isEven && irregular !== 'resample') explainUneven(placed, gaps, line);
  if (tilt > 0 && tilted !== 'resample') ambiguous('the slices are sheared: the gantry was tilted');
  const sheared = tilt > 0 ? `gantry tilt of ${tilt.toFixed(1)} degrees` : undefined;
  if (isEven)
    return { step: times(line, depth / (placed.length - 1)), ...(sheared ? { note: sheared } : {}) };
  const [smallest, usual, widest] = [Math.min(...gaps), median(gaps), Math.max(...gaps)];
  if (widest > MAX_GAP * usual) explainUneven(placed, gaps, line);
  const unit = Math.max(smallest, usual / MAX_REFINEMENT);
  for (const [i, p] of placed.entries()) {
    const off = beside(p, first, times(line, p.depth - first.depth));
    if (off > slack(unit * (placed.length - 1), placed)) offPlace(i, placed, off);
  }
  const uneven = `slices ${smallest.toFixed(2)} to ${widest.toFixed(2)} mm apart, interpolated at ${unit.toFixed(2)} mm`;
  return {
    step: times(line, unit),
    frameAt: placed.map((p) => (p.depth - first.depth) / unit),
    note: sheared ? `${sheared}; ${uneven}` : uneven,
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** Millimetres between a frame and its place, `along` from the first. */
const beside = (p: Placed, first: Placed, along: Vector): number =>
  Math.hypot(...minus(minus(p.position, first.position), along));

/** How far a frame may lie beside its place in a stack of this depth. */
const slack = (depth: number, placed: readonly Placed[]): number =>
  Math.max((POSITION_TOLERANCE * depth) / (placed.length - 1), 1e-3);

/** Degrees between the line of the positions, per mm of depth, and the normal; 0 within tolerance. */
function tiltOf(line: Vector): number {
  const cosine = 1 / Math.hypot(...line);
  if (cosine >= 1 - COSINE_TOLERANCE) return 0;
  if (cosine < MIN_TILT_COSINE) ambiguous('its slices lie beside each other, not behind each other');
  return (Math.acos(cosine) * 180) / Math.PI;
}

/** Says plainly what is most often wrong: a missing slice, two spacings in one series. */
function explainUneven(placed: readonly Placed[], gaps: readonly number[], line: Vector): never {
  const usual = median(gaps);
  const wide = gaps.findIndex((gap) => gap > 1.5 * usual);
  if (wide >= 0) {
    ambiguous(
      `after slice ${wide + 1} of ${placed.length} the gap is ${(gaps[wide] as number).toFixed(2)} mm, elsewhere ${usual.toFixed(2)} mm; a slice may be missing`,
    );
  }
  const first = placed[0] as Placed;
  const depth = (placed[placed.length - 1] as Placed).depth - first.depth;
  const offs = placed.map((p, i) => beside(p, first, times(line, (i * depth) / (placed.length - 1))));
  const worst = offs.findIndex((off) => off > slack(depth, placed));
  return offPlace(worst, placed, offs[worst] as number);
}

function offPlace(at: number, placed: readonly Placed[], off: number): never {
  return ambiguous(`slice ${at + 1} of ${placed.length} lies ${off.toFixed(2)} mm beside its place`);
}

/** Two frames at one place: names the dimension that the series has besides space, when the images name it. */
function sharedPlace(placed: readonly Placed[], at: number): string {
  const other = otherDimension([placed[at] as Placed, placed[at + 1] as Placed].map((p) => p.frame));
  const all = otherDimension(placed.map((p) => p.frame));
  if (other && all) return `its slices are there ${all.values} times, with other values of ${other.name}`;
  return `two slices lie at the same position (slice ${at + 1} of ${placed.length})`;
}

export function ambiguous(what: string): never {
  throw new Fault('GEOMETRY_AMBIGUOUS', `the series is not one regular stack of slices: ${what}`);
}
