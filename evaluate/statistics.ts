import { seededRandom } from '../server/shared/random.ts';

/** Mean with its 95 % bootstrap interval (percentiles of 2,000 resamples, fixed seed). */
export function bootstrapInterval(values: readonly number[]): { mean: number; low: number; high: number } {
  const random = seededRandom(1);
  const mean = (draw: (i: number) => number): number =>
    values.reduce((sum, _, i) => sum + draw(i), 0) / values.length;
  const means = Array.from({ length: 2000 }, () =>
    mean(() => values[Math.floor(random() * values.length)] as number),
  ).sort((a, b) => a - b);
  return { mean: mean((i) => values[i] as number), low: means[49] as number, high: means[1949] as number };
}
