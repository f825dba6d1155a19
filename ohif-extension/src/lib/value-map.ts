import { inferno } from './colour-map.ts';

/** The values of an explanation over the whole extent of one source image, on their own grid. */
export interface ValueMap {
  readonly name: string;
  readonly method: string;
  /** UCUM; `1` is no unit. */
  readonly unit: string;
  readonly rows: number;
  readonly columns: number;
  /** Row-major; NaN where nothing was computed. */
  readonly values: Float32Array;
  /** Declared range: the colours run from `low` to `high`. */
  readonly low: number;
  readonly high: number;
  /** The image it was computed for. */
  readonly SOPInstanceUID: string;
}

/**
 * The value from which the strongest `percent` of all cells are shown: at least the bottom of the range, for what is below it
 * speaks for nothing.
 */
export function thresholdFor({ values, low }: ValueMap, percent: number): number {
  const sorted = [...values].filter(Number.isFinite).sort((a, b) => b - a);
  const count = Math.round((sorted.length * percent) / 100);
  return Math.max(low, count >= sorted.length ? low : (sorted[count] ?? low));
}

/** Part of all evidence above `low` that lies in the cells above the threshold, 0..1. */
export function shareAbove({ values, low }: ValueMap, threshold: number): number {
  let shown = 0;
  let all = 0;
  for (const value of values) {
    if (!(value > low)) continue;
    all += value - low;
    if (value > threshold) shown += value - low;
  }
  return all > 0 ? shown / all : 0;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Straight alpha, row-major. */
  readonly rgba: Uint8Array;
}

/** The edge fades in over this part of the range, so that it is no line that nobody drew. */
const EDGE = 0.06;

/**
 * The map in colour at `scale` pixels a cell, interpolated between the cells' centres: transparent up to the threshold, then
 * more and more opaque.
 */
export function paint(map: ValueMap, { threshold, scale }: { threshold: number; scale: number }): Picture {
  const width = map.columns * scale;
  const height = map.rows * scale;
  const rgba = new Uint8Array(width * height * 4);
  const span = map.high - map.low || 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const value = interpolate(map, (x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5);
      if (!(value > threshold) || !(value > map.low)) continue;
      const share = Math.min(1, (value - map.low) / span);
      const fade = Math.min(1, (value - threshold) / (EDGE * span));
      rgba.set(inferno(share), at);
      rgba[at + 3] = Math.round(255 * fade * (0.4 + 0.6 * share));
    }
  }
  return { width, height, rgba };
}

/** Between the four nearest cell centres, eased: each cell keeps its value, nothing overshoots, and there are no ridges. */
function interpolate({ values, rows, columns }: ValueMap, column: number, row: number): number {
  const x = Math.min(columns - 1, Math.max(0, column));
  const y = Math.min(rows - 1, Math.max(0, row));
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(columns - 1, left + 1), Math.min(rows - 1, top + 1)];
  const cell = (r: number, c: number): number => values[r * columns + c] as number;
  const across = (r: number): number => cell(r, left) + (cell(r, right) - cell(r, left)) * eased(x - left);
  return across(top) + (across(bottom) - across(top)) * eased(y - top);
}

const eased = (t: number): number => t * t * (3 - 2 * t);
