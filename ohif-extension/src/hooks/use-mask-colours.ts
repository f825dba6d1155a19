import { useEffect, useState } from 'react';
import type { Services } from '../host.ts';
import { maskSetOf } from '../lib/mask-set.ts';
import type { Finding, Result } from '../lib/result.ts';
import { useReadyViewport } from './use-ready-viewport.ts';

const NONE: ReadonlyMap<Finding, string> = new Map();

/** The colours in which the host draws the masks of findings; none before it has loaded them. */
export function useMaskColours(services: Services, { findings }: Result): ReadonlyMap<Finding, string> {
  const viewport = useReadyViewport(services);
  const [colours, setColours] = useState(NONE);
  const { segmentationService, displaySetService } = services;
  useEffect(() => {
    if (!segmentationService || !viewport || !findings.some(({ segment }) => segment)) return;
    const read = () => {
      const sets = displaySetService.getActiveDisplaySets();
      const found = findings.flatMap((finding): readonly [Finding, string][] => {
        const set = maskSetOf(sets, finding.segment);
        if (!set || !finding.segment) return [];
        // The host throws while a segmentation has no colours yet.
        try {
          const { displaySetInstanceUID: id } = set;
          const [r, g, b] = segmentationService.getSegmentColor(viewport, id, finding.segment.number);
          return [[finding, `rgb(${r} ${g} ${b})`]];
        } catch {
          return [];
        }
      });
      setColours(new Map(found));
    };
    const drawn = segmentationService.subscribe(
      segmentationService.EVENTS.SEGMENTATION_REPRESENTATION_MODIFIED ?? '',
      read,
    );
    return () => drawn.unsubscribe();
  }, [segmentationService, displaySetService, viewport, findings]);
  return colours;
}
