import { useCallback, useEffect, useRef } from 'react';
import type { Services } from '../host.ts';
import { jumpAtFirst } from '../lib/jump.ts';
import type { Region } from '../lib/result.ts';
import { nothing, useViewports } from './use-viewports.ts';

/** What a reader does. */
const INPUT = ['pointerdown', 'wheel', 'keydown'] as const;

/**
 * Brings the regions into view when the study opens, and again as often as the host starts at the first image anew: while it puts a stack up,
 * and when it has loaded masks. Ends with the first that the reader does.
 */
export function useFirstLook(services: Services, regions: readonly Region[]): void {
  const hasBegun = useRef(false);
  useEffect(() => {
    const begin = () => {
      hasBegun.current = true;
    };
    for (const input of INPUT) document.addEventListener(input, begin, { capture: true });
    return () => {
      for (const input of INPUT) document.removeEventListener(input, begin, { capture: true });
    };
  }, []);
  // One after the other: each look makes the host render, and each rendering asks for a look.
  const looking = useRef<'no' | 'yes' | 'and again'>('no');
  const look = useCallback(() => {
    if (looking.current !== 'no') {
      looking.current = 'and again';
      return;
    }
    if (hasBegun.current || regions.length === 0) return;
    looking.current = 'yes';
    // The host says which image is new only after it has said that there is one.
    requestAnimationFrame(async () => {
      for (const region of regions)
        if (!hasBegun.current) await jumpAtFirst(services, region).catch(reportError);
      const isAsked = looking.current === 'and again';
      looking.current = 'no';
      if (isAsked) look();
    });
  }, [services, regions]);
  useViewports(services, look, nothing);
  const { segmentationService } = services;
  useEffect(() => {
    const loaded = segmentationService?.subscribe(
      segmentationService.EVENTS.SEGMENTATION_LOADING_COMPLETE ?? '',
      look,
    );
    return () => loaded?.unsubscribe();
  }, [segmentationService, look]);
}
