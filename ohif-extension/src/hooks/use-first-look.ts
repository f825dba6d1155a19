import { useEffect } from 'react';
import type { Services } from '../host.ts';
import { jumpAtFirst } from '../lib/jump.ts';
import type { Region } from '../lib/result.ts';
import { useReadyViewport } from './use-ready-viewport.ts';

/** Not the event of a new image: the host says which image it is only after that. */
const RENDERED = 'CORNERSTONE_IMAGE_RENDERED';
/** What a reader does. */
const INPUT = ['pointerdown', 'wheel', 'keydown'] as const;

/**
 * Brings the region into view when the study opens, and again as often as the host starts at the first image anew: while it puts a stack up,
 * and when it has loaded masks. Ends with the first that the reader does. Answers the active viewport once it is ready.
 */
export function useFirstLook(services: Services, region: Region | undefined): string | undefined {
  const viewport = useReadyViewport(services);
  useEffect(() => {
    if (viewport === undefined || !region) return;
    const look = () => void jumpAtFirst(services, region);
    look();
    const { segmentationService, cornerstoneViewportService } = services;
    const loaded = segmentationService?.subscribe(
      segmentationService.EVENTS.SEGMENTATION_LOADING_COMPLETE ?? '',
      look,
    );
    const element = cornerstoneViewportService.getCornerstoneViewport(viewport)?.element;
    const leave = () => {
      element?.removeEventListener(RENDERED, look);
      for (const input of INPUT) document.removeEventListener(input, leave, { capture: true });
    };
    element?.addEventListener(RENDERED, look);
    for (const input of INPUT) document.addEventListener(input, leave, { capture: true });
    return () => {
      loaded?.unsubscribe();
      leave();
    };
  }, [services, region, viewport]);
  return viewport;
}
