/** About begin + step · n, to be from 0 to `most`. */
export type Line = readonly [begin: number, step: number, most: number];

/**
 * The whole numbers from 0 to `count` − 1 that are inside: first and last, 0 and −1 for none. They are one stretch, since they lie on
 * straight lines; the lines say about where it ends, to within one, and `isIn` to the last bit. What loops over it need not ask again.
 */
export function stretch(
  count: number,
  lines: readonly Line[],
  isIn: (n: number) => boolean,
): readonly [from: number, to: number] {
  let [from, to] = [0, count - 1];
  for (const [begin, step, most] of lines) {
    if (Math.abs(step) < 1e-12) {
      if (begin < -1 || begin > most + 1) return NONE;
      continue;
    }
    const [one, other] = [-begin / step, (most - begin) / step];
    from = Math.max(from, Math.floor(Math.min(one, other)) - 1);
    to = Math.min(to, Math.ceil(Math.max(one, other)) + 1);
  }
  while (from <= to && !isIn(from)) from++;
  while (from <= to && !isIn(to)) to--;
  return from <= to ? [from, to] : NONE;
}

const NONE = [0, -1] as const;
