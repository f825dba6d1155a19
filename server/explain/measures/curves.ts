import { seededRandom } from '../../shared/random.ts';
import { enlarge } from '../enlarge.ts';
import { type Subject, size } from '../subject.ts';

export interface CurveOptions {
  readonly baseline: Float32Array;
  readonly steps?: number;
}

export interface Curve {
  /** Share of the places that were changed, 0..1, and the score then. */
  readonly points: readonly Point[];
  /** Area under the curve by trapezoids, in units of the score. */
  readonly area: number;
}

interface Point {
  readonly share: number;
  readonly score: number;
  /** The places with more than this in the map are those that were changed, to a hundredth of all; absent where no value tells them. */
  readonly from?: number;
}

/**
 * Scores while the strongest places are taken away first (the baseline shows instead). A faithful map makes the score fall
 * soon: a smaller area is better. Petsiuk 2018; Quantus: `PixelFlipping`, lower is better.
 */
export const deletion = (
  subject: Subject,
  input: Float32Array,
  map: Float32Array,
  options: CurveOptions,
): Promise<Curve> => curve(subject, { from: input, to: options.baseline, map, steps: options.steps ?? 10 });

/** Scores while the strongest places are given back first. A larger area is better. */
export const insertion = (
  subject: Subject,
  input: Float32Array,
  map: Float32Array,
  options: CurveOptions,
): Promise<Curve> => curve(subject, { from: options.baseline, to: input, map, steps: options.steps ?? 10 });

/** Cells along each axis of a map by chance: about as coarse as the maps that it is compared with. */
const CHANCE_CELLS = 14;

/** A map by chance over the space, smooth as a class activation map is: what an order must beat. */
export function chanceMap(space: readonly number[], seed: number): Float32Array {
  const cells = space.map(() => CHANCE_CELLS);
  return enlarge(Float32Array.from({ length: size(cells) }, seededRandom(seed)), cells, space);
}

interface Flip {
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** Over the space; ties keep their order, so a flat map flips in reading order. */
  readonly map: Float32Array;
  readonly steps: number;
}

async function curve(subject: Subject, { from, to, map, steps }: Flip): Promise<Curve> {
  const space = size(subject.dims.slice(1));
  const order = Array.from(map.keys()).sort((a, b) => (map[b] as number) - (map[a] as number) || a - b);
  const input = from.slice();
  const points: Point[] = [];
  const descending = Float32Array.from(order, (i) => map[i] as number);
  let changed = 0;
  for (let step = 0; step <= steps; step++) {
    for (const end = Math.round((step * space) / steps); changed < end; changed++)
      for (let i = order[changed] as number; i < input.length; i += space) input[i] = to[i] as number;
    const score = (await subject.score([input]))[0] as number;
    points.push({ share: step / steps, score, ...telling(descending, changed) });
  }
  const area = points
    .slice(1)
    .reduce((sum, p, i) => sum + (p.score + (points[i]?.score as number)) / 2 / steps, 0);
  return { points, area };
}

/** Of all places, how many may lie on the wrong side of a value that tells which were changed. */
const ASTRAY = 0.01;
/** Of a map's range: more than its values are off when they are stored with 16 bits. */
const STORED = 2 ** -15;

/**
 * The value midway between the weakest of the first places and the strongest of the others. Not where too many lie at it, as on a map that is flat
 * there, for then a value does not tell them apart.
 */
function telling(descending: Float32Array, first: number): Pick<Point, 'from'> {
  const places = descending.length;
  if (first === 0 || first === places) return {};
  const at = (i: number): number => descending[i] as number;
  const from = (at(first - 1) + at(first)) / 2;
  const near = STORED * (at(0) - at(places - 1));
  const astray = descending.reduce((count, v) => (Math.abs(v - from) <= near ? count + 1 : count), 0);
  return astray <= ASTRAY * places ? { from } : {};
}
