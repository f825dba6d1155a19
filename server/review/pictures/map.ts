import { AGAINST, colourOf, evidenceScale, type Palette, type Rgb } from '../../shared/colour-map.ts';
import type { Picture } from './png.ts';

/** The values of a map over one frame, on its own grid, which covers the frame from edge to edge. */
export interface MapFrame {
  readonly rows: number;
  readonly columns: number;
  /** NaN where nothing was computed. */
  readonly values: Float64Array;
}

/** How values become strengths, which is the same over all frames of a map. */
export interface Scale {
  /** Evidence: above zero speaks for the finding, below against it. Doubt: the lower, the less sure. */
  readonly reading: 'evidence' | 'doubt';
  /** The strongest, to which colours are scaled. */
  readonly limit: number;
  readonly hasAgainst: boolean;
  strength(value: number): number;
}

/** One scale for both sides, up to the strongest: so weak evidence stays dim beside strong evidence against. `least` is the least value of all. */
export function scaleOf({
  reading,
  low,
  high,
  least,
}: {
  readonly reading: Scale['reading'];
  /** Declared range. */
  readonly low: number;
  readonly high: number;
  readonly least: number;
}): Scale {
  if (reading === 'doubt')
    return { reading, limit: high - low || 1, hasAgainst: false, strength: (value) => high - value };
  const { zero, limit, hasAgainst } = evidenceScale([low, high], least);
  return { reading, limit, hasAgainst, strength: (value) => value - zero };
}

/**
 * The strength from which cells are shown: of evidence the strongest `top` of all cells, and never what speaks for nothing; of doubt the values in the
 * lowest `top` of the range. `sample` are values of all of the map.
 */
export function thresholdFor(
  scale: Scale,
  sample: Iterable<number>,
  top: number,
  isAgainst: boolean,
): number {
  if (scale.reading === 'doubt') return scale.limit * (1 - top);
  const counts = Float64Array.from(sample, (value) => sided(scale.strength(value), isAgainst))
    .filter(Number.isFinite)
    .sort()
    .reverse();
  const shown = Math.round(counts.length * top);
  return Math.max(0, shown >= counts.length ? 0 : (counts[shown] ?? 0));
}

export interface Look {
  readonly threshold: number;
  readonly isAgainst: boolean;
  readonly colours: Palette;
  /** How far the colours go, 0..1: the strongest cell of a finding that is not there is not bright. */
  readonly weight: number;
}

/** The edge fades in over this part of the scale, so that it is no line that nobody drew. */
const EDGE = 0.06;
/** Stripes of what speaks against, in pixels of the picture. */
const STRIPE = 6;

/** One frame of a map in colour on `rows` × `columns` pixels: transparent up to the threshold and where nothing was computed; what speaks against is hatched. */
export function mapPicture(
  frame: MapFrame,
  scale: Scale,
  { rows, columns, look }: { readonly rows: number; readonly columns: number; readonly look: Look },
): Picture {
  const { threshold, isAgainst, colours, weight } = look;
  const limit = scale.limit / weight;
  const least = threshold / limit;
  const palette = Array.from({ length: 256 }, (_, i) => (isAgainst ? AGAINST : colourOf(colours, i / 255)));
  const data = new Uint8Array(rows * columns * 4);
  const across = cells(columns, frame.columns);
  const down = cells(rows, frame.rows);
  for (let y = 0, at = 0; y < rows; y++)
    for (let x = 0; x < columns; x++, at += 4) {
      const share =
        sided(scale.strength(valueAt(frame, down[y] as Cell, across[x] as Cell)), isAgainst) / limit;
      // NaN is no more than anything.
      if (!(share > least) || !(share > 0)) continue;
      if (isAgainst && (x + y) % (2 * STRIPE) >= STRIPE) continue;
      const [r, g, b] = palette[Math.min(255, Math.round(share * 255))] as Rgb;
      data[at] = r;
      data[at + 1] = g;
      data[at + 2] = b;
      data[at + 3] = Math.round(255 * Math.min(1, (share - least) / EDGE) * (0.4 + 0.6 * Math.min(1, share)));
    }
  return { rows, columns, samples: 4, data };
}

const sided = (strength: number, isAgainst: boolean): number => (isAgainst ? -strength : strength);

interface Cell {
  readonly first: number;
  readonly second: number;
  /** How far towards the second, eased: each cell keeps its value, nothing overshoots, and there are no ridges. */
  readonly share: number;
}

/** For each of so many pixels the two cells around its centre; of as many cells each its own. */
const cells = (pixels: number, count: number): readonly Cell[] =>
  Array.from({ length: pixels }, (_, at) => {
    const place = Math.min(count - 1, Math.max(0, ((at + 0.5) * count) / pixels - 0.5));
    const first = Math.floor(place);
    const t = place - first;
    return { first, second: Math.min(count - 1, first + 1), share: t * t * (3 - 2 * t) };
  });

function valueAt({ values, columns }: MapFrame, down: Cell, across: Cell): number {
  const row = (r: number): number => {
    const left = values[r * columns + across.first] as number;
    return across.share === 0
      ? left
      : left + ((values[r * columns + across.second] as number) - left) * across.share;
  };
  const upper = row(down.first);
  return down.share === 0 ? upper : upper + (row(down.second) - upper) * down.share;
}
