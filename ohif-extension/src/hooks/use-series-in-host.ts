import { useEffect } from 'react';
import type { Host } from '../host.ts';

/** The host needs this long for the series that it lists itself, ms. */
const PATIENCE_MS = 2_000;

/** Has the host read a series that came into the archive after the study was opened: only then it can draw it. */
export function useSeriesInHost(
  { services, readSeries }: Host,
  study: string,
  series: string | undefined,
): void {
  useEffect(() => {
    if (series === undefined) return;
    const later = setTimeout(() => {
      const isThere = services.displaySetService
        .getActiveDisplaySets()
        .some((set) => set.SeriesInstanceUID === series);
      if (!isThere) void readSeries(study, series).catch(() => undefined);
    }, PATIENCE_MS);
    return () => clearTimeout(later);
  }, [services, readSeries, study, series]);
}
