import { contoursOf, type Field, type Ring } from './contour.ts';
import type { ImageGrid } from './geometry.ts';
import { type Look, SAMPLED, samplesOf } from './paint.ts';
import { type Side, scaleOf, type ValueMap } from './value-map.ts';

/** Lines around what is shown of a map. */
export interface Outlines {
  readonly for: readonly Ring[];
  readonly against: readonly Ring[];
}

/** Of one frame, in shares of its extent, 0..1. */
export function outlinesOf(map: ValueMap, frame: number, look: Look): Outlines {
  const scale = Math.max(1, Math.floor(SAMPLED / Math.max(map.rows, map.columns)));
  const [width, height] = [map.columns * scale, map.rows * scale];
  const { strength } = scaleOf(map);
  const strengths = samplesOf(map, frame, scale).map(strength);
  const share = ([x, y]: Ring[number]) => [(x + 0.5) / width, (y + 0.5) / height] as const;
  return linesAround({ width, height, strengths }, look, share);
}

/** A plane on the screen: the point of the patient at a corner of it, and how that changes from pixel to pixel. */
export interface Plane {
  readonly origin: readonly number[];
  readonly right: readonly number[];
  readonly down: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** Pixels of the screen between two samples of a plane. */
const STEP = 4;

/** Of the plane that is shown through a map that lies in the patient, in pixels of the screen. */
export function outlinesIn(plane: Plane, map: ValueMap, look: Look): Outlines {
  if (!map.grid) return { for: [], against: [] };
  const [width, height] = [Math.ceil(plane.width / STEP), Math.ceil(plane.height / STEP)];
  const { strength } = scaleOf(map);
  const [begin, across, along] = indicesOf(map.grid, plane);
  const strengths = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const [right, down] = [(x + 0.5) * STEP, (y + 0.5) * STEP];
      strengths[i] = strength(
        valueAt(
          map,
          begin[0] + right * across[0] + down * along[0],
          begin[1] + right * across[1] + down * along[1],
          begin[2] + right * across[2] + down * along[2],
        ),
      );
    }
  const pixels = ([x, y]: Ring[number]) => [(x + 0.5) * STEP, (y + 0.5) * STEP] as const;
  return linesAround({ width, height, strengths }, look, pixels);
}

function linesAround(
  { width, height, strengths }: Pick<Field, 'width' | 'height'> & { readonly strengths: Float32Array },
  { threshold, side }: Look,
  placed: (point: Ring[number]) => Ring[number],
): Outlines {
  const lines = (of: Exclude<Side, 'both'>): readonly Ring[] => {
    if (side !== 'both' && side !== of) return [];
    const sign = of === 'for' ? 1 : -1;
    const field: Field = { width, height, at: (x, y) => sign * (strengths[y * width + x] as number) };
    return contoursOf(field, threshold).map((ring) => ring.map(placed));
  };
  return { for: lines('for'), against: lines('against') };
}

/** Column, row and frame of a map, in cells. */
type Index = readonly [column: number, row: number, frame: number];

/** Of the plane's corner, and what a pixel to the right and one down add. */
function indicesOf({ origin, spacing, direction }: ImageGrid, plane: Plane): readonly [Index, Index, Index] {
  const along = (vector: readonly number[], k: number): number =>
    [0, 1, 2].reduce((sum, i) => sum + at(vector, i) * at(direction, 3 * k + i), 0) / at(spacing, k);
  const index = (vector: readonly number[]): Index => [along(vector, 0), along(vector, 1), along(vector, 2)];
  return [index(plane.origin.map((v, i) => v - at(origin, i))), index(plane.right), index(plane.down)];
}

/** Between the eight nearest cells; NaN outside of the map, which ends half a cell beyond its last centres. */
function valueAt({ rows, columns, images, values }: ValueMap, ...[column, row, frame]: Index): number {
  if (!isWithin(column, columns) || !isWithin(row, rows) || !isWithin(frame, images.length))
    return Number.NaN;
  const [x, y, z] = [inside(column, columns), inside(row, rows), inside(frame, images.length)];
  const [x0, y0, z0] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    const [dx, dy, dz] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const weight = part(x - x0, dx) * part(y - y0, dy) * part(z - z0, dz);
    if (weight > 0) sum += weight * at(values, ((z0 + dz) * rows + y0 + dy) * columns + x0 + dx);
  }
  return sum;
}

const isWithin = (index: number, size: number): boolean => index >= -0.5 && index <= size - 0.5;
const inside = (index: number, size: number): number => Math.min(size - 1, Math.max(0, index));
const part = (beyond: number, isNext: number): number => (isNext ? beyond : 1 - beyond);
const at = (values: ArrayLike<number>, i: number): number => values[i] as number;
