import { size } from './subject.ts';

/** A map [..space] on another grid over the same extent: multilinear between cell centres, edges repeated. */
export function enlarge(map: Float32Array, from: readonly number[], to: readonly number[]): Float32Array {
  const axes = from.map((n, axis) => {
    const wanted = to[axis] as number;
    return Array.from({ length: wanted }, (_, i) => {
      const at = Math.min(n - 1, Math.max(0, ((i + 0.5) * n) / wanted - 0.5));
      const cell = Math.min(Math.floor(at), Math.max(0, n - 2));
      return { cell, part: n === 1 ? 0 : at - cell };
    });
  });
  const strides = from.map((_, axis) => size(from.slice(axis + 1)));
  const out = new Float32Array(size(to));
  for (let i = 0; i < out.length; i++) {
    const places: { cell: number; part: number; stride: number }[] = [];
    let rest = i;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const n = to[axis] as number;
      const { cell, part } = (axes[axis] as { cell: number; part: number }[])[rest % n] as {
        cell: number;
        part: number;
      };
      places.push({ cell, part, stride: strides[axis] as number });
      rest = Math.floor(rest / n);
    }
    let value = 0;
    for (let corner = 0; corner < 2 ** places.length; corner++) {
      let weight = 1;
      let index = 0;
      for (const [k, { cell, part, stride }] of places.entries()) {
        const far = (corner >> k) & 1;
        weight *= far ? part : 1 - part;
        index += (cell + far) * stride;
      }
      if (weight > 0) value += weight * (map[index] as number);
    }
    out[i] = value;
  }
  return out;
}
