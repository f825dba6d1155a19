import { useEffect, useState } from 'react';
import type { Host } from '../host.ts';

/** The host needs this long for the series that it lists itself, ms; after that twice as long each time. */
const PATIENCE_MS = 2_000;
const LONGEST_MS = 8_000;
/** So many times it was asked in vain before the reader is told. */
const TRIES = 3;

/**
 * Has the host read a series that came into the archive after the study was opened, for only then it can draw it; again until it has. Answers
 * whether that takes too long.
 */
export function useSeriesInHost(
  { services, readSeries }: Host,
  study: string,
  series: string | undefined,
): boolean {
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    setMissing(false);
    if (series === undefined) return;
    let tries = 0;
    let later: ReturnType<typeof setTimeout>;
    const look = () => {
      const isThere = services.displaySetService
        .getActiveDisplaySets()
        .some((set) => set.SeriesInstanceUID === series);
      setMissing(!isThere && tries >= TRIES);
      if (isThere) return;
      tries++;
      // An archive that did not answer may do so the next time.
      void readSeries(study, series).catch(() => undefined);
      later = setTimeout(look, Math.min(LONGEST_MS, PATIENCE_MS * 2 ** tries));
    };
    later = setTimeout(look, PATIENCE_MS);
    return () => clearTimeout(later);
  }, [services, readSeries, study, series]);
  return isMissing;
}
