import type { Proportion } from '../contract/figures.ts';

/** Of the standard normal distribution: 95 % lie within. */
const Z = 1.959963984540054;

/** k of n with Wilson's score interval at 95 % (Wilson 1927): never below 0 or above 1, and honest about few cases. */
export function proportion(k: number, n: number): Proportion {
  if (n === 0) return { k, n };
  const share = k / n;
  const middle = share + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  const whole = 1 + (Z * Z) / n;
  // At 0 and n the formula gives 0 and 1 but for rounding.
  return {
    k,
    n,
    share,
    low: k === 0 ? 0 : (middle - half) / whole,
    high: k === n ? 1 : (middle + half) / whole,
  };
}

/** Does the interval leave this share out? False of no cases. */
export const excludes = ({ low, high }: Proportion, share: number): boolean =>
  low !== undefined && high !== undefined && (share < low || share > high);
