import type { Volume } from '../contracts.ts';
import type { Region } from '../explanation.ts';
import type { Regions } from './regions.ts';

/** A map over one image. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export interface EvidenceRegion {
  /** Its box in source pixels. */
  readonly region: Region;
  /** Its cells, row-major on the map's grid. */
  readonly cells: readonly number[];
}

/** Regions that a reader can take in at once; with the rest of the image, 2⁴ forwards tell what each carries. */
const MOST = 3;

/** A region's box is mostly region: what fills less of it is looked at again where the map is stronger. */
const FILLED = 0.6;
const STEP = 0.05;
const STRONGEST = 0.9;

/**
 * Where the evidence lies: connected cells (4 neighbours) above half the map's maximum, or above more of it where that leaves a box
 * that says where (two lungs that a weak bridge joins are two regions). The heaviest first, named A, B, C. None when no cell is positive.
 * Take `coarse()` of a fine map first: single pixels are no region.
 */
export function evidenceRegions(map: Grid, volume: Volume): readonly EvidenceRegion[] {
  const { data } = map;
  if (!(maximumOf(map) > 0)) return [];
  const weight = (cells: readonly number[]): number => cells.reduce((sum, i) => sum + (data[i] as number), 0);
  return compact([...data.keys()], map, 0.5)
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, MOST)
    .map((cells, i) => ({ cells, region: boxOf(cells, 'ABC'[i] as string, { map, volume }) }));
}

const maximumOf = ({ data }: Grid): number => data.reduce((a, b) => Math.max(a, b), 0);

/** The connected parts of `cells` above a share of the maximum, each where needed in parts that fill their boxes. */
function compact(cells: readonly number[], map: Grid, share: number): number[][] {
  const limit = share * maximumOf(map);
  return connected(
    cells.filter((i) => (map.data[i] as number) >= limit),
    map,
  ).flatMap((part) =>
    share >= STRONGEST || part.length >= FILLED * boxCells(part, map)
      ? [part]
      : compact(part, map, share + STEP),
  );
}

function connected(cells: readonly number[], map: Grid): number[][] {
  const free = new Set(cells);
  const found: number[][] = [];
  for (const first of free) {
    free.delete(first);
    const part = [first];
    for (const cell of part) for (const next of neighbours(cell, map)) if (free.delete(next)) part.push(next);
    found.push(part);
  }
  return found;
}

function boxCells(cells: readonly number[], { columns }: Grid): number {
  const [r, c] = [cells.map((i) => Math.floor(i / columns)), cells.map((i) => i % columns)];
  return (Math.max(...r) - Math.min(...r) + 1) * (Math.max(...c) - Math.min(...c) + 1);
}

/** Cells along an edge beyond which a map is averaged. */
const FINEST = 32;

/** The map on a grid coarse enough for regions: means over blocks. */
export function coarse({ rows, columns, data }: Grid): Grid {
  const [high, wide] = [Math.min(rows, FINEST), Math.min(columns, FINEST)];
  if (high === rows && wide === columns) return { rows, columns, data };
  const sum = new Float64Array(high * wide);
  const count = new Float64Array(high * wide);
  data.forEach((v, i) => {
    const row = Math.floor((Math.floor(i / columns) * high) / rows);
    const cell = row * wide + Math.floor(((i % columns) * wide) / columns);
    sum[cell] = (sum[cell] as number) + v;
    count[cell] = (count[cell] as number) + 1;
  });
  return { rows: high, columns: wide, data: Float32Array.from(sum, (s, i) => s / (count[i] as number)) };
}

/** The regions as a partition of the model's image [h, w]: 0 is the rest, then A, B, C. */
export function onImage(
  found: readonly EvidenceRegion[],
  { rows, columns }: Pick<Grid, 'rows' | 'columns'>,
  dims: readonly number[],
): Regions {
  const [high = 1, wide = 1] = dims;
  const cell = new Int32Array(rows * columns);
  for (const [i, { cells }] of found.entries()) for (const c of cells) cell[c] = i + 1;
  const label = Int32Array.from({ length: high * wide }, (_, i) => {
    const row = Math.floor((Math.floor(i / wide) * rows) / high);
    return cell[row * columns + Math.floor(((i % wide) * columns) / wide)] as number;
  });
  return { dims, label, count: found.length + 1 };
}

function boxOf(
  cells: readonly number[],
  name: string,
  { map: { rows, columns }, volume }: { map: Grid; volume: Volume },
): Region {
  const [, sourceRows, sourceColumns] = volume.shape;
  const r = cells.map((i) => Math.floor(i / columns));
  const c = cells.map((i) => i % columns);
  return {
    name,
    frame: 0,
    left: (Math.min(...c) * sourceColumns) / columns,
    right: ((Math.max(...c) + 1) * sourceColumns) / columns,
    top: (Math.min(...r) * sourceRows) / rows,
    bottom: ((Math.max(...r) + 1) * sourceRows) / rows,
    meaning: 'Box around connected cells with at least half of the map’s maximum',
  };
}

function neighbours(cell: number, { rows, columns }: Grid): readonly number[] {
  const r = Math.floor(cell / columns);
  const c = cell % columns;
  return [
    ...(r > 0 ? [cell - columns] : []),
    ...(r < rows - 1 ? [cell + columns] : []),
    ...(c > 0 ? [cell - 1] : []),
    ...(c < columns - 1 ? [cell + 1] : []),
  ];
}
