import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { frameNumberOf, imageIdsOf, type Services, SOPInstanceUIDOf, type Viewport } from '../host.ts';
import { type Look, type Picture, paint } from '../lib/paint.ts';
import { drawRegions } from '../lib/region-layer.ts';
import type { Region } from '../lib/result.ts';
import { hidePicture, showPicture } from '../lib/stack-picture.ts';
import { frameFor, type ValueMap } from '../lib/value-map.ts';
import { hideVolume, releaseVolume, showVolume, type VolumeLook } from '../lib/volume-layer.ts';
import { useViewports } from './use-viewports.ts';

export interface MapOverlay {
  /** Undefined: no map is drawn. */
  readonly map?: ValueMap;
  readonly look: VolumeLook;
  readonly regions: readonly Region[];
}

/**
 * Draws map and regions over the images that they were computed for, and over no other. Answers whether the active viewport shows one of
 * those of the map; true without a map.
 */
export function useMapOverlay(services: Services, { map, look, regions }: MapOverlay): boolean {
  const [isCovered, setCovered] = useState(true);
  const pictureOf = useMemo(() => map && painter(map, look), [map, look]);
  const coverage = useRef(new Map<string, boolean>());
  const draw = useCallback(
    (viewport: Viewport) => {
      const image = shownImage(viewport);
      const frame = map && image ? frameFor(map, image.SOPInstanceUID, image.frame) : -1;
      const isInVolume = map !== undefined && viewport.type === 'orthographic' && isOf(map, viewport);
      if (isInVolume) showVolume(viewport, map, look);
      else hideVolume(viewport);
      if (viewport.type === 'stack') {
        if (pictureOf && frame >= 0) showPicture(viewport, pictureOf(frame), look.opacity);
        else hidePicture(viewport);
        drawRegions(
          viewport,
          regions.filter((region) => isOn(region, image)),
        );
      }
      const { activeViewportId } = services.viewportGridService.getState();
      coverage.current.set(
        viewport.id,
        !map || frame >= 0 || isInVolume || imageIdsOf(viewport).length === 0,
      );
      setCovered(coverage.current.get(activeViewportId ?? '') ?? true);
    },
    [services, map, pictureOf, look, regions],
  );
  useViewports(services, draw, clear);
  useEffect(() => (map ? () => releaseVolume(map) : undefined), [map]);
  return isCovered;
}

interface ShownImage {
  readonly SOPInstanceUID: string;
  readonly frame: number;
}

/** The image of a stack; a plane through a volume shows no single one. */
function shownImage(viewport: Viewport): ShownImage | undefined {
  const imageId = viewport.type === 'stack' ? viewport.getCurrentImageId?.() : undefined;
  const SOPInstanceUID = imageId && SOPInstanceUIDOf(imageId);
  return SOPInstanceUID ? { SOPInstanceUID, frame: frameNumberOf(imageId) } : undefined;
}

const isOn = (region: Region, image: ShownImage | undefined): boolean =>
  image !== undefined &&
  region.SOPInstanceUID === image.SOPInstanceUID &&
  (region.frame === undefined || region.frame === image.frame);

/** A volume viewport of the images that the map was computed for, in the same frame of reference. */
const isOf = (map: ValueMap, viewport: Viewport): boolean =>
  map.grid !== undefined &&
  viewport.getFrameOfReferenceUID?.() === map.grid.FrameOfReferenceUID &&
  imageIdsOf(viewport).some(
    (imageId) => frameFor(map, SOPInstanceUIDOf(imageId) ?? '', frameNumberOf(imageId)) >= 0,
  );

/** So many viewports may show frames of one map at once. */
const KEPT = 9;

/** Paints a frame once as long as it is shown. */
function painter(map: ValueMap, look: Look): (frame: number) => Picture {
  const kept = new Map<number, Picture>();
  return (frame) => {
    const picture = kept.get(frame) ?? paint(map, frame, look);
    kept.delete(frame);
    kept.set(frame, picture);
    for (const oldest of [...kept.keys()].slice(0, kept.size - KEPT)) kept.delete(oldest);
    return picture;
  };
}

function clear(viewport: Viewport): void {
  hideVolume(viewport);
  if (viewport.type !== 'stack') return;
  hidePicture(viewport);
  drawRegions(viewport, []);
}
