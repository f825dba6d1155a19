import type { Space } from '../models/reference.ts';
import { seededRandom } from '../shared/random.ts';

/** Directions at most: more would fit the noise of a few hundred images. */
const MOST = 32;
const ROUNDS = 60;

/**
 * The space of vectors of known images by probabilistic PCA (Tipping and Bishop 1999): principal directions by orthogonal iteration
 * on the covariance, the mean of the other variances as the rest. Limits are set later, on other images.
 */
export function fitSpace(vectors: readonly ArrayLike<number>[]): Omit<Space, 'usual' | 'limit'> {
  const n = vectors[0]?.length ?? 0;
  const count = Math.min(MOST, Math.floor(n / 4), Math.floor(vectors.length / 4));
  const mean = Array.from({ length: n }, (_, i) => average(vectors.map((v) => v[i] as number)));
  const covariance = covarianceOf(vectors, mean);
  const directions = principal(covariance, n, count);
  const variances = directions.map((u) => quadratic(covariance, u));
  const total = mean.reduce((sum, _, i) => sum + (covariance[i * n + i] as number), 0);
  const explained = variances.reduce((a, b) => a + b, 0);
  // What never varies must not make every difference infinite.
  const floor = Math.max(total / n, 1e-12) * 1e-4;
  return {
    mean: mean.map(short),
    directions: directions.map((u) => Array.from(u, short)),
    variances: variances.map((v) => short(Math.max(v, floor))),
    rest: short(Math.max((total - explained) / Math.max(1, n - count), floor)),
  };
}

/** Seven digits: what a float32 holds. */
const short = (v: number): number => Number(v.toPrecision(7));
const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function covarianceOf(vectors: readonly ArrayLike<number>[], mean: readonly number[]): Float64Array {
  const n = mean.length;
  const sums = new Float64Array(n * n);
  for (const vector of vectors) {
    const off = mean.map((m, i) => (vector[i] as number) - m);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++)
        sums[i * n + j] = (sums[i * n + j] as number) + (off[i] as number) * (off[j] as number);
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const v = (sums[i * n + j] as number) / vectors.length;
      sums[i * n + j] = v;
      sums[j * n + i] = v;
    }
  return sums;
}

/** The first eigenvectors: a random basis, multiplied and made orthogonal again and again (Gram–Schmidt). */
function principal(matrix: Float64Array, n: number, count: number): readonly Float64Array[] {
  const random = seededRandom(1);
  let basis = orthogonal(
    Array.from({ length: count }, () => Float64Array.from({ length: n }, () => random() - 0.5)),
  );
  for (let round = 0; round < ROUNDS; round++) basis = orthogonal(basis.map((u) => times(matrix, u)));
  return basis;
}

function orthogonal(vectors: readonly Float64Array[]): readonly Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    // Twice is enough: once leaves what rounding left.
    for (let pass = 0; pass < 2; pass++)
      for (const u of done) {
        const along = dot(u, vector);
        for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - along * (u[i] as number);
      }
    const length = Math.sqrt(dot(vector, vector)) || 1;
    done.push(vector.map((v) => v / length));
  }
  return done;
}

function times(matrix: Float64Array, u: Float64Array): Float64Array {
  const n = u.length;
  return Float64Array.from({ length: n }, (_, i) => dot(matrix.subarray(i * n, (i + 1) * n), u));
}

const quadratic = (matrix: Float64Array, u: Float64Array): number => dot(u, times(matrix, u));

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
