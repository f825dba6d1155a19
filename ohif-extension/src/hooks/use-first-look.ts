import { useEffect } from 'react';
import type { Services } from '../host.ts';
import { jumpAtFirst } from '../lib/jump.ts';
import type { Region } from '../lib/result.ts';
import { useReadyViewport } from './use-ready-viewport.ts';

/**
 * Brings the region into view when the study opens, and again when the host has loaded masks, for then it starts at the
 * first image anew. Answers the active viewport once it is ready.
 */
export function useFirstLook(services: Services, region: Region | undefined): string | undefined {
  const viewport = useReadyViewport(services);
  useEffect(() => {
    if (viewport === undefined || !region) return;
    const look = () => void jumpAtFirst(services, region);
    look();
    const { segmentationService } = services;
    const loaded = segmentationService?.subscribe(
      segmentationService.EVENTS.SEGMENTATION_LOADING_COMPLETE ?? '',
      look,
    );
    return () => loaded?.unsubscribe();
  }, [services, region, viewport]);
  return viewport;
}
