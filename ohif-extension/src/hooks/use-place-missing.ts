import { useEffect, useState } from 'react';
import type { DisplaySet, Services } from '../host.ts';
import type { Region } from '../lib/result.ts';
import { useDisplaySets } from './use-display-sets.ts';

/** The host may be reading the series, ms. */
const PATIENCE = 2_000;

/** Whether one of the regions is on no image that the host has: another image, another frame, or beyond its edges. */
export function usePlaceMissing(services: Services, regions: readonly Region[]): boolean {
  const sets = useDisplaySets(services);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    setMissing(false);
    if (regions.every((region) => isHere(sets, region))) return;
    const later = setTimeout(() => setMissing(true), PATIENCE);
    return () => clearTimeout(later);
  }, [sets, regions]);
  return isMissing;
}

const isHere = (sets: readonly DisplaySet[], { SOPInstanceUID, frame = 1, points }: Region): boolean =>
  sets.some(({ instances }) =>
    instances?.some((image) => {
      if (image.SOPInstanceUID !== SOPInstanceUID) return false;
      const [columns, rows] = [extent(image.Columns), extent(image.Rows)];
      const isOn = points.some(
        ([column, row]) => column >= 0 && column <= columns && row >= 0 && row <= rows,
      );
      return isOn && frame >= 1 && frame <= (Number(image.NumberOfFrames) || 1);
    }),
  );

const extent = (said: unknown): number => Number(said) || Number.POSITIVE_INFINITY;
