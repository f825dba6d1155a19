import { CLOSE_CALL, type SegmentFinding, type Volume } from '../contracts.ts';
import type { Decided } from './decide.ts';
import type { Grid } from './grid.ts';

/** Voxels of one label on the model's grid. */
export interface Calls {
  own: number;
  /** Its own that nearly went to another. */
  close: number;
  /** Others' that nearly came to it. */
  nearly: number;
}

/** The close calls of each label, 0 to `channels` − 1, where the source is: what was padded around it is nobody's. */
export function closeCalls(
  { labels, margin, next }: Decided,
  channels: number,
  isInside: Inside,
): readonly Calls[] {
  const calls = Array.from({ length: channels }, (): Calls => ({ own: 0, close: 0, nearly: 0 }));
  for (let v = 0; v < labels.length; v++) {
    const label = labels[v] as number;
    const isClose = (margin[v] as number) < CLOSE_CALL;
    // Most of a grid is plain background, and of that nothing is said.
    if ((label === 0 && !isClose) || !isInside(v)) continue;
    const own = calls[label] as Calls;
    own.own++;
    if (!isClose) continue;
    own.close++;
    // What was removed as an island is background now, and its next label may be that too.
    if (next[v] !== label) (calls[next[v] as number] as Calls).nearly++;
  }
  return calls;
}

type Inside = (v: number) => boolean;

/** Whether a voxel of the model's grid, by its place in it, lies in the source. */
export function insideOf({ shape: [frames, rows, columns], geometry }: Volume, grid: Grid): Inside {
  const [, nj, nk] = grid.shape;
  const last = geometry?.frameAt?.[frames - 1] ?? frames - 1;
  const within = (at: number, most: number): boolean => at >= -0.5 && at < most + 0.5;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, p = 0, q = 0, r = 0, s = 0] = grid.toSource;
  return (v) => {
    const row = Math.floor(v / nk);
    const [i, j, k] = [Math.floor(row / nj), row % nj, v % nk];
    return (
      within(a * i + b * j + c * k + d, columns - 1) &&
      within(e * i + f * j + g * k + h, rows - 1) &&
      within(p * i + q * j + r * k + s, last)
    );
  };
}

/** The volume on the source's grid, less and more by the shares of close calls on the model's. */
export const intervalOf = (
  { volumeMm3 }: SegmentFinding,
  { own, close, nearly }: Calls,
): Pick<SegmentFinding, 'volumeInterval'> =>
  own > 0 && volumeMm3 > 0
    ? { volumeInterval: [volumeMm3 * (1 - close / own), volumeMm3 * (1 + nearly / own)] }
    : {};
