import { UNITS } from '../dicom/code.ts';
import type { Measure } from '../explanation.ts';
import type { Reference } from '../models/reference.ts';
import { pooled, whitened } from './checks/likeness.ts';

export interface NearCase {
  readonly id: string;
  readonly truth: string;
  /** Root mean square over the directions, in standard deviations of known images. */
  readonly distance: number;
}

/** As many as a reader looks at. */
const SHOWN = 3;

/** The known images that are nearest by the model's features, the nearest first; none when the package keeps none. */
export function nearestCases(
  { statistics, gallery }: Reference,
  activation: Parameters<typeof pooled>[0],
): readonly NearCase[] {
  if (!gallery) return [];
  const here = whitened(statistics.features, pooled(activation));
  return gallery.cases
    .map(({ id, truth, at }) => ({
      id,
      truth,
      distance: Math.sqrt(
        at.reduce((sum, v, k) => sum + (v - (here[k] as number)) ** 2, 0) / Math.max(1, at.length),
      ),
    }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, SHOWN);
}

/** So that a viewer can list them, and find their pictures by their names, without reading a sentence. */
export const nearestMeasures = (nearest: readonly NearCase[] | undefined): readonly Measure[] =>
  (nearest ?? []).map(({ id, truth, distance }) => ({
    name: `Distance to known image ${id}`,
    value: distance,
    unit: UNITS.one,
    sentence: truth,
  }));
