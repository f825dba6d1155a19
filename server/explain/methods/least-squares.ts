export interface FitOptions {
  /** One for each row. */
  readonly weights: readonly number[];
  /** Added to the diagonal of the normal equations. */
  readonly ridge: number;
}

/** β that minimises Σ wᵢ (yᵢ − xᵢ·β)² + ridge·|β|², by the normal equations and Cholesky decomposition. */
export function weightedLeastSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  { weights, ridge }: FitOptions,
): readonly number[] {
  const n = rows[0]?.length ?? 0;
  const matrix = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => (i === j ? ridge : 0)),
  );
  const right = new Float64Array(n);
  for (const [r, row] of rows.entries()) {
    const w = weights[r] as number;
    for (let i = 0; i < n; i++) {
      const x = w * (row[i] as number);
      if (x === 0) continue;
      right[i] = (right[i] as number) + x * (values[r] as number);
      const line = matrix[i] as Float64Array;
      for (let j = 0; j <= i; j++) line[j] = (line[j] as number) + x * (row[j] as number);
    }
  }
  return solve(matrix, right);
}

/** Solves A x = b for a symmetric positive definite A of which the lower half is given; A and b are overwritten. */
function solve(a: Float64Array[], b: Float64Array): readonly number[] {
  const n = b.length;
  const at = (i: number, j: number): number => (a[i] as Float64Array)[j] as number;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(i, j);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      (a[i] as Float64Array)[j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / at(j, j);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i] = (b[i] as number) - at(i, k) * (b[k] as number);
    b[i] = (b[i] as number) / at(i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] = (b[i] as number) - at(k, i) * (b[k] as number);
    b[i] = (b[i] as number) / at(i, i);
  }
  return [...b];
}
