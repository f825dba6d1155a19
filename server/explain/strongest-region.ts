import type { Region, Volume } from '../contracts.ts';

export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/**
 * The connected cells (4 neighbours) above half the map's maximum, around that maximum: their box in source pixels, and
 * `share`, their sum divided by all cells, in units of the logit. Undefined when no cell is positive.
 */
export function strongestRegion(map: Grid, volume: Volume): { region: Region; share: number } | undefined {
  const { rows, columns, data } = map;
  const peak = data.reduce((best, v, i) => (v > (data[best] as number) ? i : best), 0);
  const limit = (data[peak] as number) / 2;
  if (!(limit > 0)) return undefined;
  const cells = new Set([peak]);
  for (const cell of cells) {
    for (const next of neighbours(cell, rows, columns)) if ((data[next] as number) >= limit) cells.add(next);
  }
  const r = [...cells].map((c) => Math.floor(c / columns));
  const c = [...cells].map((i) => i % columns);
  const [, sourceRows, sourceColumns] = volume.shape;
  return {
    share: [...cells].reduce((sum, i) => sum + (data[i] as number), 0) / data.length,
    region: {
      name: 'A',
      frame: 0,
      left: (Math.min(...c) * sourceColumns) / columns,
      right: ((Math.max(...c) + 1) * sourceColumns) / columns,
      top: (Math.min(...r) * sourceRows) / rows,
      bottom: ((Math.max(...r) + 1) * sourceRows) / rows,
      meaning: 'Box around the connected cells above half the map’s maximum',
    },
  };
}

function neighbours(cell: number, rows: number, columns: number): readonly number[] {
  const r = Math.floor(cell / columns);
  const c = cell % columns;
  return [
    ...(r > 0 ? [cell - columns] : []),
    ...(r < rows - 1 ? [cell + columns] : []),
    ...(c > 0 ? [cell - 1] : []),
    ...(c < columns - 1 ? [cell + 1] : []),
  ];
}
