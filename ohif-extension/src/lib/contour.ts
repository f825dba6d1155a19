/** A closed line in sample coordinates: 0 is the centre of the first sample, and the field ends half a sample beyond its last. */
export type Ring = readonly (readonly [x: number, y: number])[];

export interface Field {
  readonly width: number;
  readonly height: number;
  /** NaN where there is nothing. */
  at(x: number, y: number): number;
}

/**
 * Lines around all that is above a level (marching squares): what lies inside an odd number of them is above it. Between two samples the line
 * is where the level lies between their values; at the edge of the field, and of what is NaN, half a sample out.
 */
export function contoursOf(field: Field, level: number): readonly Ring[] {
  const part = partAbove(field, level);
  if (!part) return [];
  const { values, across, left, top } = part;
  const next = links(values, across, level);
  const rings: Ring[] = [];
  for (let start = 0; start < next.length; start++) {
    if (next[start] === -1) continue;
    const ring: (readonly [number, number])[] = [];
    for (let edge = start; next[edge] !== -1; ) {
      const [x, y] = crossing(values, across, level, edge);
      ring.push([x + left, y + top]);
      const following = next[edge] as number;
      next[edge] = -1;
      edge = following;
    }
    rings.push(ring);
  }
  return rings;
}

/** The samples around all that is above the level, and one more on each side, so that all lines are closed: NaN beyond the field. */
function partAbove(
  { width, height, at }: Field,
  level: number,
): { values: Float64Array; across: number; left: number; top: number } | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!(at(x, y) > level)) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  if (right < 0) return undefined;
  [left, top, right, bottom] = [left - 1, top - 1, right + 1, bottom + 1];
  const across = right - left + 1;
  const values = new Float64Array(across * (bottom - top + 1)).fill(Number.NaN);
  for (let y = Math.max(0, top); y <= Math.min(height - 1, bottom); y++)
    for (let x = Math.max(0, left); x <= Math.min(width - 1, right); x++)
      values[(y - top) * across + x - left] = at(x, y);
  return { values, across, left, top };
}

const [TOP, RIGHT, BOTTOM, LEFT] = [0, 1, 2, 3] as const;

/**
 * From which side of a cell to which the line runs, by the corners above the level: upper left 8, upper right 4, lower right 2, lower left 1.
 * What is above lies on its right.
 */
const RUNS: readonly (readonly (readonly [from: number, to: number])[])[] = [
  [],
  [[LEFT, BOTTOM]],
  [[BOTTOM, RIGHT]],
  [[LEFT, RIGHT]],
  [[RIGHT, TOP]],
  [
    [LEFT, BOTTOM],
    [RIGHT, TOP],
  ],
  [[BOTTOM, TOP]],
  [[LEFT, TOP]],
  [[TOP, LEFT]],
  [[TOP, BOTTOM]],
  [
    [TOP, LEFT],
    [BOTTOM, RIGHT],
  ],
  [[TOP, RIGHT]],
  [[RIGHT, LEFT]],
  [[RIGHT, BOTTOM]],
  [[BOTTOM, LEFT]],
  [],
];
/** The same two corners, joined through the middle of the cell. */
const JOINED: Readonly<Record<number, (typeof RUNS)[number]>> = {
  5: [
    [LEFT, TOP],
    [RIGHT, BOTTOM],
  ],
  10: [
    [TOP, RIGHT],
    [BOTTOM, LEFT],
  ],
};

/** For each edge between two samples the edge that the line goes to next, or −1. Edge 2i goes from sample i to the right, 2i + 1 down. */
function links(values: Float64Array, across: number, level: number): Int32Array {
  const next = new Int32Array(2 * values.length).fill(-1);
  for (let row = 0; row + across < values.length; row += across) {
    // The right corners of one cell are the left ones of the next; those of the first column are not above.
    let kind = 0;
    for (let i = row; i + 1 < row + across; i++) {
      kind = ((kind & 4) << 1) | ((kind & 2) >> 1);
      if ((values[i + 1] as number) > level) kind |= 4;
      if ((values[i + 1 + across] as number) > level) kind |= 2;
      if (kind === 0 || kind === 15) continue;
      const corners = [i, i + 1, i + across + 1, i + across];
      const mean = corners.reduce((sum, corner) => sum + (values[corner] as number), 0) / 4;
      const edges = [2 * i, 2 * (i + 1) + 1, 2 * (i + across), 2 * i + 1];
      for (const [from, to] of (mean > level && JOINED[kind]) || (RUNS[kind] ?? []))
        next[edges[from] as number] = edges[to] as number;
    }
  }
  return next;
}

function crossing(
  values: Float64Array,
  across: number,
  level: number,
  edge: number,
): readonly [number, number] {
  const i = edge >> 1;
  const isDown = edge % 2 === 1;
  const [a, b] = [values[i] as number, values[isDown ? i + across : i + 1] as number];
  const part = Number.isFinite(a) && Number.isFinite(b) ? (level - a) / (b - a) : 0.5;
  const [x, y] = [i % across, Math.floor(i / across)];
  return isDown ? [x, y + part] : [x + part, y];
}
