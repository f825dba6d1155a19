import { evidenceScale, weightOf } from '../../../server/shared/colour-map.ts';
import type { ImageGrid } from './geometry.ts';

/** The values of an explanation over the whole extent of its source images, on their own grid. */
export interface ValueMap {
  readonly name: string;
  readonly method: string;
  /** UCUM; `1` is no unit. */
  readonly unit: string;
  /** Evidence: above zero speaks for the finding, below against it. Doubt: the lower, the less sure. */
  readonly reading: 'evidence' | 'doubt';
  readonly rows: number;
  readonly columns: number;
  /** [frame, row, column]; NaN where nothing was computed. */
  readonly values: Float32Array;
  /** Declared range. */
  readonly low: number;
  readonly high: number;
  /** The image that each frame was computed for, as `imageKey` names it. */
  readonly images: readonly string[];
  /** How far the colours go, 0..1: the strongest cell of a finding that is not there is not bright. All the way when it does not say. */
  readonly weight?: number;
  /** Where it lies in the patient; undefined: only over its images, one by one. */
  readonly grid?: ImageGrid & { readonly FrameOfReferenceUID: string };
}

/** Which evidence is looked at. A map of doubt has one side only. */
export const SIDES = ['for', 'against', 'both'] as const;
export type Side = (typeof SIDES)[number];

/** How values become strengths: 0 says nothing, `limit` is the strongest, and against a finding they are negative. */
export interface Scale {
  readonly zero: number;
  readonly limit: number;
  readonly hasAgainst: boolean;
  strength(value: number): number;
}

/**
 * One scale for both sides: up to the strongest cell, for or against. So weak evidence stays dim beside strong evidence against, as on
 * most negative results.
 */
export function scaleOf(map: ValueMap): Scale {
  const known = scales.get(map);
  if (known) return known;
  const { low, high, reading } = map;
  let least = 0;
  for (const value of map.values) if (value < least) least = value;
  const { zero, limit, hasAgainst } = evidenceScale([low, high], least);
  const scale: Scale =
    reading === 'doubt'
      ? { zero: high, limit: high - low || 1, hasAgainst: false, strength: (value) => high - value }
      : { zero, limit: limit / (map.weight ?? 1), hasAgainst, strength: (value) => value - zero };
  scales.set(map, scale);
  return scale;
}
const scales = new WeakMap<ValueMap, Scale>();

/**
 * A map whose colours are dimmed by how far the score stays under its threshold; itself when it does not, or when what speaks against is on
 * the same scale and so tells how little speaks for.
 */
export function dimmed(map: ValueMap, score: { value: number; threshold?: number } | undefined): ValueMap {
  if (map.reading === 'doubt' || !score?.threshold || score.value >= score.threshold) return map;
  if (scaleOf(map).hasAgainst) return map;
  return { ...map, weight: weightOf(score.value, score.threshold) };
}

/** How much a strength counts for a side. */
export const countOf = (strength: number, side: Side): number => {
  if (side === 'both') return Math.abs(strength);
  return side === 'for' ? strength : -strength;
};

/** So many cells tell a quantile well enough. */
const SAMPLED = 65_536;

/**
 * The strength from which cells are shown. Of evidence the strongest `percent` of all cells, and never what speaks for nothing; of
 * doubt the values in the lowest `percent` of the range.
 */
export function thresholdFor(map: ValueMap, percent: number, side: Side): number {
  const { limit, strength } = scaleOf(map);
  if (map.reading === 'doubt') return limit * (1 - percent / 100);
  const stride = Math.max(1, Math.floor(map.values.length / SAMPLED));
  const counts: number[] = [];
  for (let i = 0; i < map.values.length; i += stride) {
    const count = countOf(strength(map.values[i] as number), side);
    if (Number.isFinite(count)) counts.push(count);
  }
  counts.sort((a, b) => b - a);
  const shown = Math.round((counts.length * percent) / 100);
  return Math.max(0, shown >= counts.length ? 0 : (counts[shown] ?? 0));
}

/** Part of all evidence of a side that lies in the cells above the threshold, 0..1. */
export function shareAbove(map: ValueMap, threshold: number, side: Side): number {
  const { strength } = scaleOf(map);
  let shown = 0;
  let all = 0;
  for (const value of map.values) {
    const count = countOf(strength(value), side);
    if (!(count > 0)) continue;
    all += count;
    if (count > threshold) shown += count;
  }
  return all > 0 ? shown / all : 0;
}

/** The name of an image: of a single-frame one its UID, else with the number of the frame. */
export const imageKey = (SOPInstanceUID: string, frameNumber?: number): string =>
  frameNumber === undefined ? SOPInstanceUID : `${SOPInstanceUID}/${frameNumber}`;

/** The frame of the map that was computed for an image; -1 for none. */
export function frameFor({ images }: ValueMap, SOPInstanceUID: string, frameNumber: number): number {
  const exact = images.indexOf(imageKey(SOPInstanceUID, frameNumber));
  return exact >= 0 ? exact : images.indexOf(SOPInstanceUID);
}
