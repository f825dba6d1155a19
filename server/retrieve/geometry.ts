import type { Geometry } from '../contracts.ts';
import { type PlaneKeyword, text } from '../dicom/read.ts';
import { Fault } from '../shared/fault.ts';
import { type Frame, otherDimension } from './frame.ts';

type Vector = readonly [number, number, number];

/** Direction cosines that differ by less belong to one orientation. */
const COSINE_TOLERANCE = 1e-4;
/** A slice may lie this share of the spacing away from its place in a regular stack. */
const POSITION_TOLERANCE = 0.01;

export interface Stack {
  /** In increasing position along row × column: indexes into the frames as they were given. */
  readonly order: readonly number[];
  readonly geometry: Geometry;
  readonly PixelSpacing: readonly [string, string];
}

/**
 * Orders frames by position and gives the patient geometry of the stack (PS3.3 C.7.6.2.1.1), in LPS.
 * Throws GEOMETRY_AMBIGUOUS when they are not one regular stack: it says in plain words what does not fit.
 */
export function orderStack(frames: readonly Frame[]): Stack {
  const first = frames[0] as Frame;
  const row = cosines(first, 0);
  const column = cosines(first, 3);
  const normal = cross(row, column);
  checkUnit(row, column);
  for (const frame of frames) checkSamePlane(first, frame);

  const placed = frames
    .map((frame, given) => ({ frame, given, position: position(frame) }))
    .map((p) => ({ ...p, depth: dot(p.position, normal) }))
    .sort((a, b) => a.depth - b.depth);
  const origin = (placed[0] as (typeof placed)[0]).position;
  const step = placed.length > 1 ? stepOf(placed, normal) : null;
  const [rowSpacing, columnSpacing] = spacing(first);
  const along = step ?? normal;
  return {
    order: placed.map((p) => p.given),
    PixelSpacing: decimals(first, 'PixelSpacing') as unknown as [string, string],
    geometry: {
      // biome-ignore format: a matrix
      affine: [
        row[0] * columnSpacing, column[0] * rowSpacing, along[0], origin[0],
        row[1] * columnSpacing, column[1] * rowSpacing, along[1], origin[1],
        row[2] * columnSpacing, column[2] * rowSpacing, along[2], origin[2],
        0, 0, 0, 1,
      ],
      ImageOrientationPatient: decimals(first, 'ImageOrientationPatient'),
      spacingBetweenFrames: step && Math.hypot(...step),
      FrameOfReferenceUID: text(first.instance.dataset, 'FrameOfReferenceUID') ?? null,
    },
  };
}

interface Placed {
  readonly frame: Frame;
  readonly position: Vector;
  /** Along the normal, mm. */
  readonly depth: number;
}

/** The vector from one frame to the next, the same for all within tolerance and along the normal. */
function stepOf(placed: readonly Placed[], normal: Vector): Vector {
  checkGaps(placed);
  const first = placed[0] as Placed;
  const last = placed[placed.length - 1] as Placed;
  const step = last.position.map(
    (v, i) => (v - (first.position[i] as number)) / (placed.length - 1),
  ) as unknown as Vector;
  const length = Math.hypot(...step);
  for (const [i, p] of placed.entries()) {
    const off = Math.hypot(
      ...p.position.map((v, k) => v - ((first.position[k] as number) + i * (step[k] as number))),
    );
    if (off > Math.max(POSITION_TOLERANCE * length, 1e-3)) {
      ambiguous(`slice ${i + 1} of ${placed.length} lies ${off.toFixed(2)} mm beside its place`);
    }
  }
  if (Math.abs(dot(step, normal)) < length * (1 - COSINE_TOLERANCE)) {
    ambiguous('the slices are sheared: the gantry was tilted');
  }
  return step;
}

/** Says plainly what is most often wrong: a doubled position, a missing slice, two spacings in one series. */
function checkGaps(placed: readonly Placed[]): void {
  const gaps = placed.slice(1).map((p, i) => p.depth - (placed[i] as Placed).depth);
  const usual = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] as number;
  for (const [i, gap] of gaps.entries()) {
    if (gap < 1e-3) ambiguous(sharedPlace(placed, i));
    if (gap > 1.5 * usual) {
      ambiguous(
        `after slice ${i + 1} of ${placed.length} the gap is ${gap.toFixed(2)} mm, elsewhere ${usual.toFixed(2)} mm; a slice may be missing`,
      );
    }
  }
}

/** Two frames at one place: names the dimension that the series has besides space, when the images name it. */
function sharedPlace(placed: readonly Placed[], at: number): string {
  const other = otherDimension([placed[at] as Placed, placed[at + 1] as Placed].map((p) => p.frame));
  const all = otherDimension(placed.map((p) => p.frame));
  if (other && all) return `its slices are there ${all.values} times, with other values of ${other.name}`;
  return `two slices lie at the same position (slice ${at + 1} of ${placed.length})`;
}

function checkSamePlane(a: Frame, b: Frame): void {
  const [forA, forB] = [a, b].map((f) => text(f.instance.dataset, 'FrameOfReferenceUID'));
  if (forA !== forB) ambiguous('its images differ in FrameOfReferenceUID');
  if (spacing(a).some((v, i) => Math.abs(v - (spacing(b)[i] as number)) > 1e-4 * v))
    ambiguous('its images differ in PixelSpacing');
  const [ca, cb] = [a, b].map((f) => [...cosines(f, 0), ...cosines(f, 3)]) as [number[], number[]];
  if (ca.some((v, i) => Math.abs(v - (cb[i] as number)) > COSINE_TOLERANCE))
    ambiguous('its images lie in different planes');
}

function checkUnit(row: Vector, column: Vector): void {
  const skew = Math.max(
    Math.abs(Math.hypot(...row) - 1),
    Math.abs(Math.hypot(...column) - 1),
    Math.abs(dot(row, column)),
  );
  if (skew > 1e-3) ambiguous('ImageOrientationPatient does not hold two perpendicular directions');
}

const decimals = ({ instance, index }: Frame, keyword: PlaneKeyword): readonly string[] =>
  instance.decimals(keyword, index);

const position = (frame: Frame): Vector =>
  vector(decimals(frame, 'ImagePositionPatient'), 'ImagePositionPatient');

const cosines = (frame: Frame, at: 0 | 3): Vector =>
  vector(decimals(frame, 'ImageOrientationPatient').slice(at, at + 3), 'ImageOrientationPatient');

function spacing(frame: Frame): [number, number] {
  const values = decimals(frame, 'PixelSpacing').map(Number);
  const [row, column] = values;
  if (values.length !== 2 || !row || !column || !(row > 0) || !(column > 0))
    ambiguous('PixelSpacing is missing or not positive');
  return [row as number, column as number];
}

function vector(decimals: readonly string[], keyword: string): Vector {
  const values = decimals.map(Number);
  if (values.length !== 3 || values.some((v) => !Number.isFinite(v)))
    ambiguous(`${keyword} is missing or not numeric`);
  return values as unknown as Vector;
}

function ambiguous(what: string): never {
  throw new Fault('GEOMETRY_AMBIGUOUS', `the series is not one regular stack of slices: ${what}`);
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
