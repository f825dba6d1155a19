import { size } from './subject.ts';

/** A map [..space] on another grid over the same extent: multilinear between cell centres, edges repeated. */
export const enlarge = (map: Float32Array, from: readonly number[], to: readonly number[]): Float32Array =>
  interpolate(
    map,
    from,
    to.map((n, axis) => centresOf(from[axis] as number, n)),
  );

/** Where an output place lies between two neighbouring cells: in `cell` + `part`, 0 ≤ part ≤ 1. */
export interface Place {
  readonly cell: number;
  readonly part: number;
}

/** Multilinear interpolation on a grid, axis by axis; `axes` says for each axis where its output places lie. */
export function interpolate(
  grid: Float32Array,
  dims: readonly number[],
  axes: readonly (readonly Place[])[],
): Float32Array {
  let data = grid;
  const now = [...dims];
  for (const [axis, places] of axes.entries()) {
    const before = now[axis] as number;
    const inner = size(now.slice(axis + 1));
    const outer = size(now.slice(0, axis));
    const next = new Float32Array(outer * places.length * inner);
    for (let o = 0; o < outer; o++) {
      for (const [p, { cell, part }] of places.entries()) {
        const near = (o * before + cell) * inner;
        const far = (o * before + Math.min(before - 1, cell + 1)) * inner;
        const out = (o * places.length + p) * inner;
        for (let i = 0; i < inner; i++) {
          next[out + i] = (1 - part) * (data[near + i] as number) + part * (data[far + i] as number);
        }
      }
    }
    data = next;
    now[axis] = places.length;
  }
  return data;
}

/** Centres of `to` places over `from` cells. */
const centresOf = (from: number, to: number): readonly Place[] =>
  Array.from({ length: to }, (_, i) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const cell = Math.min(Math.floor(at), Math.max(0, from - 2));
    return { cell, part: from === 1 ? 0 : at - cell };
  });
