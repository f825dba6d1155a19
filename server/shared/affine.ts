/** Affine maps of space as row-major 4 × 4 matrices, last row 0 0 0 1. */
export type Affine = readonly number[];
export type Point = readonly [number, number, number];

export const applyAffine = (m: Affine, [x, y, z]: Point): Point =>
  [0, 4, 8].map((r) => at(m, r) * x + at(m, r + 1) * y + at(m, r + 2) * z + at(m, r + 3)) as unknown as Point;

/** First `b`, then `a`. */
export const multiplyAffine = (a: Affine, b: Affine): Affine =>
  Array.from({ length: 16 }, (_, i) => {
    const row = i - (i % 4);
    return [0, 1, 2, 3].reduce((sum, k) => sum + at(a, row + k) * at(b, 4 * k + (i % 4)), 0);
  });

/** Throws RangeError when the map is singular. */
export function invertAffine(m: Affine): Affine {
  const minor = (r: number, c: number): number => {
    const rows = [0, 1, 2].filter((i) => i !== r);
    const columns = [0, 1, 2].filter((i) => i !== c);
    const [p, q] = rows as [number, number];
    const [s, t] = columns as [number, number];
    return at(m, 4 * p + s) * at(m, 4 * q + t) - at(m, 4 * p + t) * at(m, 4 * q + s);
  };
  const cofactor = (r: number, c: number): number => ((r + c) % 2 ? -1 : 1) * minor(r, c);
  const determinant = [0, 1, 2].reduce((sum, c) => sum + at(m, c) * cofactor(0, c), 0);
  if (Math.abs(determinant) < 1e-12) throw new RangeError('the affine map is singular');
  const linear = [0, 1, 2].map((r) => [0, 1, 2].map((c) => cofactor(c, r) / determinant));
  const shift = linear.map(
    (row) => -[0, 1, 2].reduce((sum, c) => sum + (row[c] as number) * at(m, 4 * c + 3), 0),
  );
  return [...linear.flatMap((row, r) => [...row, shift[r] as number]), 0, 0, 0, 1];
}

const at = (m: Affine, i: number): number => m[i] as number;
