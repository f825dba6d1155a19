import { Fault } from '../shared/fault.ts';
import type { ReceptiveField } from './receptive-field.ts';
import { size } from './subject.ts';

/** A box of the space that is run, and the part of it, its core, whose results are those of the whole. */
export interface Tile {
  readonly start: readonly number[];
  readonly core: { readonly from: readonly number[]; readonly to: readonly number[] };
}

export interface Tiling {
  /** All tiles have one size, so that one compiled graph serves them. */
  readonly tile: readonly number[];
  readonly tiles: readonly Tile[];
}

/**
 * Overlapping boxes of about `edge` places whose cores cover the space once. A core is as far from the box's sides as the model
 * reads, unless the side is that of the space. Throws REQUEST_INVALID when the edge leaves no core.
 */
export function tilesOf(space: readonly number[], field: ReceptiveField, edge: number): Tiling {
  const axes = space.map((n, axis) =>
    alongAxis(n, edge, {
      before: field.before[axis] as number,
      after: field.after[axis] as number,
      stride: field.stride[axis] as number,
    }),
  );
  const pick = (parts: readonly Part[]): Tile => ({
    start: parts.map((p) => p.start),
    core: { from: parts.map((p) => p.from), to: parts.map((p) => p.to) },
  });
  const product = axes.reduce<readonly (readonly Part[])[]>(
    (all, { parts }) => all.flatMap((before) => parts.map((p) => [...before, p])),
    [[]],
  );
  return { tile: axes.map((a) => a.length), tiles: product.map(pick) };
}

/** Start of the box, and its core in places of the space. */
interface Part {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

function alongAxis(
  n: number,
  edge: number,
  { before, after, stride }: { before: number; after: number; stride: number },
): { readonly length: number; readonly parts: readonly Part[] } {
  if (edge >= n) return { length: n, parts: [{ start: 0, from: 0, to: n }] };
  // The last box ends with the space, and boxes start at multiples of the stride.
  const last = Math.ceil((n - edge) / stride) * stride;
  const length = n - last;
  const parts: Part[] = [];
  let from = 0;
  for (let start = 0; ; ) {
    const to = start === last ? n : start + length - after;
    if (to <= from)
      throw new Fault(
        'REQUEST_INVALID',
        `tiles of ${edge} are too small: the model reads ${before} places before and ${after} after each; take over ${before + after + stride}`,
      );
    parts.push({ start, from, to });
    if (start === last) return { length, parts };
    from = to;
    start = Math.min(last, Math.max(0, Math.floor((from - before) / stride) * stride));
  }
}

interface Box {
  readonly start: readonly number[];
  readonly dims: readonly number[];
}

/** A box of an array [c, …space] as an array of its own. */
export function cut(data: Float32Array, dims: readonly number[], { start, dims: box }: Box): Float32Array {
  const [channels = 1, ...space] = dims;
  const out = new Float32Array(channels * size(box));
  rows(space, { start, dims: box }, (at, inBox, length) => {
    for (let c = 0; c < channels; c++) {
      const from = c * size(space) + at;
      out.set(data.subarray(from, from + length), c * size(box) + inBox);
    }
  });
  return out;
}

/** Adds a box [c, …box] to an array [c, …space]. */
export function addTo(
  sum: Float32Array,
  dims: readonly number[],
  { start, dims: box, data }: Box & { readonly data: Float32Array },
): void {
  const [channels = 1, ...space] = dims;
  rows(space, { start, dims: box }, (at, inBox, length) => {
    for (let c = 0; c < channels; c++) {
      const to = c * size(space) + at;
      const from = c * size(box) + inBox;
      for (let i = 0; i < length; i++) sum[to + i] = (sum[to + i] as number) + (data[from + i] as number);
    }
  });
}

/** Each run along the last axis: where it begins in the space and in the box. */
export function rows(
  space: readonly number[],
  { start, dims: box }: Box,
  visit: (inSpace: number, inBox: number, length: number) => void,
): void {
  const length = box[box.length - 1] as number;
  const lines = size(box.slice(0, -1));
  for (let line = 0; line < lines; line++) {
    let rest = line;
    let at = start[start.length - 1] as number;
    for (let axis = box.length - 2, stride = space[space.length - 1] as number; axis >= 0; axis--) {
      const n = box[axis] as number;
      at += ((start[axis] as number) + (rest % n)) * stride;
      rest = Math.floor(rest / n);
      stride *= space[axis] as number;
    }
    visit(at, line * length, length);
  }
}
