export interface Kappa {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Pairs that said the same. */
  readonly agreed: number;
}

const Z = 1.959963984540054;

/**
 * Cohen's κ of two readers with its interval at 95 % (Cohen 1960; variance by Fleiss, Cohen and Everitt 1969). `table[i][j]`: how often the first said
 * i and the second j. Undefined with fewer than two pairs, or where chance alone would agree always, since then it is 0 / 0.
 */
export function kappa(table: readonly (readonly number[])[]): Kappa | undefined {
  const n = sum(table.map(sum));
  if (n < 2) return undefined;
  const p = table.map((row) => row.map((count) => count / n));
  const first = p.map(sum);
  const second = p.map((_, j) => sum(p.map((row) => row[j] ?? 0)));
  const observed = sum(p.map((row, i) => row[i] ?? 0));
  const byChance = sum(first.map((share, i) => share * (second[i] ?? 0)));
  if (1 - byChance < 1e-12) return undefined;
  const value = (observed - byChance) / (1 - byChance);
  const same = sum(first.map((a, i) => (p[i]?.[i] ?? 0) * (1 - (a + (second[i] ?? 0)) * (1 - value)) ** 2));
  const other =
    (1 - value) ** 2 *
    sum(
      p.flatMap((row, i) =>
        row.map((share, j) => (i === j ? 0 : share * ((second[i] ?? 0) + (first[j] ?? 0)) ** 2)),
      ),
    );
  const rest = (value - byChance * (1 - value)) ** 2;
  const error = Math.sqrt(Math.max(0, same + other - rest) / n) / (1 - byChance);
  return {
    value,
    low: value - Z * error,
    high: value + Z * error,
    n,
    agreed: Math.round(observed * n),
  };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
