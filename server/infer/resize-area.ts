import type { Dims } from './grid.ts';

/** A plane of pixels, row-major. */
export interface Plane {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/**
 * Each output pixel is the mean of the input area that it covers, edges weighted by their share; the aspect ratio is not
 * kept. Exact for shrinking and for enlarging (then it repeats pixels).
 */
export function resizeArea(image: Plane, rows: number, columns: number): Plane {
  const across = coverage(image.columns, columns);
  const down = coverage(image.rows, rows);
  const half = new Float64Array(image.rows * columns);
  for (let r = 0; r < image.rows; r++) {
    for (let c = 0; c < columns; c++) {
      half[r * columns + c] = weighted(across[c] as Span, (k) => image.data[r * image.columns + k] as number);
    }
  }
  const data = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      data[r * columns + c] = weighted(down[r] as Span, (k) => half[k * columns + c] as number);
    }
  }
  return { rows, columns, data };
}

/** A volume [i, j, k] in another number of voxels, each the mean of what it covers. */
export function spread(data: Float32Array | Uint8Array, from: Dims, to: Dims): Float32Array {
  const shape: [number, number, number] = [...from];
  let values: Float32Array | Uint8Array = data;
  for (const axis of [2, 1, 0] as const) {
    values = alongAxis(values, shape, axis, to[axis]);
    shape[axis] = to[axis];
  }
  return new Float32Array(values);
}

function alongAxis(data: Float32Array | Uint8Array, shape: Dims, axis: 0 | 1 | 2, to: number): Float32Array {
  const spans = coverage(shape[axis], to);
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const out = new Float32Array(outer * to * inner);
  for (let o = 0, at = 0; o < outer; o++) {
    for (const span of spans) {
      const base = o * shape[axis] * inner;
      for (let i = 0; i < inner; i++) {
        out[at++] = weighted(span, (k) => data[base + k * inner + i] as number);
      }
    }
  }
  return out;
}

/** Input cells from `start`, with their weights (sum 1). */
interface Span {
  readonly start: number;
  readonly weights: readonly number[];
}

function coverage(from: number, to: number): readonly Span[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const begin = i * scale;
    const end = (i + 1) * scale;
    const start = Math.floor(begin);
    const stop = Math.min(from, Math.ceil(end - 1e-9));
    const covered = Array.from(
      { length: stop - start },
      (_, k) => Math.min(end, start + k + 1) - Math.max(begin, start + k),
    );
    const total = covered.reduce((a, b) => a + b, 0);
    return { start, weights: covered.map((w) => w / total) };
  });
}

const weighted = ({ start, weights }: Span, at: (k: number) => number): number =>
  weights.reduce((sum, w, k) => sum + w * at(start + k), 0);
