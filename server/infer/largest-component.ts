import type { Dims } from './grid.ts';

/** Sets every label outside the largest 26-connected component of the non-zero voxels to 0, in place. Returns how many. */
export function keepLargestComponent(labels: Uint8Array, dims: Dims): number {
  const runs = runsOf(labels, dims);
  const { from, to } = runs;
  const firstOf = joined(runs, dims);
  const sizes = new Int32Array(from.length);
  for (let run = 0; run < from.length; run++)
    sizes[firstOf(run)] = (sizes[firstOf(run)] as number) + (to[run] as number) - (from[run] as number);
  // Of equals the first.
  const largest = sizes.reduce((best, size, run) => (size > (sizes[best] as number) ? run : best), 0);
  let removed = 0;
  for (let run = 0; run < from.length; run++) {
    if (firstOf(run) === largest) continue;
    removed += (to[run] as number) - (from[run] as number);
    labels.fill(0, from[run], to[run]);
  }
  return removed;
}

/** The non-zero voxels as runs along the last axis, by place in the grid. */
interface Runs {
  readonly from: readonly number[];
  /** One behind the last voxel. */
  readonly to: readonly number[];
  /** First run of each row [i, j], and how many there are. */
  readonly rows: Int32Array;
}

function runsOf(labels: Uint8Array, [d0, d1, d2]: Dims): Runs {
  const from: number[] = [];
  const to: number[] = [];
  const rows = new Int32Array(d0 * d1 + 1);
  for (let row = 0, at = 0; row < d0 * d1; row++) {
    rows[row] = from.length;
    for (const end = at + d2; at < end; ) {
      while (at < end && labels[at] === 0) at++;
      if (at === end) break;
      from.push(at);
      while (at < end && labels[at] !== 0) at++;
      to.push(at);
    }
  }
  rows[d0 * d1] = from.length;
  return { from, to, rows };
}

/** Which run is the first that a run hangs together with. */
function joined({ from, to, rows }: Runs, [d0, d1, d2]: Dims): (run: number) => number {
  const before = Int32Array.from(from.keys());
  const firstOf = (run: number): number => {
    let first = run;
    while (before[first] !== first) {
      before[first] = before[before[first] as number] as number;
      first = before[first] as number;
    }
    return first;
  };
  /** The runs of two rows that touch, corners too; `apart` is from one row's begin to the other's. */
  const join = (row: number, other: number, apart: number): void => {
    let [a, b] = [rows[row] as number, rows[other] as number];
    while (a < (rows[row + 1] as number) && b < (rows[other + 1] as number)) {
      const [endA, endB] = [(to[a] as number) - apart, to[b] as number];
      if ((from[b] as number) <= endA && (from[a] as number) - apart <= endB) {
        const [one, two] = [firstOf(a), firstOf(b)];
        before[Math.max(one, two)] = Math.min(one, two);
      }
      if (endA < endB) a++;
      else b++;
    }
  };
  for (let i = 0, row = 0; i < d0; i++)
    for (let j = 0; j < d1; j++, row++) {
      if (j > 0) join(row, row - 1, d2);
      if (i === 0) continue;
      for (let o = Math.max(0, j - 1); o <= Math.min(d1 - 1, j + 1); o++)
        join(row, row - d1 + o - j, (d1 - o + j) * d2);
    }
  return firstOf;
}
