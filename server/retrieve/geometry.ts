import type { Geometry } from '../contracts.ts';
import { type PlaneKeyword, text } from '../dicom/read.ts';
import { cross, dot, type Vector } from '../shared/vector.ts';
import { ambiguous, COSINE_TOLERANCE, courseOf, type StackPolicy } from './course.ts';
import type { Frame } from './frame.ts';

export interface Stack {
  /** In increasing position along row × column: indexes into the frames as they were given. */
  readonly order: readonly number[];
  readonly geometry: Geometry;
  readonly PixelSpacing: readonly [string, string];
  /** Of a stack that is not regular: how. */
  readonly note?: string;
}

/**
 * Orders frames by position and gives the patient geometry of the stack (PS3.3 C.7.6.2.1.1), in LPS. Throws
 * GEOMETRY_AMBIGUOUS when they are not one stack, regular but for what `policy` takes: it says plainly what does not fit.
 */
export function orderStack(frames: readonly Frame[], policy: StackPolicy = {}): Stack {
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
  const course = placed.length > 1 ? courseOf(placed, policy) : null;
  const [rowSpacing, columnSpacing] = spacing(first);
  const along = course?.step ?? normal;
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
      ...(course?.frameAt ? { frameAt: course.frameAt } : {}),
      spacingBetweenFrames: course && !course.frameAt ? dot(course.step, normal) : null,
      FrameOfReferenceUID: text(first.instance.dataset, 'FrameOfReferenceUID') ?? null,
    },
    ...(course?.note ? { note: course.note } : {}),
  };
}

function checkSamePlane(a: Frame, b: Frame): void {
  const [forA, forB] = [a, b].map((f) => text(f.instance.dataset, 'FrameOfReferenceUID'));
  if (forA !== forB) ambiguous('its images differ in FrameOfReferenceUID');
  if (!sameSpacing(a, b)) ambiguous('its images differ in PixelSpacing');
  if (!sameOrientation(a, b)) ambiguous('its images lie in different planes');
}

/** Parallel planes of one pixel spacing. */
export const samePlane = (a: Frame, b: Frame): boolean => sameSpacing(a, b) && sameOrientation(a, b);

/** Millimetres of a frame along its normal. */
export const depthOf = (frame: Frame): number =>
  dot(position(frame), cross(cosines(frame, 0), cosines(frame, 3)));

function sameSpacing(a: Frame, b: Frame): boolean {
  return spacing(a).every((v, i) => Math.abs(v - (spacing(b)[i] as number)) <= 1e-4 * v);
}

function sameOrientation(a: Frame, b: Frame): boolean {
  const [ca, cb] = [a, b].map((f) => [...cosines(f, 0), ...cosines(f, 3)]) as [number[], number[]];
  return ca.every((v, i) => Math.abs(v - (cb[i] as number)) <= COSINE_TOLERANCE);
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
