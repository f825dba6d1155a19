import type { Dims } from './grid.ts';

/** Sets every label outside the largest 26-connected component of the non-zero voxels to 0, in place. Returns how many. */
export function keepLargestComponent(labels: Uint8Array, [d0, d1, d2]: Dims): number {
  const component = new Int32Array(labels.length);
  const stack: number[] = [];
  let largest = { id: 0, size: 0 };
  let count = 0;
  let foreground = 0;
  for (let seed = 0; seed < labels.length; seed++) {
    if (!labels[seed] || component[seed]) continue;
    count++;
    component[seed] = count;
    stack.push(seed);
    let size = 0;
    for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
      size++;
      const z = v % d2;
      const y = Math.floor(v / d2) % d1;
      const x = Math.floor(v / (d1 * d2));
      for (let i = Math.max(0, x - 1); i <= Math.min(d0 - 1, x + 1); i++) {
        for (let j = Math.max(0, y - 1); j <= Math.min(d1 - 1, y + 1); j++) {
          for (let k = Math.max(0, z - 1); k <= Math.min(d2 - 1, z + 1); k++) {
            const n = (i * d1 + j) * d2 + k;
            if (!labels[n] || component[n]) continue;
            component[n] = count;
            stack.push(n);
          }
        }
      }
    }
    foreground += size;
    if (size > largest.size) largest = { id: count, size };
  }
  for (let v = 0; v < labels.length; v++) if (labels[v] && component[v] !== largest.id) labels[v] = 0;
  return foreground - largest.size;
}
