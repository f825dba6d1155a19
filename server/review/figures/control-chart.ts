/** Weeks that say what is usual, and how many cases they must hold together, before anything can be called unusual. */
const BASELINE_WEEKS = 8;
const LEAST_CASES = 50;

export interface WeekCount {
  readonly k: number;
  readonly n: number;
}

export interface Limits {
  readonly lower?: number;
  readonly upper?: number;
  readonly outside: boolean;
}

export interface ControlChart {
  /** Absent as long as too few weeks or cases say what is usual. */
  readonly baseline?: { readonly weeks: number; readonly mean: number };
  readonly limits: readonly Limits[];
}

/**
 * p chart (Shewhart 1931): the share of the first weeks that have cases, ± 3 σ for the count of each week. `weeks` in order of time. The weeks of the baseline
 * have limits too; none is judged without one.
 */
export function controlChart(weeks: readonly WeekCount[]): ControlChart {
  const first = weeks.filter(({ n }) => n > 0).slice(0, BASELINE_WEEKS);
  const n = first.reduce((total, week) => total + week.n, 0);
  if (first.length < BASELINE_WEEKS || n < LEAST_CASES)
    return { limits: weeks.map(() => ({ outside: false })) };
  const mean = first.reduce((total, { k }) => total + k, 0) / n;
  return {
    baseline: { weeks: first.length, mean },
    limits: weeks.map((week) => {
      if (week.n === 0) return { outside: false };
      const reach = 3 * Math.sqrt((mean * (1 - mean)) / week.n);
      const [lower, upper] = [Math.max(0, mean - reach), Math.min(1, mean + reach)];
      const share = week.k / week.n;
      return { lower, upper, outside: share < lower || share > upper };
    }),
  };
}
