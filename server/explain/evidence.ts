import type { Volume } from '../contracts.ts';
import type { Region } from '../explanation.ts';
import { enlarge } from './enlarge.ts';
import { coarse, type EvidenceRegion, evidenceRegions, type Grid, onImage } from './evidence-regions.ts';
import { type Curve, chanceMap, deletion } from './measures/curves.ts';
import { agreement } from './measures/shape.ts';
import { METHODS } from './methods/index.ts';
import { exactShapley } from './methods/shapley.ts';
import type { OnnxSubject } from './onnx-subject.ts';
import { meanIn, type RegionMean, type RegionSize, sizeOf } from './region-size.ts';
import { keepRegions, type Regions } from './regions.ts';
import { type Subject, scoreOf } from './subject.ts';

/** What is looked at: the number before the activation, the score, the picture and what hides its parts. */
export interface Seen {
  readonly subject: OnnxSubject;
  readonly scores: Subject;
  readonly input: Float32Array;
  readonly baseline: Float32Array;
}

export interface ScoreRegion {
  readonly region: Region;
  /** Shapley value in units of the logit. */
  readonly shapley: number;
  /** Sum of the cells of an exact map. */
  readonly exactShare: number | undefined;
  /** The score when this region alone is hidden. */
  readonly scoreWithout: number;
  /** Part of the picture, 0..1. */
  readonly extent: number;
  /** Where the spacing in the patient is known. */
  readonly size: RegionSize | undefined;
  /** Where the values have a unit. */
  readonly mean: RegionMean | undefined;
  /** Mean grey minus that of the rest of the picture, in the picture's standard deviations. */
  readonly contrast: number;
}

export interface Evidence {
  readonly regions: readonly ScoreRegion[];
  /** What is not in a region, and the logit when everything is hidden; with the regions they add up to the logit. */
  readonly others: { readonly rest: number; readonly hidden: number } | undefined;
  /** The score, or with `of` the logit, when the regions at these places are hidden together. */
  readonly without: (
    places: readonly number[],
    of?: { readonly subject: Subject; readonly baseline: Float32Array },
  ) => Promise<number>;
}

type OfImage = Seen & { readonly volume: Volume; readonly exact: boolean };

/** The strongest regions of a map, and what each carries. */
export function evidenceOf(map: Grid, seen: OfImage): Promise<Evidence> {
  const grid = coarse(map);
  return evidenceIn(evidenceRegions(grid, seen.volume), grid, {
    ...seen,
    exact: seen.exact && grid.data === map.data,
  });
}

/** What each of these regions carries: exact Shapley values of the logit, and the score when it alone is replaced. */
export async function evidenceIn(
  found: readonly EvidenceRegion[],
  grid: Grid,
  { volume, subject, scores, input, baseline, exact }: OfImage,
): Promise<Evidence> {
  const regions = onImage(found, grid, subject.dims.slice(1));
  const without: Evidence['without'] = (places, of = { subject: scores, baseline }) => {
    const hidden = new Set(places.map((i) => i + 1));
    const image = keepRegions(input, of.baseline, { regions, kept: (r) => !hidden.has(r) });
    return scoreOf(of.subject, image);
  };
  if (found.length === 0) return { regions: [], others: undefined, without };
  const { shares, none } = await exactShapley(subject, input, { baseline, regions });
  const seen: ScoreRegion[] = [];
  for (const [i, { region, cells }] of found.entries()) {
    seen.push({
      region,
      shapley: shares[i + 1] as number,
      // Only an exact map's cells are parts of the score, and they are those of the map itself.
      exactShare: exact ? cells.reduce((sum, c) => sum + (grid.data[c] as number), 0) : undefined,
      scoreWithout: await without([i]),
      extent: cells.length / grid.data.length,
      size: sizeOf(cells, grid, volume),
      mean: meanIn(cells, grid, volume),
      contrast: contrastOf(i + 1, regions, input),
    });
  }
  return { regions: seen, others: { rest: shares[0] as number, hidden: none }, without };
}

function contrastOf(region: number, { label }: Regions, input: Float32Array): number {
  let [inside, n, sum, squares] = [0, 0, 0, 0];
  for (let i = 0; i < label.length; i++) {
    const v = input[i] as number;
    sum += v;
    squares += v * v;
    if (label[i] !== region) continue;
    inside += v;
    n++;
  }
  const deviation = Math.sqrt(Math.max(0, squares / label.length - (sum / label.length) ** 2));
  const others = label.length - n;
  return deviation > 0 && n > 0 && others > 0 ? (inside / n - (sum - inside) / others) / deviation : 0;
}

export interface Trust {
  readonly deletion: Curve;
  readonly random: Curve;
  /** Spearman's correlation with occlusion; null when one is flat. */
  readonly occlusion: number | null;
}

/** How far the map is to be trusted on this image: against a random order, and against a method that uses no gradient. */
export async function trustIn(map: Grid, { subject, scores, input, baseline }: Seen): Promise<Trust> {
  const space = subject.dims.slice(1);
  const fine = enlarge(map.data, [map.rows, map.columns], space);
  const chance = chanceMap(space, 1);
  const occluded = await METHODS.occlusionCoarseToFine({ subject, input, baseline });
  return {
    deletion: await deletion(scores, input, fine, { baseline }),
    random: await deletion(scores, input, chance, { baseline }),
    occlusion: agreement(fine, occluded.data),
  };
}
