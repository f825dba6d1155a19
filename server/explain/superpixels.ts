import type { Regions } from './regions.ts';
import { size } from './subject.ts';

export interface SuperpixelOptions {
  /** About how many. */
  readonly count: number;
  /** Weight of nearness against likeness of the values; values are scaled to 0..1 first. */
  readonly compactness?: number;
  readonly rounds?: number;
}

/**
 * SLIC superpixels of an image [c, h, w] (Achanta 2012): k-means in position and value, seeded on a grid, each centre looking
 * two steps far; pieces that are cut off join a neighbour. Labels are 0..count−1 without gaps.
 */
export function superpixels(
  input: Float32Array,
  dims: readonly number[],
  { count, compactness = 0.1, rounds = 10 }: SuperpixelOptions,
): Regions {
  const [channels = 1, rows = 1, columns = 1] = dims;
  const space = rows * columns;
  const step = Math.max(1, Math.sqrt(space / count));
  const values = scaled(input);
  const centres = seeds(rows, columns, step).map(([r, c]) =>
    centreAt(values, { channels, space, columns }, r, c),
  );
  const label = new Int32Array(space).fill(-1);
  for (let round = 0; round < rounds; round++) {
    const nearest = new Float64Array(space).fill(Number.POSITIVE_INFINITY);
    for (const [k, centre] of centres.entries()) {
      const reach = Math.ceil(step) * 2;
      for (let r = Math.max(0, Math.floor(centre.row - reach)); r < Math.min(rows, centre.row + reach); r++) {
        for (
          let c = Math.max(0, Math.floor(centre.column - reach));
          c < Math.min(columns, centre.column + reach);
          c++
        ) {
          const i = r * columns + c;
          const unlike = centre.values.reduce(
            (sum, v, ch) => sum + ((values[ch * space + i] as number) - v) ** 2,
            0,
          );
          const far = ((r - centre.row) ** 2 + (c - centre.column) ** 2) / step ** 2;
          const distance = unlike + compactness ** 2 * far;
          if (distance >= (nearest[i] as number)) continue;
          nearest[i] = distance;
          label[i] = k;
        }
      }
    }
    recentre(centres, label, { values, channels, space, columns });
  }
  return { dims: [rows, columns], ...connected(label, rows, columns, Math.max(1, (step * step) / 4)) };
}

interface Centre {
  row: number;
  column: number;
  values: number[];
}

interface Picture {
  readonly channels: number;
  readonly space: number;
  readonly columns: number;
}

const seeds = (rows: number, columns: number, step: number): readonly [number, number][] => {
  const along = (n: number) =>
    Array.from(
      { length: Math.max(1, Math.round(n / step)) },
      (_, i, all = Math.max(1, Math.round(n / step))) => Math.floor(((i + 0.5) * n) / all),
    );
  return along(rows).flatMap((r) => along(columns).map((c): [number, number] => [r, c]));
};

const centreAt = (
  values: Float32Array,
  { channels, space, columns }: Picture,
  row: number,
  column: number,
): Centre => ({
  row,
  column,
  values: Array.from({ length: channels }, (_, ch) => values[ch * space + row * columns + column] as number),
});

function recentre(
  centres: Centre[],
  label: Int32Array,
  { values, channels, space, columns }: Picture & { readonly values: Float32Array },
): void {
  const sums = centres.map(() => new Float64Array(3 + channels));
  label.forEach((k, i) => {
    const sum = sums[k];
    if (!sum) return;
    sum[0] = (sum[0] as number) + 1;
    sum[1] = (sum[1] as number) + Math.floor(i / columns);
    sum[2] = (sum[2] as number) + (i % columns);
    for (let ch = 0; ch < channels; ch++)
      sum[3 + ch] = (sum[3 + ch] as number) + (values[ch * space + i] as number);
  });
  for (const [k, sum] of sums.entries()) {
    const n = sum[0] as number;
    if (n === 0) continue;
    centres[k] = {
      row: (sum[1] as number) / n,
      column: (sum[2] as number) / n,
      values: [...sum.slice(3)].map((v) => v / n),
    };
  }
}

/** Connected pieces become regions; those smaller than `smallest` take the region before them in reading order. */
function connected(
  label: Int32Array,
  rows: number,
  columns: number,
  smallest: number,
): { label: Int32Array; count: number } {
  const out = new Int32Array(size([rows, columns])).fill(-1);
  let count = 0;
  for (let seed = 0; seed < out.length; seed++) {
    if (out[seed] !== -1) continue;
    const piece = [seed];
    out[seed] = count;
    let neighbour = -1;
    for (const i of piece) {
      const r = Math.floor(i / columns);
      const c = i % columns;
      for (const n of [
        r > 0 ? i - columns : -1,
        r < rows - 1 ? i + columns : -1,
        c > 0 ? i - 1 : -1,
        c < columns - 1 ? i + 1 : -1,
      ]) {
        if (n < 0) continue;
        if (out[n] === -1 && label[n] === label[seed]) {
          out[n] = count;
          piece.push(n);
        } else if (out[n] !== -1 && out[n] !== count) neighbour = out[n] as number;
      }
    }
    if (piece.length < smallest && neighbour >= 0) for (const i of piece) out[i] = neighbour;
    else count++;
  }
  return { label: out, count };
}

function scaled(input: Float32Array): Float32Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of input) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return high > low ? input.map((v) => (v - low) / (high - low)) : input.map(() => 0);
}
