import type { Calibration } from '../models/scores.ts';

/** The probability that the package's calibration gives a raw score, 0..1. */
export function calibrate(score: number, calibration: Calibration): number {
  switch (calibration.method) {
    case 'temperature': {
      // By odds, so that scores of 0 and 1 stay what they are.
      const odds = (score / (1 - score)) ** (1 / calibration.temperature);
      return score === 1 ? 1 : odds / (1 + odds);
    }
    case 'isotonic':
      return between(score, calibration.knots);
  }
}

function between(score: number, knots: readonly (readonly [number, number])[]): number {
  const next = knots.findIndex(([at]) => at >= score);
  const [high, low] = [knots[next], knots[next - 1]];
  if (!high) return (knots.at(-1) as readonly [number, number])[1];
  if (!low) return high[1];
  return low[1] + ((score - low[0]) / (high[0] - low[0])) * (high[1] - low[1]);
}
