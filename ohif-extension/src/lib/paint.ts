import { AGAINST, colourOf, type Palette } from '../../../server/shared/colour-map.ts';
import { countOf, type Side, scaleOf, type ValueMap } from './value-map.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Straight alpha, row-major. */
  readonly rgba: Uint8Array<ArrayBuffer>;
}

export interface Look {
  /** A strength. */
  readonly threshold: number;
  readonly side: Side;
  readonly palette: Palette;
}

/** The edge fades in over this part of the scale, so that it is no line that nobody drew. */
const EDGE = 0.06;

/** How opaque a share of the strongest is, 0..1: nothing up to the threshold's share, then more and more. */
export const opacityOf = (share: number, threshold: number): number =>
  share > threshold ? Math.min(1, (share - threshold) / EDGE) * (0.4 + 0.6 * Math.min(1, share)) : 0;

/** Longest side of the picture: beyond it the graphics card interpolates well enough. */
const PAINTED = 448;
/** Stripes of what speaks against, in pixels of the picture. */
const STRIPE = 6;

/**
 * One frame of a map in colour, interpolated between the cells' centres: transparent up to the threshold, then more and more opaque;
 * what speaks against is hatched.
 */
export function paint(map: ValueMap, frame: number, { threshold, side, palette }: Look): Picture {
  const scale = Math.max(1, Math.floor(PAINTED / Math.max(map.rows, map.columns)));
  const [width, height] = [map.columns * scale, map.rows * scale];
  const { limit, strength } = scaleOf(map);
  const rgba = new Uint8Array(width * height * 4);
  const samples = samplesOf(map, frame, scale);
  const colours = Array.from({ length: 256 }, (_, i) => colourOf(palette, i / 255));
  const least = threshold / limit;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const s = strength(samples[i] as number);
      const share = countOf(s, side) / limit;
      if (!(share > least) || !(share > 0)) continue;
      if (s < 0 && (x + y) % (2 * STRIPE) >= STRIPE) continue;
      const rgb = s < 0 ? AGAINST : (colours[Math.min(255, Math.round(share * 255))] as typeof AGAINST);
      rgba[4 * i] = rgb[0];
      rgba[4 * i + 1] = rgb[1];
      rgba[4 * i + 2] = rgb[2];
      rgba[4 * i + 3] = Math.round(255 * opacityOf(share, least));
    }
  }
  return { width, height, rgba };
}

/** Longest side of samples that lines are drawn around: lines between them are straight. */
export const SAMPLED = 224;

/** The values of a frame at samples of which a cell has `scale` × `scale`, row-major. */
export function samplesOf(
  { rows, columns, values }: ValueMap,
  frame: number,
  scale: number,
  way: (t: number) => number = eased,
): Float32Array {
  const cells = values.subarray(frame * rows * columns, (frame + 1) * rows * columns);
  if (scale === 1) return cells;
  const [across, down] = [placesOf(columns, scale, way), placesOf(rows, scale, way)];
  const samples = new Float32Array(across.length * down.length);
  let i = 0;
  for (const { before: top, after: bottom, share: y } of down)
    for (const { before: left, after: right, share: x } of across) {
      const above = between(cells[top * columns + left], cells[top * columns + right], x);
      const below = between(cells[bottom * columns + left], cells[bottom * columns + right], x);
      samples[i++] = above + (below - above) * y;
    }
  return samples;
}

const between = (from = Number.NaN, to = Number.NaN, share: number): number => from + (to - from) * share;

/** Between which two cells a sample lies, and how near to the second. */
function placesOf(
  cells: number,
  scale: number,
  way: (t: number) => number,
): readonly { readonly before: number; readonly after: number; readonly share: number }[] {
  return Array.from({ length: cells * scale }, (_, i) => {
    const at = Math.min(cells - 1, Math.max(0, (i + 0.5) / scale - 0.5));
    const before = Math.floor(at);
    return { before, after: Math.min(cells - 1, before + 1), share: way(at - before) };
  });
}

/** Each cell keeps its value, nothing overshoots, and there are no ridges. */
const eased = (t: number): number => t * t * (3 - 2 * t);

export const linear = (t: number): number => t;

/** The level of a strength that says nothing. */
const ZERO_LEVEL = 128;

/** All of a map as 8-bit levels around ZERO_LEVEL, for drawing it as a volume; what was not computed says nothing. */
export function levelsOf(map: ValueMap): Uint8Array {
  const { limit, strength } = scaleOf(map);
  const perLimit = 127 / limit;
  const levels = new Uint8Array(map.values.length);
  for (let i = 0; i < levels.length; i++) {
    const s = strength(map.values[i] as number) * perLimit;
    levels[i] = ZERO_LEVEL + (s > 127 ? 127 : s > -127 ? Math.round(s) : Number.isNaN(s) ? 0 : -127);
  }
  return levels;
}

export interface Transfer {
  readonly level: number;
  /** 0..1 each. */
  readonly rgb: readonly [number, number, number];
  readonly opacity: number;
}

/** What each level looks like: as many points as keep the steep edge at the threshold. */
export function transferOf(map: ValueMap, { threshold, side, palette }: Look): readonly Transfer[] {
  const least = threshold / scaleOf(map).limit;
  return Array.from({ length: 255 }, (_, i) => {
    const signed = (i + 1 - ZERO_LEVEL) / 127;
    const share = countOf(signed, side);
    const [r, g, b] = signed < 0 ? AGAINST : colourOf(palette, share);
    return {
      level: i + 1,
      rgb: [r / 255, g / 255, b / 255],
      opacity: share > 0 ? opacityOf(share, least) : 0,
    };
  });
}
