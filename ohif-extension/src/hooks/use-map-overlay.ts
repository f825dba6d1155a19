import { useCallback, useMemo } from 'react';
import { type Services, SOPInstanceUIDOf, type Viewport } from '../host.ts';
import { drawRegions } from '../lib/region-layer.ts';
import type { Region } from '../lib/result.ts';
import { hidePicture, showPicture } from '../lib/stack-picture.ts';
import { paint, type ValueMap } from '../lib/value-map.ts';
import { useViewports } from './use-viewports.ts';

/** Longest side of the painted map: beyond it the graphics card interpolates well enough. */
const PAINTED = 448;

export interface MapOverlay {
  /** Undefined: no map is drawn. */
  readonly map?: ValueMap;
  readonly threshold: number;
  /** 0..1 */
  readonly opacity: number;
  readonly regions: readonly Region[];
}

/** Draws map and regions over the images that they were computed for, and over no other. */
export function useMapOverlay(services: Services, { map, threshold, opacity, regions }: MapOverlay): void {
  const picture = useMemo(
    () =>
      map &&
      paint(map, { threshold, scale: Math.max(1, Math.floor(PAINTED / Math.max(map.rows, map.columns))) }),
    [map, threshold],
  );
  const draw = useCallback(
    (viewport: Viewport) => {
      if (viewport.type !== 'stack') return;
      const imageId = viewport.getCurrentImageId?.();
      const shown = imageId && SOPInstanceUIDOf(imageId);
      if (map && picture && shown === map.SOPInstanceUID) showPicture(viewport, picture, opacity);
      else hidePicture(viewport);
      drawRegions(
        viewport,
        regions.filter((region) => region.SOPInstanceUID === shown),
      );
    },
    [map, picture, opacity, regions],
  );
  useViewports(services, draw, clear);
}

function clear(viewport: Viewport): void {
  if (viewport.type !== 'stack') return;
  hidePicture(viewport);
  drawRegions(viewport, []);
}
