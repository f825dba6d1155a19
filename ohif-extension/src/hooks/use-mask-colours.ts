import { useEffect, useState } from 'react';
import type { Services } from '../host.ts';
import type { Result } from '../lib/result.ts';
import { useReadyViewport } from './use-ready-viewport.ts';

const NONE: ReadonlyMap<number, string> = new Map();

/** The colours in which the host draws a result's masks, by segment number; none before it has loaded them. */
export function useMaskColours(services: Services, { findings }: Result): ReadonlyMap<number, string> {
  const viewport = useReadyViewport(services);
  const [colours, setColours] = useState(NONE);
  const { segmentationService, displaySetService } = services;
  useEffect(() => {
    const segments = findings.flatMap((finding) => finding.segment ?? []);
    if (!segmentationService || !viewport || segments.length === 0) return;
    const read = () => {
      const set = displaySetService
        .getActiveDisplaySets()
        .find(({ SeriesInstanceUID }) => SeriesInstanceUID === segments[0]?.SeriesInstanceUID);
      if (!set) return;
      const found = segments.map(({ number }): [number, string] => {
        const [r, g, b] = segmentationService.getSegmentColor(viewport, set.displaySetInstanceUID, number);
        return [number, `rgb(${r} ${g} ${b})`];
      });
      setColours(new Map(found));
    };
    const drawn = segmentationService.subscribe(
      segmentationService.EVENTS.SEGMENTATION_REPRESENTATION_MODIFIED ?? '',
      () => {
        // The host throws while a segmentation has no colours yet.
        try {
          read();
        } catch {
          setColours(NONE);
        }
      },
    );
    return () => drawn.unsubscribe();
  }, [segmentationService, displaySetService, viewport, findings]);
  return colours;
}
