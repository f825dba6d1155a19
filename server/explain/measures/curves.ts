import { seededRandom } from '../../shared/random.ts';
import { enlarge } from '../enlarge.ts';
import { type Subject, size } from '../subject.ts';

export interface CurveOptions {
  readonly baseline: Float32Array;
  readonly steps?: number;
}

export interface Curve {
  /** Share of the places that were changed, 0..1, and the score then. */
  readonly points: readonly { readonly share: number; readonly score: number }[];
  /** Area under the curve by trapezoids, in units of the score. */
  readonly area: number;
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
  const points: { share: number; score: number }[] = [];
  let changed = 0;
  for (let step = 0; step <= steps; step++) {
    for (const end = Math.round((step * space) / steps); changed < end; changed++)
      for (let i = order[changed] as number; i < input.length; i += space) input[i] = to[i] as number;
    points.push({ share: step / steps, score: (await subject.score([input]))[0] as number });
  }
  const area = points
    .slice(1)
    .reduce((sum, p, i) => sum + (p.score + (points[i]?.score as number)) / 2 / steps, 0);
  return { points, area };
}
